"""The report of a run: complete, harmless, and honest about what is missing."""

from __future__ import annotations

import json
import math
import re
import shutil
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from nlpx.cli.main import run as nlpx
from nlpx.cli.report import command
from nlpx.report.page import report
from nlpx.report.written import write_report
from nlpx.runs.directory import RunDirectory
from nlpx.tasks.digits.config import Digits
from nlpx.workflow.corpus import open_corpus
from tests.report.pages import Page
from tests.runs.making import couplet, make_run

HOSTILE = "<script>alert(1)</script>&\"'\u202e\x1b[31m春"


@pytest.fixture
def tagged(finished: Path, tmp_path: Path) -> RunDirectory:
    """A copy of the run of segmentation."""
    shutil.copytree(finished / "segmentation" / "tiny", tmp_path / "tiny")
    return RunDirectory.open(tmp_path / "tiny")


def test_a_finished_run_has_every_part(tagged: RunDirectory) -> None:
    page = Page(report(tagged))
    assert page.sections() == ["results", "curves", "cases", "slices", "samples", "what-was-run"]
    assert page.loaded() == []
    assert not page.said("What is missing")
    assert not page.said("cannot be made")
    assert page.said("研究生命的起源")
    assert page.said("model.embedding.dim")
    assert [tag for tag, _ in page.tags].count("svg") > 8
    assert {"del", "ins"} <= {tag for tag, _ in page.tags}


def test_values_and_intervals_are_those_of_the_evaluation(tagged: RunDirectory) -> None:
    metrics = json.loads(tagged.eval_path("test").read_text(encoding="utf-8"))["metrics"]
    text = report(tagged)
    (row,) = re.findall(r"<tr><td><span[^>]*>f1 ↑</span></td><td class=\"number\">(.*?)</td>", text)
    value, low, high = map(float, re.findall(r"[\d.]+", re.sub("<.*?>", "", row)))
    assert value == pytest.approx(metrics["f1"], abs=1e-4)
    assert low < value < high


def test_texts_of_a_run_are_texts(tmp_path: Path) -> None:
    run = make_run(
        tmp_path,
        experiment=couplet(data={"max_length": 60}, samples=[HOSTILE]),
        valid={100: 5.0, 200: math.nan, 300: 4.0},
        best=300,
        test={"nll": 4.25, HOSTILE: 1.0, f"{HOSTILE}/nll": 2.0},
    )
    with run.samples.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"step": 300, "text": HOSTILE, "answer": HOSTILE}) + "\n")
    row = {
        "upper": HOSTILE,
        "reference": HOSTILE,
        "answer": HOSTILE[::-1],
        "nll": 3.0,
        "characters": 9,
        "group": [HOSTILE],
    }
    run.predictions_path("test").write_text((json.dumps(row) + "\n") * 50, encoding="utf-8")
    text = report(run)
    page = Page(text)
    assert page.loaded() == []
    assert "script" not in {tag for tag, _ in page.tags}
    assert "\u202e" not in text and "\x1b" not in text
    assert "cases" in page.sections()
    assert page.said("<script>alert(1)</script>&\"'\\u202e\\x1b[31m春")


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (
            "interrupted",
            "the run is interrupted: this is what it had recorded until then. Resume it: nlpx train",
        ),
        ("failed", "the run is failed"),
        ("diverged", "the run diverged"),
        ("running", "the run is killed"),
    ],
)
def test_a_run_that_did_not_finish(tmp_path: Path, status: str, said: str) -> None:
    run = make_run(tmp_path, status=status, valid={100: 5.0}, best=100)  # type: ignore[arg-type]
    page = Page(report(run))
    assert page.said("What is missing")
    assert page.said(said)
    assert page.said("there is no evaluation. Make one: nlpx eval")
    assert "curves" in page.sections()


def test_a_run_that_recorded_nothing(tmp_path: Path) -> None:
    page = Page(report(make_run(tmp_path, status="failed")))
    assert page.sections() == ["what-was-run"]
    assert page.said("nothing was recorded")


def test_numbers_that_are_not_finite_break_their_curve(tmp_path: Path) -> None:
    run = make_run(tmp_path, valid={100: 5.0, 200: 4.0}, best=200)
    with run.metrics_jsonl.open("a", encoding="utf-8") as file:
        file.write('{"step": 300, "epoch": 3.0, "train/loss": null}\n')
        file.write('{"step": 400, "epoch": 4.0, "train/loss": 3.0}\n{"step": 500, "tra')
    page = Page(report(run))
    assert page.said("train/loss: 1 of 4 recorded numbers are not finite; the curve is broken there.")


def test_a_damaged_line_costs_that_line(tmp_path: Path) -> None:
    run = make_run(tmp_path, valid={100: 5.0, 200: 4.0}, best=200)
    lines = run.metrics_jsonl.read_text(encoding="utf-8").splitlines(keepends=True)
    run.metrics_jsonl.write_text("".join([lines[0], "{broken\n", *lines[1:]]), encoding="utf-8")
    page = Page(report(run))
    assert page.said("metrics.jsonl:2: damaged: not JSON")
    assert "curves" in page.sections()


