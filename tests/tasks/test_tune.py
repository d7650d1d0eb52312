"""A learning rate and a batch size are found by trying, and nothing is left behind."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from nlpx.workflow.tune_batch import BatchSizes, Measured
from nlpx.workflow.tune_lr import RangeTest
from tests.tasks.conftest import Command
from tests.trained import COUPLET


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "c.yaml"
    path.write_text(COUPLET.replace("[8, 16]", "[16]").replace("limit: 400", "limit: 300"), encoding="utf-8")
    return path


def test_the_rate_of_the_steepest_fall_and_of_the_smallest_loss() -> None:
    rates = [10 ** (i / 40 - 6) for i in range(241)]

    def loss(rate: float) -> float:
        """Falls most around 1e-3, and rises from 1e-1 on."""
        return 5 - 4 / (1 + math.exp(-4 * (math.log10(rate) + 3))) + max(0, 20 * (math.log10(rate) + 1))

    found = RangeTest(rates, [loss(rate) for rate in rates])
    # The average comes later than the losses, by at most 1 / (1 - SMOOTHING) of the 40 updates per decade.
    assert 1e-3 <= found.steepest <= 3e-3
    assert 1e-1 / 2 <= found.lowest <= 2e-1
    assert found.smoothed[0] == pytest.approx(found.losses[0])


@pytest.mark.parametrize("fall", [2, 5, 9])
def test_few_updates_do_not_decide_where_the_fall_is(fall: int) -> None:
    rates = [10 ** (i / 2 - 6) for i in range(12)]
    found = RangeTest(rates, [5.0] * fall + [1.0] * (12 - fall))
    assert abs(rates.index(found.steepest) - fall) <= 1


def test_a_range_test(nlpx: Command, config: Path, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    plot = tmp_path / "plot.svg"
    shown = nlpx("tune-lr", config, "--from", "1e-5", "--to", "10", "--steps", "14", "--json", "--plot", plot)
    assert shown.code == 0, shown.err
    found = json.loads(shown.out)
    count = len(found["rates"])
    assert 10 <= count <= 14
    assert found["rates"] == pytest.approx([1e-5 * 1e6 ** (i / 13) for i in range(count)])
    assert all(map(math.isfinite, found["losses"]))
    assert plot.read_text(encoding="utf-8").startswith("<svg")
    assert set(tmp_path.iterdir()) == {*before, plot}


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--from", "1", "--to", "0.1"], 2, "0 < first < last"),
        (["--from", "nan"], 2, "0 < first < last"),
        (["--to", "inf"], 2, "two finite numbers"),
        (["--from", "1e-300", "--to", "1e300"], 2, "two finite numbers"),
        (["--steps", "3"], 2, "at least 10"),
        (["--from", "1e-3", "--to", "1e30", "--steps", "10"], 2, "Take more than 10 steps, or begin"),
        (["--plot", "plot.png"], 2, "ends in .svg"),
        (["--set", "train.epochs=~", "--set", "train.stages=[{epochs: 1}]"], 2, "train.stages=~"),
    ],
)
def test_tests_that_make_no_sense(
    nlpx: Command, config: Path, options: list[str], code: int, message: str
) -> None:
    shown = nlpx("tune-lr", config, *options)
    assert (shown.code, message in shown.text) == (code, True), shown.text


def test_the_smallest_size_that_is_nearly_as_fast_is_suggested() -> None:
    rows = [(1, 10.0), (2, 19.0), (4, 30.0), (8, 39.0), (16, 40.0), (32, 38.5)]
    sizes = BatchSizes([Measured(size, size / speed, size, 0) for size, speed in rows], "")
    assert sizes.suggested == 8


def test_batch_sizes(nlpx: Command, config: Path, tmp_path: Path) -> None:
    plot = tmp_path / "plot.svg"
    shown = nlpx("tune-batch", config, "--largest", "5", "--json", "--plot", plot)
    assert (shown.code, "the largest size to try is 5" in shown.text) == (0, True), shown.err
    found = json.loads(shown.out)
    assert [row["size"] for row in found["measured"]] == [1, 2, 4]
    assert found["suggested"] in (1, 2, 4)
    assert all(row["rows_per_second"] > 0 and row["memory"] > 1e6 for row in found["measured"])
    assert plot.exists()


def test_batch_sizes_of_images(nlpx: Command, tmp_path: Path) -> None:
    """Items of one shape, without a sequence."""
    path = tmp_path / "c.yaml"
    path.write_text("task: gan\ndata: {limit: 60}\n", encoding="utf-8")
    shown = nlpx("tune-batch", path, "--largest", "1")
    assert (shown.code, "suggested: 1" in shown.out) == (0, True), shown.err


def test_sizes_begin_where_rows_can_be_compared(nlpx: Command, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("task: similarity\ndata: {limit: 60}\n", encoding="utf-8")
    shown = nlpx("tune-batch", path, "--largest", "4", "--json")
    assert shown.code == 0, shown.err
    assert [row["size"] for row in json.loads(shown.out)["measured"]] == [4]
    assert "Expected 4 or more" in nlpx("tune-batch", path, "--largest", "2").text


def test_an_unwritable_plot_is_found_before_training(nlpx: Command, config: Path, tmp_path: Path) -> None:
    shown = nlpx("tune-batch", config, "--plot", tmp_path / "missing" / "plot.svg")
    assert (shown.code, "there is no folder" in shown.text) == (4, True), shown.text
