"""What tricks need of a task, and of the batches."""

from __future__ import annotations

import pytest

from tests.config.conftest import Problems

BROKEN = [
    ("gan", "tricks: [adversarial]", "C224", "tricks.0", "needs `embedding`, which the task gan does not give; expected another trick"),
    ("couplet", "tricks: [ema, {type: gradient_penalty, at: image}]", "C224", "tricks.1", "expected at: embedding"),
    ("image_classification", "tricks: [adversarial]", "C224", "tricks.0", "expected at: image"),
    ("title", "tricks: [r_drop]", "C224", "tricks.0", "expected output: token_logits"),
    ("segmentation", "tricks: [virtual_adversarial]", "C224", "tricks.0", "needs `logits`"),
    ("couplet", "tricks: [recompute, sam]", "C223", "tricks.1", "sam cannot be combined with recompute, tricks.0"),
    ("couplet", "tricks: [{type: swa, start: 9 epochs}]\ntrain: {epochs: 9}", "C227", "tricks.0.start", "after the last update; got 9 epochs, expected less than 9 epochs"),
    ("couplet", "tricks: [ema, {type: freeze, only: [head], start: 30}]\ntrain: {steps: 30}", "C227", "tricks.1.start", "got 30, expected less than 30"),
    ("poem", "tricks: [recompute]\noptimizer: heun", "C223", "tricks.0", "with other weights than in the first pass"),
    ("poem", "tricks: [spectral_norm, recompute]", "C223", "tricks.1", "with other weights than in the first pass"),
    ("poem", "tricks: [gradient_penalty, recompute]", "C223", "tricks.1", "have no gradients of gradients"),
    ("image_classification", "tricks: [mixup]\ntrain: {accumulation: 2}", "C225", "train.accumulation", "mixup needs all rows of an update"),
    ("couplet", "tricks: [{type: mixup, at: feature}]", "C224", "tricks.0", "needs `feature`"),
    ("sentiment", "tricks: [mixup]", "C224", "tricks.0", "expected at: feature"),
    ("poem", "tricks: [word_dropout]", "C224", "tricks.0", "needs `char`"),
    ("couplet", "tricks: [sam]\ntrain: {accumulation: 2}", "C225", "train.accumulation", "sam needs all rows of an update at once; got 2, expected 1"),
]  # fmt: skip


@pytest.mark.parametrize(("task", "text", "code", "path", "words"), BROKEN)
def test_broken(problems: Problems, task: str, text: str, code: str, path: str, words: str) -> None:
    (problem,) = problems(f"task: {task}\n{text}\n")
    assert (problem.code, problem.path) == (code, path)
    assert words in str(problem)


@pytest.mark.parametrize(
    ("task", "trick"),
    [
        ("couplet", "adversarial"),
        ("poem", "gradient_penalty"),
        ("segmentation", "adversarial"),
        ("similarity", "{type: adversarial, steps: 3, step_size: 0.2}"),
        ("title", "{type: r_drop, output: token_logits}"),
        ("sentiment", "virtual_adversarial"),
        ("image_classification", "{type: gradient_penalty, at: image}"),
        ("gan", "sam"),
        ("linking", "adversarial"),
    ],
)
def test_sound(problems: Problems, task: str, trick: str) -> None:
    assert problems(f"task: {task}\ntricks: [{trick}]\n") == []
