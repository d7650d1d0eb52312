from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
from click.testing import CliRunner, Result
from rich.cells import cell_len

from nlpx.cli.runs import command
from nlpx.errors import DamagedRun, UsageError
from nlpx.specs.sections import TrainSection
from nlpx.tasks.segmentation.config import Segmentation
from tests.runs.making import couplet, make_run


def _call(*arguments: object) -> Result:
    return CliRunner().invoke(command, list(map(str, arguments)))


def _refused(*arguments: object) -> str:
    result = _call(*arguments)
    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_code == 2
    return str(result.exception)


class TestList:
    def test_one_line_a_run_problems_apart(self, tmp_path: Path) -> None:
        make_run(tmp_path, "good", valid={100: 5.0, 200: 4.25}, best=200)
        make_run(tmp_path, "broken").resolved.unlink()
        result = _call("list", "--root", tmp_path)
        assert result.exit_code == 0
        header, broken, good = result.stdout.splitlines()
        assert header.split() == ["run", "task", "status", "step", "best", "age", "size"]
        assert good.split()[:6] == ["good", "couplet", "finished", "200", "nll", "4.2500"]
        assert broken.split()[:3] == ["broken", "couplet", "broken"]
        assert "incomplete: missing resolved.yaml" in result.stderr

    def test_equal_names_are_told_apart(self, tmp_path: Path) -> None:
        make_run(tmp_path, "readme")
        make_run(tmp_path, "readme", experiment=Segmentation.model_validate({"task": "segmentation"}))
        make_run(tmp_path, "alone")
        lines = _call("list", "--root", tmp_path).stdout.splitlines()[1:]
        assert [line.split()[0] for line in lines] == ["alone", "segmentation/readme", "couplet/readme"]

    def test_wide_characters_keep_the_columns(self, tmp_path: Path) -> None:
        make_run(tmp_path, "对联一号")
        make_run(tmp_path, "plain")
        lines = _call("list", "--root", tmp_path).stdout.splitlines()
        assert len({cell_len(line[: line.index("couplet")]) for line in lines[1:]}) == 1

    def test_json(self, tmp_path: Path) -> None:
        run = make_run(tmp_path, "对联", valid={100: 5.0}, best=100)
        (found,) = json.loads(_call("list", "--root", tmp_path, "--json").stdout)
        assert found["id"] == "对联"
        assert found["path"] == str(run.path)
        assert (found["status"], found["step"], found["value"], found["problem"]) == (
            "finished",
            100,
            5.0,
            None,
        )

    def test_nothing_to_list(self, tmp_path: Path) -> None:
        result = _call("list", "--root", tmp_path / "runs", "--task", "couplet")
        assert (result.exit_code, result.stdout) == (0, "")
        assert f"there are no runs of couplet under {tmp_path / 'runs'}" in result.stderr
        assert json.loads(_call("list", "--root", tmp_path / "runs", "--json").stdout) == []


class TestShow:
    def test_a_path_acts_on_no_terminal(self, tmp_path: Path) -> None:
        folder = tmp_path / "\x1b[31m\u202e"
        run = make_run(folder, "x", status="failed", valid={1: 2.0}, best=1)
        shown = _call("show", run.path).output
        assert "nlpx train --resume" in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown

    def test_tells_what_a_person_asks(self, tmp_path: Path) -> None:
        experiment = couplet(train=TrainSection(epochs=77))
        run = make_run(
            tmp_path, experiment=experiment, valid={100: 5.0, 200: 4.5}, best=200, test={"nll": 4.75}
        )
        result = _call("show", run.id[:20], "--root", tmp_path)
        assert result.exit_code == 0, result.exception
        for part in (
            "status       finished, step 200",
            "data train   100 rows, 1 bad, 2 left out; sha256 aaaaaaaaaaaa…",
            "checkpoints  best step 200, last step 200",
            "train.epochs  77",
            "4.7500",
            "4.5000",
            "晚风摇树 → 晨露润花",
            f"nlpx eval {run.path}",
        ):
            assert part in result.stdout
        assert "--resume" not in result.stdout

    def test_killed_run_says_how_to_go_on(self, tmp_path: Path) -> None:
        run = make_run(tmp_path, status="running")
        shown = _call("show", run.path).stdout
        assert "killed" in shown
        assert f"nlpx train --resume {run.path}" in shown
        assert "nlpx eval" not in shown

    def test_json(self, tmp_path: Path) -> None:
        run = make_run(tmp_path, valid={100: 5.0}, best=100, test={"nll": 4.0})
        shown = json.loads(_call("show", run.path, "--json").stdout)
        assert shown["evaluations"]["test"]["metrics"] == {"nll": 4.0}
        assert shown["snapshot"]["data"]["train"]["rows"] == 100
        assert shown["valid"] == {"valid/nll": 5.0}

    def test_broken_run(self, tmp_path: Path) -> None:
        run = make_run(tmp_path)
        run.metrics_jsonl.write_text("{\n", encoding="utf-8")
        result = _call("show", run.path)
        assert isinstance(result.exception, DamagedRun)
        assert (result.exception.exit_code, "metrics.jsonl:1: damaged" in str(result.exception)) == (4, True)

    def test_without_a_run_it_is_the_newest_finished_one(self, tmp_path: Path) -> None:
        make_run(tmp_path, "old")
        make_run(tmp_path, "new")
        make_run(tmp_path, "stopped", status="interrupted")
        assert json.loads(_call("show", "--root", tmp_path, "--json").stdout)["id"] == "new"

    def test_terminal_escapes_are_shown_and_not_sent(self, tmp_path: Path) -> None:
        evil = "\x1b[2J\u202e\x9b"
        run = make_run(tmp_path, experiment=couplet(samples=["春风"]), valid={1: 2.0}, best=1)
        with run.samples.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": 2, "text": evil, "answer": "\ud800"}) + "\n")
        values = json.loads(run.snapshot.read_text(encoding="utf-8"))
        values |= {"task": f"couplet{evil}", "command": ["nlpx", evil], "platform": evil}
        values["experiment"]["name"] = evil
        run.snapshot.write_text(json.dumps(values), encoding="utf-8")
        shown = [
            _call("show", run.path).output,
            _call("list", "--root", tmp_path).output,
            _call("compare", run.path, run.path).output,
            _call("show", run.path, "--json").output,
        ]
        assert not any(char in text for text in shown for char in (*evil, "\ud800") if char not in "[2J")
        assert r"\x1b[2J\u202e\x9b" in shown[0]
        assert json.loads(shown[3])["samples"][0]["text"] == evil

    def test_json_of_numbers_that_json_lacks(self, tmp_path: Path) -> None:
        run = make_run(tmp_path, valid={1: float("nan")}, best=1, test={"nll": float("inf")})
        text = _call("show", run.path, "--json").stdout
        assert "NaN" not in text
        assert "Infinity" not in text
        assert json.loads(text)["evaluations"]["test"]["metrics"] == {"nll": None}

    def test_no_such_run(self, tmp_path: Path) -> None:
        assert "there is no run 'x'" in _refused("show", "x", "--root", tmp_path)


