"""Files of a run that anybody may have written: damage is named, links are not followed, nothing hangs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

import nlpx.runs.json_lines
from nlpx.core.files import open_appending
from nlpx.core.json_text import parse_json
from nlpx.errors import DamagedRun, EnvironmentProblem
from nlpx.runs.compare import compare
from nlpx.runs.details import details
from nlpx.runs.directory import RunDirectory
from nlpx.runs.files import LARGEST_JSON, refuse_links
from nlpx.runs.framework import _standard_error_in
from nlpx.runs.history import MOST_SAMPLES, last_samples, read_history
from nlpx.runs.json_lines import LONGEST_LINE
from nlpx.runs.listing import summaries
from nlpx.runs.lock import held, hold
from nlpx.runs.lookup import newest
from nlpx.runs.record import Snapshot
from nlpx.tasks.segmentation.config import Segmentation
from nlpx.text.vocabulary import Vocabulary
from nlpx.workflow.learned import load_keys, load_vocabularies, read_calibration
from tests.runs.making import couplet, make_run

NAMES = (
    "STATUS",
    "best",
    "last",
    "snapshot.json",
    "metrics.jsonl",
    "samples.jsonl",
    "eval/test.json",
    "calibration.json",
    "vocabulary/char.json",
    "vocabulary/keys.u64",
)


def _writing(content: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(3 << 30)


def _replaced(make: Callable[[Path], None]) -> Callable[[Path], None]:
    def replace(path: Path) -> None:
        path.unlink(missing_ok=True)
        make(path)

    return replace


DAMAGE: dict[str, Callable[[Path], None]] = {
    "deep": _writing(b'{"a":' * 100_000 + b"\n"),
    "digits": _writing(b'{"step": ' + b"9" * 5000 + b"}\n"),
    "bytes": _writing(b"\xff\xfe\x00\n"),
    "list": _writing(b'[["\\ud800"]]\n'),
    "huge": _huge,
    "folder": _replaced(Path.mkdir),
    "pipe": _replaced(os.mkfifo),
    "device": _replaced(lambda path: path.symlink_to("/dev/zero")),
    "link": _replaced(lambda path: path.symlink_to("/etc/hostname")),
    "circle": _replaced(lambda path: path.symlink_to(path.name)),
}


def _read_all(run: RunDirectory) -> None:
    opened = RunDirectory.open(run.path)
    details(opened)
    compare([opened, opened])
    read_calibration(opened)
    if (opened.vocabulary / "keys.u64").exists():
        load_keys(opened)
    load_vocabularies(opened, couplet().codec())


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", NAMES)
def test_damage_is_named_and_other_runs_are_listed(tmp_path: Path, name: str, damage: str) -> None:
    make_run(tmp_path, "good", valid={1: 2.0}, best=1)
    run = make_run(tmp_path, "bad", valid={1: 2.0}, best=1, test={"nll": 1.0})
    path = run.path / name
    path.parent.mkdir(exist_ok=True)
    DAMAGE[damage](path)
    with pytest.raises(DamagedRun) as caught:
        _read_all(run)
    assert caught.value.exit_code == 4
    assert str(path) in str(caught.value) or "incomplete: missing " in str(caught.value)
    found = {summary.id: summary for summary in summaries(tmp_path)}
    assert found["good"].status == "finished"
    assert newest(tmp_path).id in ("good", "bad")


class TestLinks:
    @pytest.mark.parametrize("name", ["log.txt", "eval", "eval/test.predictions.jsonl", "checkpoints", "x/y"])
    def test_nothing_in_a_run_leads_out_of_it(self, tmp_path: Path, name: str) -> None:
        target = tmp_path / "target"
        target.write_text("precious", encoding="utf-8")
        run = make_run(tmp_path / "runs")
        path = run.path / name
        path.parent.mkdir(exist_ok=True)
        path.symlink_to(target)
        with pytest.raises(
            DamagedRun, match=rf"{name}: damaged: it is a symbolic link.*Replace it with a copy"
        ):
            RunDirectory.open(run.path)

    @pytest.mark.parametrize("name", ["lock", "log.txt", "metrics.jsonl", "framework.log", "eval/x.json"])
    def test_a_file_of_a_run_has_no_other_name(self, tmp_path: Path, name: str) -> None:
        target = tmp_path / "target"
        target.write_text("precious", encoding="utf-8")
        run = make_run(tmp_path / "runs", "x")
        (run.path / name).parent.mkdir(exist_ok=True)
        (run.path / name).hardlink_to(target)
        with pytest.raises(DamagedRun, match=rf"{name}: damaged: this file has 2 names .*cp -r .*/x-copy"):
            RunDirectory.open(run.path)

    def test_a_run_may_be_a_link_and_an_editor_may_leave_one(self, tmp_path: Path) -> None:
        run = make_run(tmp_path / "disk", "x", valid={1: 2.0}, best=1)
        (tmp_path / "runs" / "couplet").mkdir(parents=True)
        link = tmp_path / "runs" / "couplet" / "linked"
        link.symlink_to(run.path)
        (run.path / ".#config.yaml").symlink_to("libai@host.1234")
        assert RunDirectory.open(link).status == "finished"
        assert [summary.id for summary in summaries(tmp_path / "runs")] == ["linked"]

    def test_log_is_not_written_through_a_link(self, tmp_path: Path) -> None:
        target = tmp_path / "target"
        target.write_text("precious", encoding="utf-8")
        log = tmp_path / "log.txt"
        log.symlink_to(target)
        with _standard_error_in(log):
            os.write(2, b"noise")
        assert target.read_text(encoding="utf-8") == "precious"

    def test_log_that_is_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "log.txt")
        with _standard_error_in(tmp_path / "log.txt"):
            os.write(2, b"noise")

    def test_lock_is_not_written_through_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "target").write_text("precious", encoding="utf-8")
        (tmp_path / "lock").symlink_to(tmp_path / "target")
        with pytest.raises(EnvironmentProblem, match="lock: cannot be written"), hold(tmp_path / "lock"):
            pass
        assert (tmp_path / "target").read_text(encoding="utf-8") == "precious"
        assert not held(tmp_path / "lock")

    def test_folder_that_vanishes_meanwhile_is_no_damage(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A training removes old checkpoints while somebody lists its run."""
        run = make_run(tmp_path)
        (run.path / "checkpoints").mkdir()
        scan = os.scandir

        def vanished(folder: Path) -> object:
            if Path(folder).name == "checkpoints":
                raise FileNotFoundError(2, "No such file or directory")
            return scan(folder)

        monkeypatch.setattr(os, "scandir", vanished)
        refuse_links(run.path)


