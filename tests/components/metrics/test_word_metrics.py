"""Similarity and analogies of words beside scipy and a search in a loop; their files."""

from __future__ import annotations

import gzip
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import spearmanr

from nlpx.components.metrics.analogy import Analogy, Question
from nlpx.components.metrics.word_similarity import WordSimilarity
from nlpx.data.word_vectors import WordVectors
from nlpx.errors import DataError
from tests.components.metrics.measuring import counted, measure

RNG = np.random.default_rng(0)
WORDS = [f"w{i}" for i in range(12)]
VECTORS = WordVectors(WORDS, RNG.normal(size=(12, 5)).astype(np.float32))


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def example(**more: object) -> SimpleNamespace:
    return SimpleNamespace(word_vectors=VECTORS, **{"word_pairs": [], "word_analogies": [], **more})


def test_similarity_is_that_of_scipy_over_known_pairs(tmp_path: Path) -> None:
    pairs = [(a, b, float(RNG.integers(5))) for a, b in list(combinations(WORDS, 2))[:30]]
    pairs += [("w0", "unknown", 3.0)] * 10
    path = tmp_path / "pairs.tsv.gz"
    path.write_bytes(gzip.compress("".join(f"{a}\t{b}\t{s}\r\n" for a, b, s in pairs).encode("utf-8-sig")))
    known = pairs[:30]
    table = dict(zip(WORDS, VECTORS.vectors, strict=True))
    expected = spearmanr([s for *_, s in known], [cosine(table[a], table[b]) for a, b, _ in known]).statistic
    for metric, given in ((WordSimilarity(file=str(path)), []), (WordSimilarity(), pairs)):
        found = measure(metric, [example(word_pairs=given)] * 3)
        assert found == {"word_spearman": pytest.approx(expected, abs=1e-6), "word_coverage": 0.75}
    assert measure(WordSimilarity(), [example(word_pairs=[("a", "b", 1.0)])]) == {"word_coverage": 0.0}


def test_analogies_are_those_of_a_search_without_the_cues(tmp_path: Path) -> None:
    drawn = [RNG.choice(WORDS, 4, False).tolist() for _ in range(60)]
    questions = [Question(a, b, c, d, f"s{k % 2}") for k, (a, b, c, d) in enumerate(drawn)]
    asked = [*questions, Question("w0", "w1", "w2", "unknown", "s1")] + [
        Question("x", "w1", "w2", "w3", "s2")
    ] * 14
    lines, section = [], None
    for question in asked:
        lines += [f": {question.section}\n"] if question.section != section else []
        section = question.section
        lines.append(" ".join(question[:4]) + "\n")
    (tmp_path / "analogies.txt").write_text("".join(lines), encoding="utf-8")
    unit = {word: v / np.linalg.norm(v) for word, v in zip(WORDS, VECTORS.vectors.astype(float), strict=True)}
    correct = []
    for a, b, c, d, _ in questions:
        others = [word for word in WORDS if word not in (a, b, c)]
        correct.append(max(others, key=lambda w: cosine(unit[w], unit[b] - unit[a] + unit[c])) == d)
    metric = counted(Analogy(file=str(tmp_path / "analogies.txt")), [example()])
    assert metric.result() == {"analogy_accuracy": pytest.approx(np.mean(correct)), "analogy_coverage": 0.8}
    by_section = {
        s: [r for r, q in zip(correct, questions, strict=True) if q.section == s] for s in ("s0", "s1")
    }
    s0, s1 = by_section["s0"], by_section["s1"]
    assert metric.files()["analogies.tsv"].splitlines() == [
        "section\tquestions\tcovered\tcorrect",
        f"s0\t30\t30\t{sum(s0)}",
        f"s1\t31\t30\t{sum(s1)}",
        "s2\t14\t0\t0",
    ]


@pytest.mark.parametrize(
    ("metric", "content", "told"),
    [
        (WordSimilarity, "a\tb\n", "a.txt:1: 'a\\\\tb'. Expected `word<TAB>word<TAB>score`"),
        (WordSimilarity, "a\tb\t1\na\tb\tnan\n", "a.txt:2: "),
        (WordSimilarity, "a\tb\t1\t2\n", "a.txt:1: "),
        (WordSimilarity, "\n", "there are no pairs"),
        (Analogy, ": x\n\na b c\n", "a.txt:3: 3 words. Expected four"),
        (Analogy, ": x\n", "there are no questions"),
        (Analogy, "", "the file is empty"),
    ],
)
def test_wrong_files(tmp_path: Path, metric: type[WordSimilarity | Analogy], content: str, told: str) -> None:
    (tmp_path / "a.txt").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=told):
        metric(file=str(tmp_path / "a.txt")).prepare()