class TestCompare:
    def test_settings_beside_metrics(self, tmp_path: Path) -> None:
        make_run(tmp_path, "one", experiment=couplet(seed=1), test={"nll": 4.0})
        make_run(tmp_path, "two", experiment=couplet(seed=2), test={"nll": 3.0})
        result = _call("compare", "one", "two", "--root", tmp_path)
        assert result.exit_code == 0, result.exception
        assert [line.split() for line in result.stdout.splitlines()] == [
            ["setting", "one", "two"],
            ["seed", "1", "2"],
            [],
            ["metric", "one", "two"],
            ["test/nll", "4.0000", "3.0000*"],
        ]

    def test_metrics_that_are_0_in_every_run_share_a_line(self, tmp_path: Path) -> None:
        for name, nll in (("one", 1.0), ("two", 0.0)):
            make_run(tmp_path, name, test={"reuse_violations": 0.0, "distinct_violations": 0.0, "nll": nll})
        lines = _call("compare", "one", "two", "--root", tmp_path).stdout.splitlines()
        assert lines[-2].split() == ["test/nll", "1.0000", "0.0000*"]
        assert lines[-1] == "0 in every column: test/reuse_violations, test/distinct_violations"

    def test_groups_on_demand(self, tmp_path: Path) -> None:
        for name in ("one", "two"):
            make_run(tmp_path, name, test={"nll": 4.0, "written/nll": 5.0})
        arguments = ("compare", "one", "two", "--root", tmp_path)
        assert "written" not in _call(*arguments).stdout
        assert "test/written/nll  5.0000" in _call(*arguments, "--groups").stdout

    def test_json_and_notes(self, tmp_path: Path) -> None:
        make_run(tmp_path, "one", test={"nll": 4.0})
        make_run(tmp_path, "two", test={"nll": 3.0}, hashes={"test": "e" * 64})
        result = _call("compare", "one", "two", "--root", tmp_path, "--json")
        found = json.loads(result.stdout)
        assert found["runs"] == ["one", "two"]
        assert found["settings"]["sha256 of train"] == ["a" * 12, None]
        assert found["metrics"] == [{"name": "test/nll", "values": [4.0, 3.0], "best": [False, False]}]
        assert "different data" in found["notes"][0]
        assert "different data" in _call("compare", "one", "two", "--root", tmp_path).stderr

    def test_one_run_is_not_enough(self, tmp_path: Path) -> None:
        make_run(tmp_path, "one")
        assert "at least two runs" in _refused("compare", "one", "--root", tmp_path)


def test_no_framework_is_imported(tmp_path: Path) -> None:
    make_run(tmp_path, "one", valid={1: 2.0}, best=1)
    make_run(tmp_path, "two", valid={1: 2.0}, best=1)
    code = """
import sys
from nlpx.cli.runs import command
for arguments in (["list"], ["show", "one"], ["compare", "one", "two"]):
    command([*arguments, "--root", sys.argv[1]], standalone_mode=False)
assert not {"tensorflow", "keras", "jieba"} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8")


def test_help_names_the_subcommands() -> None:
    assert isinstance(command, click.Group)
    assert sorted(command.commands) == [
        *("archive", "clean", "compare", "list", "note", "plot", "purge", "restore", "rm", "show", "tag")
    ]
    shown = _call("--help").stdout
    assert "RUN is a folder" in shown
    assert "..." not in shown.partition("Commands:")[2]
