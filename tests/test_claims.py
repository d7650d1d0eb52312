"""Claims are judged by intervals over paired seeds, and the page is what the stored runs say."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import ttest_rel

from nlpx.config.load import load_experiment
from nlpx.core.component import builtin_registry

ROOT = Path(__file__).resolve().parents[1]
TRICKS, RECIPES = (ROOT / "benchmarks" / name for name in ("tricks.yaml", "recipes.yaml"))


@pytest.fixture
def claims(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.delitem(sys.modules, "claims", raising=False)
    return __import__("claims")


def test_intervals_are_those_of_a_paired_t_test(claims: Any) -> None:
    random = np.random.default_rng(0)
    first, second = random.normal(size=(2, 7))
    values = [dict(enumerate(row.tolist())) for row in (first, second)]
    mean, half, count = claims.difference(values[1], values[0])
    low, high = ttest_rel(second, first).confidence_interval(0.95)
    assert (mean - half, mean + half, count) == (pytest.approx(low), pytest.approx(high), 7)


def test_only_common_seeds_are_compared(claims: Any) -> None:
    mean, _, count = claims.difference({1: 3.0, 2: 5.0, 9: 100.0}, {1: 1.0, 2: 2.0, 8: -100.0})
    assert (mean, count) == (2.5, 2)


@pytest.mark.parametrize(
    ("mean", "half", "count", "better", "expected"),
    [
        (0.02, 0.01, 5, "higher", "confirmed"),
        (0.02, 0.01, 5, "lower", "contradicted"),
        (-0.02, 0.01, 5, "lower", "confirmed"),
        (0.02, 0.02, 5, "higher", "no difference seen"),
        (0.02, 0.01, 4, "higher", "too few seeds"),
    ],
)
def test_verdicts(claims: Any, mean: float, half: float, count: int, better: str, expected: str) -> None:
    assert claims.verdict(mean, half, count, better) == expected


def test_stored_runs_are_read_again_and_make_the_page(claims: Any, tmp_path: Path) -> None:
    claim = claims.Claim("c", "somewhere", "It helps", "c.yaml", "accuracy", {"without": [], "with": []})
    store = claims.Store(tmp_path / "runs.jsonl")
    for seed in range(1, 6):
        store.add("c", "without", seed, {"accuracy": 0.8 + seed / 1000})
        store.add("c", "with", seed, {"accuracy": 0.9 + seed / 1000 + seed % 2 / 1000})
    lines = list(claims.section(claim, claims.Store(tmp_path / "runs.jsonl")))
    assert "| without | 5 | 0.8030 |  |  |  |" in lines
    assert "| with | 5 | 0.9036 | +0.1006 ± 0.0007 | without | confirmed |" in lines


def test_every_claim_names_configs_and_options_that_exist(claims: Any, tmp_path: Path) -> None:
    news = tmp_path / "news.gz"
    news.write_text("新闻\n", encoding="utf-8")
    for claim in [*claims.claims().values(), *claims.load(TRICKS).values(), *claims.load(RECIPES).values()]:
        for name in claim.data:
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        for overrides in claim.variants.values():
            sets = [*claim.common, *overrides, f"data.root={tmp_path}"]
            load_experiment(ROOT / claim.config, [option.replace("{news}", str(news)) for option in sets])
        assert len(claim.variants) > 1


def test_every_trick_has_a_config_and_is_measured(claims: Any) -> None:
    tricks = {entry.name for entry in builtin_registry() if entry.kind == "trick"}
    measured = {variant for claim in claims.load(TRICKS).values() for variant in claim.variants}
    assert tricks == measured - {"none", "mixup of images"}
    assert sorted(path.stem for path in (ROOT / "configs" / "tricks").glob("*.yaml")) == sorted(tricks)


def test_every_stored_run_belongs_to_a_claim_or_recipe(claims: Any) -> None:
    stores = (claims.CLAIMS, claims.Store()), (RECIPES, claims.Store(RECIPES.with_suffix(".jsonl")))
    for path, store in stores:
        known = claims.load(path)
        for name, variant, _ in store.found:
            assert variant in known[name].variants, (name, variant)


def test_splits_for_recipes_separate_groups_and_upper_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    splits: Any = __import__("splits")
    topics = ["猫狗鱼鸟", "车船路桥", "山水云月"]
    groups = [f"{n}\t{t[n % 4]}{t[(n + k) % 4]}的{k}" for t in topics for n in range(30) for k in range(3)]
    lines = [f"{topic}{line}" for line, topic in zip(groups, np.repeat(["0", "1", "2"], 90), strict=True)]
    for split, options in (
        (splits.unseen_topics, {"clusters": 4, "held": 90}),
        (splits.unseen_uppers, {"share": 4}),
    ):
        train, held = split(lines, **options)
        assert sorted(train + held) == sorted(lines) and train and held
        assert not {line.split("\t")[0] for line in train} & {line.split("\t")[0] for line in held}
    assert splits.last_days(lines, 10) == (lines[:-10], lines[-10:])
