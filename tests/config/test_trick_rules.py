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
    ("[weight_decay]", "optimizer: ftrl\n", "tricks.0", "it has l2_regularization_strength"),
    ("[word_dropout, {type: word_dropout, rate: 0.5}]", "", "tricks.1", "would replace the same characters"),
    ("[recompute, ema, recompute]", "", "tricks.2", "blocks are already computed again"),
    ("[gradient_noise, lazy]", "", "tricks.1", "lazy must be listed before gradient_noise"),
    ("[spectral_norm, lazy]", "", "tricks.1", "lazy must be listed before spectral_norm"),
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
        "tricks: [{type: weight_decay, rate: {value: 0.1, schedule: linear}}]\n",
        "tricks: [{type: freeze, only: [a], until: 3}, {type: freeze, only: [b], start: 1 epoch}]\n",
    ],
)
def test_sound(problems: Problems, text: str) -> None:
    assert problems(f"task: couplet\n{text}") == []


@pytest.mark.parametrize("moment", ["3 epoch s", "two epochs", "-1", "1.5", "3epochs", "2147483648"])
def test_moments(problems: Problems, moment: str) -> None:
    found = problems(f"task: couplet\ntricks: [{{type: swa, start: {moment}}}]\n")
    assert [problem.path for problem in found] == ["tricks.0.start"]


@pytest.mark.parametrize(
    ("moments", "sound"),
    [
        ("start: 5, until: 6", True),
        ("start: 5, until: 5", False),
        ("until: 0", False),
        ("until: 0 epochs", False),
        ("start: 2 epochs, until: 2 epochs", False),
        ("start: 2 epochs, until: 3 epochs", True),
        ("start: 100, until: 1 epoch", True),
        ("start: 1 epoch, until: 2", True),
        ("start: 1 epoch, until: 1", False),
    ],
)
def test_a_freeze_that_never_begins(problems: Problems, moments: str, sound: bool) -> None:
    found = problems(f"task: couplet\ntricks: [{{type: freeze, only: ['*'], {moments}}}]\n")
    assert [problem.path for problem in found] == ([] if sound else ["tricks.0"])
    assert all("is not later than start" in str(problem) for problem in found)


@pytest.mark.parametrize(
    "option",
    [
        "optimizer: {type: muon, ns_steps: 101}",
        "optimizer: {type: adafactor, beta_2_decay: -.inf}",
        "optimizer: {type: ftrl, learning_rate_power: -.inf}",
        "tricks: [{type: lookahead, steps: 2147483648}]",
        "tricks: [{type: swa, every: 2147483648}]",
        "tricks: [{type: adversarial, steps: 101}]",
        "tricks: [{type: virtual_adversarial, iterations: 101}]",
        "tricks: [{type: spectral_norm_regularization, iterations: 101}]",
    ],
)
def test_numbers_with_which_training_cannot_begin(problems: Problems, option: str) -> None:
    (problem,) = problems(f"task: couplet\n{option}\n")
    assert problem.code == "C105"


def test_a_sum_of_nothing(problems: Problems) -> None:
    (problem,) = problems("task: couplet\nloss: {type: sum, losses: [{loss: cross_entropy, weight: 0}]}\n")
    assert (problem.code, problem.path) == ("C109", "loss.losses")


@pytest.mark.parametrize("rate", ["0", "{value: 0, schedule: linear}"])
def test_a_weight_decay_of_nothing(problems: Problems, rate: str) -> None:
    (problem,) = problems(f"task: couplet\ntricks: [{{type: weight_decay, rate: {rate}}}]\n")
    assert "nothing decays; leave weight_decay out" in str(problem)
