from __future__ import annotations

import json
import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.optimizers.adam import Adam
from nlpx.components.tricks.ema import EMA
from nlpx.runs.compare import compare
from nlpx.runs.directory import RunDirectory
from nlpx.runs.flatten import MISSING, differences, flatten
from nlpx.specs.sections import TrainSection
from tests.runs.making import HASHES, couplet, make_run

KEYS = st.text("abc", min_size=1, max_size=3)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, TREES, min_size=1))
def test_flattened_keys_lead_to_their_values(tree: dict[str, object]) -> None:
    for path, value in flatten(tree).items():
        node: object = tree
        for key in path.split("."):
            node = node[int(key)] if isinstance(node, list) else node[key]  # type: ignore[index]  # a tree
        assert node is value


@given(st.dictionaries(KEYS, TREES), st.dictionaries(KEYS, TREES))
def test_trees_without_differences_are_equal(one: dict[str, object], other: dict[str, object]) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert bool(differences([flatten(one), flatten(other)])) != same


def test_keys_that_begin_alike_stay_together() -> None:
    assert list(differences([{"a.x": 1, "b.x": 1}, {"a.x": 2, "b.x": 2, "a.y": 2}])) == ["a.x", "a.y", "b.x"]


def test_none_is_a_value_and_true_is_not_one() -> None:
    assert differences([{"a": None}, {}]) == {"a": [None, MISSING]}
    assert differences([{"a": True}, {"a": 1}]) == {"a": [True, 1]}


def _rows(*runs: RunDirectory) -> dict[str, tuple[list[float | None], list[bool]]]:
    return {row.name: (row.values, row.best) for row in compare(runs).metrics}


def test_settings_that_differ(tmp_path: Path) -> None:
    one = make_run(tmp_path, "one", experiment=couplet(optimizer=Adam(learning_rate=0.01)))
    two = make_run(tmp_path, "two", experiment=couplet(name="two", tricks=[EMA(momentum=0.9)]))
    result = compare([one, two])
    assert result.runs == ["one", "two"]
    assert result.settings["optimizer.learning_rate"] == [0.01, 0.001]
    assert result.settings["tricks.0.momentum"] == [MISSING, 0.9]
    assert "train.epochs" not in result.settings
    assert "name" not in result.settings


def test_best_follows_the_direction_of_the_metric(tmp_path: Path) -> None:
    one = make_run(
        tmp_path, "one", valid={1: 5.0}, best=1, test={"nll": 4.0, "char_accuracy": 10.0, "own": 1.0}
    )
    two = make_run(
        tmp_path, "two", valid={1: 5.0}, best=1, test={"nll": 3.0, "char_accuracy": 9.0, "written/nll": 3.5}
    )
    assert _rows(one, two) == {
        "test/char_accuracy": ([10.0, 9.0], [True, False]),
        "test/nll": ([4.0, 3.0], [False, True]),
        "test/own": ([1.0, None], [False, False]),
        "test/written/nll": ([None, 3.5], [False, False]),
        "valid/nll": ([5.0, 5.0], [False, False]),
    }


def test_valid_is_that_of_the_best_checkpoint(tmp_path: Path) -> None:
    one = make_run(tmp_path, "one", valid={1: 5.0, 2: 4.0, 3: 6.0}, best=2)
    two = make_run(tmp_path, "two", valid={1: 4.5, 2: 3.0}, best=1)
    assert _rows(one, two) == {"valid/nll": ([4.0, 4.5], [True, False])}


def test_other_data_are_not_judged(tmp_path: Path) -> None:
    one = make_run(tmp_path, "one", test={"nll": 4.0})
    two = make_run(tmp_path, "two", test={"nll": 3.0}, hashes={**HASHES, "test": "e" * 64})
    result = compare([one, two])
    assert result.metrics[0].best == [False, False]
    assert result.notes == ["test: the runs were evaluated on different data, so no best value is marked"]
    assert result.settings["sha256 of test"] == ["c" * 12, "e" * 12]


def test_other_signatures_are_not_judged(tmp_path: Path) -> None:
    runs: list[RunDirectory] = []
    for name, signature in (("one", "tok:zh"), ("two", "tok:char")):
        run = make_run(tmp_path, name, test={"char_accuracy": float(len(runs)), "nll": float(len(runs))})
        values = json.loads(run.eval_path("test").read_text(encoding="utf-8"))
        values["signatures"] = {"char_accuracy": signature}
        run.eval_path("test").write_text(json.dumps(values), encoding="utf-8")
        runs.append(run)
    result = compare(runs)
    assert [row.best for row in result.metrics] == [[False, False], [True, False]]
    assert "test/char_accuracy: computed in different ways" in result.notes[0]


