"""A run with the mean of the weights of others is a run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nlpx.engine.checkpoint import Checkpoints, read_weights
from tests.tasks.conftest import Command


@pytest.fixture
def pair(runs: Path) -> tuple[Path, Path]:
    """The best checkpoint of a run, and another one, whose weights are twice as large."""
    checkpoints = Checkpoints(runs / "couplet" / "tiny")
    best = checkpoints.path(checkpoints.resolve("best"))
    return best, checkpoints.save_weights(77, {name: 2 * array for name, array in read_weights(best).items()})


def test_weights_are_the_mean(nlpx: Command, pair: tuple[Path, Path], tmp_path: Path) -> None:
    shown = nlpx("average", *pair, "--output", tmp_path / "new", "--name", "soup", "--json")
    assert shown.code == 0, shown.err
    found = json.loads(shown.out)
    soup = Checkpoints(Path(found["run"]))
    assert soup.steps() == [77]
    weights, before = read_weights(soup.path(77)), read_weights(pair[0])
    assert weights.keys() == before.keys()
    for name, array in weights.items():
        np.testing.assert_allclose(array, 1.5 * before[name], rtol=1e-6)
        assert array.dtype == before[name].dtype
    assert len(found["parts"]) == 2
    again = nlpx("eval", found["run"], "--split", "valid", "--json")
    assert json.loads(again.out)["metrics"]["nll"] == pytest.approx(found["metrics"]["nll"])
    resumed = nlpx("train", "--resume", found["run"])
    assert (resumed.code, "this run is finished" in resumed.text) == (2, True)


def test_the_mean_of_equal_weights_is_equal_bit_for_bit(
    nlpx: Command, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    best = pair[0]
    assert nlpx("average", best, best, best, "--output", tmp_path / "new", "--name", "s").code == 0
    soup = Checkpoints(tmp_path / "new" / "couplet" / "s")
    for name, array in read_weights(soup.path(soup.resolve("best"))).items():
        np.testing.assert_array_equal(array, read_weights(best)[name])


@pytest.mark.parametrize(
    ("names", "code", "message"),
    [
        (["couplet/tiny"], 2, "at least two"),
        (["couplet/tiny", "segmentation/tiny"], 2, "of the same model can be averaged"),
        (["couplet/tiny", "couplet/nothing"], 2, "there is no such folder"),
        (["couplet/tiny", "couplet/tiny/checkpoints/step-00999999"], 4, "there is no checkpoint"),
    ],
)
def test_what_cannot_be_averaged(
    nlpx: Command, finished: Path, tmp_path: Path, names: list[str], code: int, message: str
) -> None:
    shown = nlpx("average", *(finished / name for name in names), "--output", tmp_path / "new")
    assert (shown.code, message in shown.text) == (code, True), shown.text
    assert not list((tmp_path / "new").glob("*/*"))