class TestRecords:
    def test_a_line_is_bounded(self, tmp_path: Path) -> None:
        run = make_run(tmp_path)
        run.metrics_jsonl.write_bytes(b'{"step": 1}\n{"a": "' + b"x" * LONGEST_LINE + b'"}\n')
        with pytest.raises(DamagedRun, match=r"metrics\.jsonl:2: damaged: the line is longer"):
            read_history(run)

    def test_an_integer_beyond_floats(self, tmp_path: Path) -> None:
        run = make_run(tmp_path)
        run.metrics_jsonl.write_text(f'{{"step": 1, "valid/nll": {"9" * 400}}}\n', encoding="utf-8")
        with pytest.raises(DamagedRun, match="an integer of 400 digits"):
            read_history(run)

    def test_a_pipe_does_not_hang(self, tmp_path: Path) -> None:
        run = make_run(tmp_path)
        os.mkfifo(run.metrics_jsonl)
        with pytest.raises(DamagedRun, match="it is a pipe"):
            read_history(run)

    @pytest.mark.parametrize("best", [None, 3, 300_000, 7])
    def test_of_many_lines_a_few_are_parsed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, best: int | None
    ) -> None:
        run = make_run(tmp_path)
        lines = (f'{{"step": {i}, "valid/nll": {i}}}\n' for i in range(300_000) if i != 7)
        run.metrics_jsonl.write_text("".join(lines) + '{"step": 300000, "train/loss": 1}\n', "utf-8")
        if best is not None:
            run.best.write_text(f"step-{best:08d}\n", encoding="utf-8")
        parsed: list[bytes] = []

        def counted(line: bytes) -> object:
            parsed.append(line)
            return parse_json(line)

        monkeypatch.setattr(nlpx.runs.json_lines, "parse_json", counted)
        history = read_history(run)
        assert (history.step, history.best_step) == (300_000, best)
        assert history.valid == {"valid/nll": 3.0 if best == 3 else 299_999.0}
        assert len(parsed) <= 3

    def test_samples_of_the_last_evaluation_alone(self, tmp_path: Path) -> None:
        run = make_run(tmp_path)
        lines = [f'{{"step": {step}, "text": "{i}"}}\n' for step in (1, 2) for i in range(3)]
        run.samples.write_text("".join(lines), encoding="utf-8")
        assert last_samples(run) == [{"step": 2, "text": str(i)} for i in range(3)]
        run.samples.write_text(lines[0] * (MOST_SAMPLES + 5), encoding="utf-8")
        assert len(last_samples(run)) == MOST_SAMPLES

    @pytest.mark.parametrize("name", ["snapshot.json", "eval/test.json", "calibration.json"])
    def test_a_json_file_is_bounded(self, tmp_path: Path, name: str) -> None:
        run = make_run(tmp_path, test={"nll": 1.0})
        (run.path / name).write_bytes(b"[" + b"[]," * (LARGEST_JSON // 3) + b"[]]")
        with pytest.raises(DamagedRun, match="it is larger than 4,194,304 bytes"):
            _read_all(run)


def test_of_many_damaged_items_one_is_told(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    values = json.loads(run.snapshot.read_text(encoding="utf-8"))
    run.snapshot.write_text(json.dumps({**values, "command": [{}] * 1000}), encoding="utf-8")
    with pytest.raises(DamagedRun, match=r"command\.0: Input should be a valid string") as caught:
        Snapshot.of(run)
    assert isinstance(caught.value.__context__, ValidationError)
    assert caught.value.__context__.error_count() == 1


def _with_vocabularies(run: RunDirectory, hashes: dict[str, str]) -> None:
    values = json.loads(run.snapshot.read_text(encoding="utf-8"))
    run.snapshot.write_text(json.dumps({**values, "vocabularies": hashes}), encoding="utf-8")


class TestVocabularies:
    def test_another_vocabulary_than_in_training(self, tmp_path: Path) -> None:
        run = make_run(tmp_path)
        run.vocabulary.mkdir()
        (run.vocabulary / "char.json").write_text('{"tokens":["<unk>"],"counts":[0]}', encoding="utf-8")
        with pytest.raises(DamagedRun, match=r"char\.json: damaged: this is not the vocabulary"):
            load_vocabularies(run, couplet().codec())

    @pytest.mark.parametrize(
        "name", ["../../secret", "/etc/secret", "a\0b", "", ".hidden", "a/b", "\x1b[31m"]
    )
    def test_a_name_is_that_of_a_file_in_its_folder(self, tmp_path: Path, name: str) -> None:
        run = make_run(tmp_path)
        _with_vocabularies(run, {name: "d" * 64})
        with pytest.raises(
            DamagedRun, match=r"snapshot\.json: damaged: .* is not a valid name of a vocabulary"
        ):
            load_vocabularies(run, couplet().codec())

    def test_none_that_the_task_counts_is_missing(self, tmp_path: Path) -> None:
        run = make_run(tmp_path)
        _with_vocabularies(run, {})
        with pytest.raises(DamagedRun, match=r"snapshot\.json: damaged: .*vocabularies are missing: char"):
            load_vocabularies(run, couplet().codec())

    def test_none_that_the_task_derives_is_missing(self, tmp_path: Path) -> None:
        run = make_run(tmp_path)
        run.vocabulary.mkdir()
        hashes = {}
        for name in ("char", "ngram2", "lexicon_words"):
            vocabulary = Vocabulary(["<unk>"])
            vocabulary.save(run.vocabulary / f"{name}.json")
            hashes[name] = vocabulary.sha256
        _with_vocabularies(run, hashes)
        task = Segmentation.model_validate({"model": {"embedding": {"lexicon": {}}}}).codec()
        with pytest.raises(DamagedRun, match="vocabularies are missing: lexicon_stretches"):
            load_vocabularies(run, task)

    @pytest.mark.parametrize(
        ("content", "reason"),
        [(b"1234567", "7 bytes"), (b"2" * 8 + b"1" * 8, "not sorted"), (b"1" * 16, "not sorted")],
    )
    def test_keys(self, tmp_path: Path, content: bytes, reason: str) -> None:
        run = make_run(tmp_path)
        run.vocabulary.mkdir()
        (run.vocabulary / "keys.u64").write_bytes(content)
        with pytest.raises(DamagedRun, match=rf"keys\.u64: damaged: .*{reason}"):
            load_keys(run)

    @pytest.mark.parametrize(
        "content", ['{"a": NaN}', '{"a": true}', '{"a": 1e999}', '{"lexical": "1"}', "[]", "{"]
    )
    def test_calibration(self, tmp_path: Path, content: str) -> None:
        run = make_run(tmp_path)
        assert read_calibration(run) == {}
        run.calibration.write_text(content, encoding="utf-8")
        with pytest.raises(DamagedRun, match=r"calibration\.json: damaged"):
            read_calibration(run)
        run.calibration.write_text(json.dumps({"lexical": 1}), encoding="utf-8")
        assert read_calibration(run) == {"lexical": 1.0}


def test_appending_makes_a_file_and_keeps_what_is_there(tmp_path: Path) -> None:
    for _ in range(2):
        with open_appending(tmp_path / "log.txt") as file:
            file.write("行\n".encode())
    assert (tmp_path / "log.txt").read_text(encoding="utf-8") == "行\n行\n"
