"""Files of a sweep that somebody has edited: each message says which file, what is wrong, and what to do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nlpx.errors import DamagedRun
from nlpx.sweeps.ledger import FOLDER, Ledger, Trial
from nlpx.sweeps.recorded import recorded
from tests.cli.program import Nlpx, nlpx
from tests.sweeps.making import load, runner

__all__ = ["nlpx"]
RATE = "optimizer.learning_rate"
SPACE = """\
config: c.yaml
seeds: [1, 2]
sampler: random
budget: {trials: 2}
space:
  optimizer.type: [adam, sgd]
  optimizer.learning_rate: {range: [1e-4, 1e-2], log: true}
  data.limit: {range: [1, 800], integer: true, when: {optimizer.type: sgd}}
"""
GOOD = {"optimizer.type": "sgd", RATE: 1e-3, "data.limit": 4}
EDITS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a foreign name": (lambda t: t["point"].update({f"{RATE}s": 1}), f"did you mean {RATE}?"),
    "another foreign name": (
        lambda t: t["point"].update(x=1),
        "the space of the sweep has no 'x'; it has opt",
    ),
    "a missing name": (lambda t: t["point"].pop(RATE), f"point: {RATE} is missing"),
    "an inactive name": (
        lambda t: t["point"].update({"optimizer.type": "adam"}),
        "point: data.limit is not active with the other values",
    ),
    "another value": (
        lambda t: t["point"].update({"optimizer.type": "lion"}),
        "'lion' is not a value of opt",
    ),
    "a list": (lambda t: t["point"].update({"optimizer.type": ["sgd"]}), "['sgd'] is not a value of opt"),
    "text for a number": (lambda t: t["point"].update({RATE: "1e-3"}), f"'1e-3' is not a value of {RATE}"),
    "true for a number": (lambda t: t["point"].update({"data.limit": True}), "True is not a value of"),
    "a fraction": (lambda t: t["point"].update({"data.limit": 1.5}), "1.5 is not a value of data.limit"),
    "no number": (lambda t: t["point"].update({RATE: float("nan")}), "nan is not a value of"),
    "a number outside": (lambda t: t["point"].update({RATE: 1}), f"1 is not a value of {RATE}"),
    "no point": (lambda t: t.pop("point"), "point: Field required"),
    "a point of another type": (lambda t: t.update(point=[]), "point: Input should be a valid dictionary"),
    "a path": (lambda t: t.update(config="../../x"), "config: '../../x' is not the hash of a config"),
    "no config": (lambda t: t.update(config=""), "config: '' is not the hash of a config"),
    "another number": (lambda t: t.update(number=7), "it is trial 7, not 0"),
}
CONTENTS = {b"": "not JSON", b"[]": "the file", b"{": "not JSON", b"\xff": "not UTF-8", b"null": "the file"}


def test_proposals_that_the_sweep_cannot_have_made(tmp_path: Path) -> None:
    sweep = load(tmp_path, SPACE)
    ledger = Ledger(tmp_path / "ledger")
    ledger.make()
    ledger.add(Trial(number=0, point=GOOD, config="0123456789"))
    assert [trial.point for trial in recorded(sweep, ledger)] == [GOOD]
    path = ledger.folder / "0000.json"
    good = path.read_text(encoding="utf-8")
    for name, (edit, reason) in EDITS.items():
        content = json.loads(good)
        edit(content)
        path.write_text(json.dumps(content), encoding="utf-8")
        with pytest.raises(DamagedRun) as caught:
            recorded(sweep, ledger)
        assert str(caught.value).startswith(f"{path}: damaged: "), name
        assert reason in str(caught.value), name


def test_commands_name_the_file(nlpx: Nlpx, undisturbed: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(undisturbed, tmp_path / "copy"))
    first = next((folder / "runs" / FOLDER).glob("*/0000.json"))
    content = first.read_bytes()
    asked = (folder / "s.yaml", "--output", folder / "runs")
    for text, reason in {**CONTENTS, content.replace(RATE.encode(), b"rate"): "has no 'rate'"}.items():
        first.write_bytes(text)
        for command in ("show", "run"):
            done = nlpx("sweep", command, *asked)
            assert (done.code, f"{first}: damaged: " in done.err, reason in done.err) == (4, True, True), (
                done.err
            )


def test_a_hash_of_another_point_is_found_before_training(undisturbed: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(undisturbed, tmp_path / "copy"))
    first = next((folder / "runs" / FOLDER).glob("*/0000.json"))
    config = json.loads(first.read_text(encoding="utf-8"))["config"]
    first.write_text(first.read_text(encoding="utf-8").replace(config, "0" * 10), encoding="utf-8")
    with pytest.raises(DamagedRun, match=f"config: {'0' * 10} is not the hash of its point, {config}"):
        runner(folder / "s.yaml", []).run()


def test_marks_and_metrics_that_were_edited_are_told(nlpx: Nlpx, undisturbed: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(undisturbed, tmp_path / "copy"))
    runs = sorted((folder / "runs" / "couplet").iterdir())
    wrong = [b"", b"[]", b'{"sweep": "s", "trial": "x"}', b"\xff{"]
    for run, content in zip(runs, wrong, strict=True):
        (run / ("metrics.jsonl" if content.startswith(b"\xff") else "sweep.json")).write_bytes(
            content + b"\n"
        )
    done = nlpx("sweep", "show", folder / "s.yaml", "--output", folder / "runs", "--json")
    assert done.code == 0, done.err
    assert "sweep.json: damaged" in done.out
