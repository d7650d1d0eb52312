"""The order of runs, their groups, and what is noted about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from scipy.stats import t

from nlpx.components.optimizers.adam import Adam
from nlpx.errors import UsageError
from nlpx.runs.identity import config_id
from nlpx.runs.interval import half_width
from nlpx.runs.leaderboard import Filter, grouped, ordered
from nlpx.runs.listing import summaries
from nlpx.runs.notes import Notes, note, tag
from tests.runs.making import HASHES, couplet, make_run


def train(
    root: Path, name: str, value: float | None, *, seed: int = 1, rate: float = 0.1, **more: object
) -> None:
    experiment = couplet(seed=seed, optimizer=Adam(learning_rate=rate))
    valid = {} if value is None else {5: value}
    make_run(root, name, experiment=experiment, valid=valid, best=5, **more)  # type: ignore[arg-type]


def test_the_seed_and_the_place_of_the_data_are_not_part_of_a_config() -> None:
    def id_of(**settings: object) -> str:
        return config_id(couplet(**settings).model_dump(mode="json"))

    same = {
        id_of(),
        id_of(seed=3),
        id_of(name="x"),
        id_of(data={"root": "/elsewhere"}),
        id_of(export="never"),
    }
    assert len(same) == 1
    assert id_of(optimizer=Adam(learning_rate=0.2)) not in same


def test_groups_have_means_over_seeds_and_paired_differences(tmp_path: Path) -> None:
    for seed, (low, high) in enumerate([(2.0, 2.4), (2.2, 2.7), (2.1, 2.4)]):
        train(tmp_path, f"good{seed}", low, seed=seed, rate=0.01)
        train(tmp_path, f"bad{seed}", high, seed=seed, rate=0.1)
    train(tmp_path, "alone", 2.3, rate=1.0)
    train(tmp_path, "unfinished", None, rate=2.0)
    good, alone, bad, unfinished = grouped(summaries(tmp_path))
    assert good.mean == pytest.approx(2.1)
    assert (good.n, good.difference) == (3, None)
    assert good.half_width == pytest.approx(t.ppf(0.975, 2) * 0.1 / 3**0.5)
    assert (alone.n, alone.half_width, alone.difference) == (1, None, None)
    assert bad.difference is not None
    assert bad.difference[0] == pytest.approx(0.4)
    assert bad.difference[1] == pytest.approx(half_width([0.4, 0.5, 0.3]))
    assert (unfinished.n, unfinished.mean) == (0, None)
    assert [group.settings for group in (good, bad)] == [
        {"optimizer.learning_rate": 0.01},
        {"optimizer.learning_rate": 0.1},
    ]


def test_of_one_seed_the_newest_run_counts_and_other_data_are_another_group(tmp_path: Path) -> None:
    train(tmp_path, "old", 3.0)
    train(tmp_path, "new", 2.0)
    train(tmp_path, "other", 1.0, hashes={**HASHES, "valid": "e" * 64})
    groups = grouped(summaries(tmp_path))
    assert sorted((group.mean, group.n, len(group.runs)) for group in groups) == [(1.0, 1, 1), (2.0, 1, 2)]


def test_higher_is_better_where_the_metric_says_so(tmp_path: Path) -> None:
    for name, accuracy in (("a", 0.5), ("b", 0.7), ("c", None)):
        make_run(tmp_path, name, best=1, test={} if accuracy is None else {"char_accuracy": accuracy})
    runs = ordered(summaries(tmp_path, metric="test/char_accuracy"), "value")
    assert [(run.label, run.value) for run in runs] == [("b", 0.7), ("a", 0.5), ("c", None)]
    assert [run.label for run in ordered(runs, "run", reverse=True)] == ["c", "b", "a"]


def test_filters(tmp_path: Path) -> None:
    for name in ("a", "b"):
        train(tmp_path, name, 1.0 if name == "a" else None)
    tag(make_run(tmp_path, "c", status="running"), ["baseline", "论文"])
    runs = summaries(tmp_path)

    def names(**wanted: object) -> set[str]:
        return {run.label for run in runs if Filter(**wanted).admits(run)}  # type: ignore[arg-type]

    assert names() == {"a", "b", "c"}
    assert names(tags=["论文"]) == {"c"}
    assert names(status="killed") == {"c"}
    assert names(measured=True) == {"a"}
    assert names(config=runs[-1].config[:4]) == {"a", "b"}
    assert names(since=datetime.now(UTC) + timedelta(hours=1)) == set()


def test_notes(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    assert tag(run, ["a", "b", "a"]) == ["a", "b"]
    note(run, "先试这个\n再说")
    assert tag(run, ["c"], ["a", "none"]) == ["b", "c"]
    assert Notes.of(run) == Notes(tags=["b", "c"], note="先试这个\n再说")
    for wrong in ("", "two words", "-x", "x" * 101):
        with pytest.raises(UsageError, match="is not a tag"):
            tag(run, [wrong])
    with pytest.raises(UsageError, match="10,001 characters"):
        note(run, "x" * 10_001)
