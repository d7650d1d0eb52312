"""Couplets with blanks: these are copied, and everything else is as if they were not there."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.data.records import Pair
from nlpx.inference.evaluate import evaluate
from nlpx.tasks.couplet.config import Couplet
from nlpx.tasks.couplet.predictor import CoupletPredictor
from nlpx.tasks.text_codec import Features
from nlpx.text.vocabulary import Vocabulary
from tests.tasks.conftest import Command
from tests.text.test_blanks import BLANKS

LETTERS = "春风花月夜江水天Ａ，。"
CHARACTERS = Vocabulary.build(Counter({**dict.fromkeys(LETTERS + "山石草木云雨雪", 2), " ": 1, "\u3000": 1}))
"""With blanks in it, as vocabularies of older runs may have."""
LINES = st.text(st.sampled_from(LETTERS + BLANKS), max_size=24)
SPACED = st.lists(st.tuples(st.sampled_from(LETTERS), st.text(st.sampled_from(BLANKS), max_size=2)))


class Model:
    """Scores that depend on the whole line, and find blanks the most probable answers."""

    def scores(self, batch: Features) -> tuple[np.ndarray, np.ndarray]:
        ids = np.where(batch["mask"], batch["char"], 0).astype(np.float64)
        line = (ids * np.arange(1, ids.shape[1] + 1)).sum(1, keepdims=True)
        answers = np.arange(len(CHARACTERS))
        logits = 3 * np.sin((ids + line)[..., None] + answers**2)
        logits[..., [CHARACTERS.ids(blank)[0] for blank in " \u3000"]] = 9
        scores = (logits - np.log(np.exp(logits).sum(-1, keepdims=True))).astype(np.float32)
        return scores, np.zeros(len(ids), np.float32)

    def scores_and_nll(self, batch: Features) -> tuple[np.ndarray, np.ndarray]:
        scores, _ = self.scores(batch)
        nll = -np.take_along_axis(scores, batch["target"][..., None], 2)[..., 0]
        return scores, np.where(batch["mask"], nll, 0).sum(1)


def task_with(decoder: str, width: str = "keep", max_length: int = 16) -> Couplet:
    data = {"normalize": {"width": width}, "max_length": max_length}
    metrics = ["nll", "char_accuracy", "bleu", "rule_violations", "distinct"]
    config = {"task": "couplet", "data": data, "decode": decoder, "metrics": metrics}
    return Couplet.model_validate(config)


def predictor(task: Couplet) -> CoupletPredictor:
    return CoupletPredictor(task, task.codec(), Model(), {"char": CHARACTERS})  # type: ignore[arg-type]  # a toy


ANSWERERS = {
    (decoder, width): predictor(task_with(decoder, width))
    for decoder in ("couplet_rules", "argmax")
    for width in ("keep", "half")
}


def bare(line: str) -> str:
    return "".join(char for char in line if char not in BLANKS)


@pytest.mark.parametrize("model", ANSWERERS.values(), ids=map("-".join, ANSWERERS))
@given(lines=st.lists(LINES, max_size=4))
def test_blanks_are_copied_and_change_no_other_answer(model: CoupletPredictor, lines: list[str]) -> None:
    answers = [answer.text for answer in model.predict(lines)]
    without = [answer.text for answer in model.predict([bare(line) for line in lines])]
    for line, answer, other in zip(lines, answers, without, strict=True):
        assert len(answer) == len(line)
        assert [c if c in BLANKS else "" for c in answer] == [c if c in BLANKS else "" for c in line]
        assert bare(answer) == other


def test_a_line_of_blanks_answers_itself() -> None:
    for model in ANSWERERS.values():
        answers = model.predict([BLANKS, "   ", "", "\t"])
        assert [answer.fields["lower"] for answer in answers] == [BLANKS, "   ", "", "\t"]


def test_blanks_do_not_move_the_cuts_of_long_lines() -> None:
    model = ANSWERERS["couplet_rules", "keep"]
    long = "春风花月夜，" * 100
    spaced = "\u3000 ".join(long)
    answer, other = (answer.text for answer in model.predict([spaced, long]))
    assert answer == "\u3000 ".join(other)


@given(SPACED.filter(len), st.integers(0, 99))
def test_rows_with_blanks_train_and_measure_like_rows_without(line: list[tuple[str, str]], seed: int) -> None:
    """The same arrays, vocabularies and keys, and the same number from every metric."""
    random = np.random.default_rng(seed)
    lower = [LETTERS[i] for i in random.integers(len(LETTERS), size=len(line))]
    spaced = Pair(
        "a:1", "".join(c + b for c, b in line), "".join(c + b for c, (_, b) in zip(lower, line, strict=True))
    )
    plain = Pair("b:1", "".join(c for c, _ in line), "".join(lower))
    task = task_with("couplet_rules", max_length=20)
    codec = task.codec()
    assert codec.check(spaced) is codec.check(plain) is None
    assert codec.keeps(spaced) == codec.keeps(plain) == (len(line) <= 20)
    assert codec.count(spaced) == codec.count(plain)
    assert codec.keys(spaced) == codec.keys(plain)
    vocabularies = {"char": CHARACTERS}
    for one, other in zip(codec.encode(spaced, vocabularies), codec.encode(plain, vocabularies), strict=True):
        assert {name: values.tolist() for name, values in one.items()} == {
            name: values.tolist() for name, values in other.items()
        }
    model, known = predictor(task), frozenset(codec.keys(plain))
    assert (
        evaluate(task.metrics, model, lambda: [spaced], known).metrics
        == evaluate(task.metrics, model, lambda: [plain], known).metrics
        != {}
    )


def test_examples_show_the_blanks_as_written() -> None:
    (example,) = ANSWERERS["couplet_rules", "keep"].examples(
        [Pair("a:1", "春风\u3000花", "山石\t草")], {"春风花"}
    )
    assert (example.upper, example.reference) == ("春风\u3000花", "山石\t草")
    assert example.answer[2] == "\u3000"
    assert (example.characters, example.group) == (3, ("seen",))


@pytest.mark.parametrize(
    ("upper", "lower", "reason"),
    [
        (
            "春风 秋月",
            "夏雨冬 雪",
            "blanks at different places; put each blank against another, or set data.source",
        ),
        ("春 风", "夏雨冬", "the upper line has 2 characters and the lower 3"),
        ("春风", "夏 雨", "blanks at different places"),
    ],
)
def test_rows_whose_blanks_stand_at_different_places_are_refused(upper: str, lower: str, reason: str) -> None:
    assert reason in str(task_with("argmax").codec().check(Pair("x:1", upper, lower)))


def test_predict_copies_blanks(nlpx: Command, runs: Path) -> None:
    lines = ["春风秋月", "春风 秋月", " 春\u3000风 \u2009秋\u00a0月\t", "   ", "春 风 秋 月"]
    shown = nlpx(
        "predict",
        runs / "couplet" / "tiny",
        "--input",
        "-",
        "--format",
        "jsonl",
        stdin="\n".join(lines).encode(),
    )
    assert shown.code == 0
    first, *lowers = (json.loads(line)["lower"] for line in shown.out.splitlines())
    a, b, c, d = first
    assert lowers == [f"{a}{b} {c}{d}", f" {a}\u3000{b} \u2009{c}\u00a0{d}\t", "   ", f"{a} {b} {c} {d}"]