def test_equal_ids_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    one, two = make_run(tmp_path / "a", "same"), make_run(tmp_path / "b", "same")
    assert compare([one, two]).runs == [str(one.path), str(two.path)]


def test_nan_is_never_the_best(tmp_path: Path) -> None:
    runs = [
        make_run(tmp_path, str(i), test={"nll": value}) for i, value in enumerate((float("nan"), 2.0, 3.0))
    ]
    assert _rows(*runs)["test/nll"][1] == [False, True, False]


def test_settings_of_long_runs_differ_by_epochs(tmp_path: Path) -> None:
    runs = [make_run(tmp_path, str(n), experiment=couplet(train=TrainSection(epochs=n))) for n in (1, 2, 3)]
    assert compare(runs).settings == {"train.epochs": [1, 2, 3]}


def test_a_run_that_lacks_an_evaluation_is_compared_with_what_training_measured(tmp_path: Path) -> None:
    one = make_run(tmp_path, "one", valid={1: 5.0}, best=1, test={"nll": 4.0})
    two = make_run(tmp_path, "two", valid={1: 4.0}, best=1)
    values = {"split": "valid", "step": 1, "rows": 50, "metrics": {"nll": 5.0}, "signatures": {"nll": "v1"}}
    one.eval_path("valid").write_text(json.dumps(values), encoding="utf-8")
    result = compare([one, two])
    assert {row.name: row.best for row in result.metrics} == {
        "test/nll": [False, False],
        "valid/nll": [False, True],
    }
    assert result.notes == [f"test: two is not evaluated; run: nlpx eval {two.path} --split test"]


def test_versions_that_an_older_run_has_not_recorded_are_no_difference(tmp_path: Path) -> None:
    one, two = make_run(tmp_path, "one"), make_run(tmp_path, "two")
    values = json.loads(one.snapshot.read_text(encoding="utf-8"))
    del values["versions"]["scipy"]
    values["versions"]["keras"] = "3.0.0"
    one.snapshot.write_text(json.dumps(values), encoding="utf-8")
    assert [*compare([one, two]).settings] == ["version of keras"]


def test_notes_are_few(tmp_path: Path) -> None:
    runs = [make_run(tmp_path, name, test={f"m{i}": 1.0 for i in range(3000)}) for name in ("one", "two")]
    for run in runs:
        values = json.loads(run.eval_path("test").read_text(encoding="utf-8"))
        values["signatures"] = {f"m{i}": run.id for i in range(3000)}
        run.eval_path("test").write_text(json.dumps(values), encoding="utf-8")
    notes = compare(runs).notes
    assert (len(notes), notes[-1]) == (21, "and 2980 more notes")


def test_settings_of_a_hundred_thousand_keys_are_compared_at_once() -> None:
    start = time.monotonic()
    keys = {str(i): i for i in range(100_000)}
    assert list(differences([keys, {**keys, "7": None}])) == ["7"]
    assert time.monotonic() - start < 10


def test_likelihoods_over_different_vocabularies_are_not_ranked(tmp_path: Path) -> None:
    one, two = (
        make_run(tmp_path, name, test={"nll": nll, "bleu": nll}) for name, nll in (("a", 3.0), ("b", 4.0))
    )
    assert _rows(one, two)["test/nll"] == ([3.0, 4.0], [True, False])
    snapshot = json.loads(two.snapshot.read_text(encoding="utf-8"))
    snapshot["vocabularies"]["char"] = "e" * 64
    two.snapshot.write_text(json.dumps(snapshot), encoding="utf-8")
    rows = _rows(one, two)
    assert rows["test/nll"] == ([3.0, 4.0], [False, False])
    assert any("output vocabularies of the runs differ" in note for note in compare([one, two]).notes)
    assert sum("output vocabularies of the runs differ" in note for note in compare([one, two]).notes) == 1


def test_runs_that_lack_an_evaluation_do_not_hide_the_best_of_the_others(tmp_path: Path) -> None:
    runs = [make_run(tmp_path, str(i), test={"nll": 4.0 - i}) for i in range(2)]
    values = json.loads(runs[1].eval_path("test").read_text(encoding="utf-8"))
    values["signatures"] = {"nll": "v2"}  # the other evaluation is older and has none
    runs[1].eval_path("test").write_text(json.dumps(values), encoding="utf-8")
    runs.append(make_run(tmp_path, "new", status="interrupted"))
    result = compare(runs)
    assert result.metrics[0].best == [False, True, False]
    assert result.notes == [f"test: new is not evaluated; run: nlpx eval {runs[2].path} --split test"]
