"""Random lower lines."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from nlpx.components.decoders.couplet_rules import CoupletRules
from nlpx.components.decoders.couplet_sample import CoupletSample
from tests.components.decoders.test_couplet_rules import LARGE, log_probs, violations

TOKENS = ["<unk>", *"天地人山"]


@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_one_character_is_drawn_from_the_softmax(temperature: float) -> None:
    scores = log_probs(1, len(TOKENS), 0)
    draws = 2000
    found = Counter(
        CoupletSample(temperature=temperature, seed=seed).decode("风", scores, TOKENS)
        for seed in range(draws)
    )
    weights = np.exp(scores[0, 1:] / temperature)
    for token, share in zip(TOKENS[1:], weights / weights.sum(), strict=True):
        assert found[token] / draws == pytest.approx(share, abs=0.04)


def test_the_rules_are_kept_and_the_line_only_depends_on_seed_and_upper_line() -> None:
    upper = "风雨风，雨花"
    scores = log_probs(len(upper), len(LARGE), 1)
    lines = [
        CoupletSample(seed=seed, temperature=1.0).decode(upper, scores, LARGE) for seed in (*range(20), 0)
    ]
    assert lines[0] == lines[-1]
    assert len({*lines}) > 10
    assert all(not any(violations(upper, line).values()) for line in lines)


def test_near_0_is_the_best_line() -> None:
    upper = "风雨花鸟"
    scores = log_probs(len(upper), len(LARGE), 2)
    drawn = CoupletSample(temperature=1e-6).decode(upper, scores, LARGE)
    assert drawn == CoupletRules().decode(upper, scores, LARGE)