def test_predictions_of_another_evaluation_give_no_intervals(tagged: RunDirectory) -> None:
    path = tagged.predictions_path("test")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[1:]), encoding="utf-8")
    page = Page(report(tagged))
    assert page.said(f"has {len(lines) - 1} rows, but test was evaluated on {len(lines)}")
    assert page.said("There are no intervals, because the rows of the evaluation cannot be read.")
    assert "cases" not in page.sections()


def test_a_value_that_its_rows_do_not_give_has_no_interval(tagged: RunDirectory) -> None:
    stored = json.loads(tagged.eval_path("test").read_text(encoding="utf-8"))
    stored["metrics"]["f1"] += 0.01
    tagged.eval_path("test").write_text(json.dumps(stored), encoding="utf-8")
    page = Page(report(tagged))
    assert page.said("Without interval: f1, because the rows that were stored do not give this value.")


def test_a_part_that_fails_costs_that_part(tmp_path: Path) -> None:
    run = make_run(tmp_path, valid={100: 5.0, 200: 4.0}, best=200)
    with run.metrics_jsonl.open("a", encoding="utf-8") as file:
        file.write('{"step": 1e999, "epoch": 3.0, "train/loss": 1.0}\n')
    page = Page(report(run))
    assert page.said("This part cannot be made: ")
    assert "what-was-run" in page.sections()


def test_images_of_cases(tmp_path: Path) -> None:
    digits = Digits.model_validate({"task": "digits"})
    run = make_run(tmp_path, experiment=digits, valid={100: 5.0}, best=100, test={"accuracy": 0.5})
    rows: list[Any] = list(islice(open_corpus(digits).rows("test"), 50))
    lines = [
        {
            "image": row.where,
            "reference": row.label,
            "prediction": "3",
            "scores": {"3": 0.5},
            "rank": 1,
            "group": [],
        }
        for row in rows
    ]
    run.predictions_path("test").write_text(
        "".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8"
    )
    page = Page(report(run))
    images = [attributes for tag, attributes in page.tags if tag == "img"]
    assert len({image["src"] for image in images}) >= 40
    assert {str(image["alt"]) for image in images} <= {row.where for row in rows}


def test_images_of_own_data_are_only_read_when_asked_for(tmp_path: Path) -> None:
    source = {"type": "folders", "train": "photos", "valid": "photos", "test": "photos"}
    folders = Digits.model_validate({"task": "digits", "data": {"root": str(tmp_path), "source": source}})
    run = make_run(tmp_path, experiment=folders, valid={100: 5.0}, best=100, test={"accuracy": 0.5})
    line = {
        "image": "photos/a.png",
        "reference": "3",
        "prediction": "3",
        "scores": {"3": 0.5},
        "rank": 1,
        "group": [],
    }
    run.predictions_path("test").write_text((json.dumps(line) + "\n") * 50, encoding="utf-8")
    assert Page(report(run)).said("Images are shown with nlpx report --read-data")
    assert Page(report(run, read_data=True)).said("There are no images: ")


class TestCommand:
    def test_the_default_is_a_file_in_the_run(self, tmp_path: Path) -> None:
        run = make_run(tmp_path, valid={100: 5.0}, best=100)
        result = CliRunner().invoke(command, [str(run.path)])
        assert result.exit_code == 0
        assert result.stdout == f"{run.report}\n"
        assert Page(run.report.read_text(encoding="utf-8")).said(run.id)

    @pytest.mark.parametrize("name", ["snapshot.json", "metrics.jsonl"])
    def test_files_of_the_run_are_not_overwritten(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
    ) -> None:
        run = make_run(tmp_path, valid={100: 5.0}, best=100)
        before = (run.path / name).read_bytes()
        assert nlpx(["report", str(run.path), "-o", str(run.path / name)]) == 2
        assert "this is the same file as" in capsys.readouterr().err
        assert (run.path / name).read_bytes() == before


class TestAfterTraining:
    def test_it_is_written(self, tagged: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("NLPX_REPORT")
        said: list[str] = []
        write_report(tagged, said.append)
        assert said == [f"report {tagged.report}"]
        assert Page(tagged.report.read_text(encoding="utf-8")).said(tagged.id)

    def test_a_failure_is_only_told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        run = make_run(tmp_path)
        run.report.mkdir()
        said: list[str] = []
        for variable in ("auto", "always", "never"):
            monkeypatch.setenv("NLPX_REPORT", variable)
            write_report(run, said.append)
        assert len(said) == 2
        assert said[0].startswith(f"no report: {run.report}: cannot be written")
        assert said[1] == "no report: $NLPX_REPORT is 'always'. Expected auto or never."
