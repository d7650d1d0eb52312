"""Lists of tricks that make no sense are refused with the reason."""

from __future__ import annotations

import pytest

from tests.config.conftest import Problems

CLASHES = [
    # tricks, the rest, path, words
    ("[ema, {type: ema, momentum: 0.5}]", "", "tricks.1", "ema cannot be combined with ema, tricks.0: evaluation can use"),
    ("[swa, gradient_clip, ema]", "", "tricks.2", "ema cannot be combined with swa, tricks.0"),
    ("[ema, swa]", "", "tricks.1", "evaluation can use only one average"),
    ("[swa, swa]", "", "tricks.1", "evaluation can use only one average"),
    ("[lookahead, lookahead]", "", "tricks.1", "the weights cannot follow two copies"),
    ("[ema, lookahead]", "", "tricks.1", "lookahead must be listed before ema, tricks.0: it averages the weights"),
    ("[layer_decay, {type: layer_decay, factor: 0.5}]", "", "tricks.1", "set one factor"),
    ("[weight_decay, weight_decay]", "", "tricks.1", "an optimizer has one weight decay"),
    ("[gradient_noise, lazy]", "", "tricks.1", "lazy must be listed before gradient_noise"),
    ("[spectral_norm, ema]", "", "tricks.1", "ema must be listed before spectral_norm, tricks.0: the average is"),
    ("[ema, spectral_norm_constraint]", "", "tricks.1", "it averages what was divided"),
    ("[spectral_norm, spectral_norm_constraint]", "", "tricks.1", "keep one of them"),
    (
        "[gradient_clip, weight_decay]",
        "optimizer: adamw\n",
        "tricks.1",
        "weight_decay cannot be combined with the optimizer adamw, optimizer: it has weight_decay 0.004 of its own",
    ),
    (
        "[weight_decay]",
        "train: {epochs: ~, stages: [{epochs: 1}, {steps: 9, optimizer: adamw}]}\n",
        "tricks.0",
        "the optimizer adamw, train.stages.1.optimizer",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("tricks", "rest", "path", "words"), CLASHES)
def test_clashes(problems: Problems, tricks: str, rest: str, path: str, words: str) -> None:
    (problem,) = problems(f"task: couplet\ntricks: {tricks}\n{rest}")
    assert (problem.code, problem.path) == ("C223", path)
    assert words in str(problem)


@pytest.mark.parametrize(
    "text",
    [
        "tricks: [lazy, gradient_centralization, gradient_noise, lookahead, ema]\n",
        "tricks: [layer_decay, {type: lr_multipliers, multipliers: {'*/bias': 2}}, lookahead, swa]\n",
        "tricks: [weight_decay]\noptimizer: {type: adamw, weight_decay: 0}\n",
        "tricks: [{type: freeze, only: [a], until: 3}, {type: freeze, only: [b], start: 1 epoch}]\n",
    ],
)
def test_sound(problems: Problems, text: str) -> None:
    assert problems(f"task: couplet\n{text}") == []


@pytest.mark.parametrize("moment", ["3 epoch s", "two epochs", "-1", "1.5", "3epochs"])
def test_moments(problems: Problems, moment: str) -> None:
    found = problems(f"task: couplet\ntricks: [{{type: swa, start: {moment}}}]\n")
    assert [problem.path for problem in found] == ["tricks.0.start"]
