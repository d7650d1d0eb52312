"""TF-IDF as the reference, and as the lexical part of a model: fitted to the sentences that are searched."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nlpx.components.metrics.correlation import spearman
from nlpx.data.records import Question, ScoredPair
from nlpx.errors import DataError
from nlpx.inference.evaluate import evaluate
from nlpx.tasks.similarity.config import Similarity
from nlpx.tasks.similarity.lexical_weight import remembered
from nlpx.tasks.similarity.pair_predictor import PairPredictor
from nlpx.tasks.similarity.predictor import SentencePredictor
from nlpx.text.vocabulary import Vocabulary

GROUPS = {
    "护照": ["护照丢了怎么办", "护照丢了怎么补办", "护照遗失如何补办"],
    "驾照": ["驾照丢了怎么办", "驾照遗失如何补办", "驾驶证不见了"],
    "冰箱": ["冰箱怎么清洗", "怎么清洗冰箱", "冰箱里面如何清洁"],
    "手机": ["旧手机卖给谁", "旧手机怎么处理", "怎么处理旧手机"],
    "独": ["今天天气怎么样"],
}
ROWS = [Question(f"x:{i}", group, text) for group in GROUPS for i, text in enumerate(GROUPS[group])]
PAIRS = [
    ScoredPair("x:1", "护照丢了怎么办", "护照遗失如何补办", 4),
    ScoredPair("x:2", "护照丢了怎么办", "驾照丢了怎么办", 2),
    ScoredPair("x:3", "冰箱怎么清洗", "怎么清洗冰箱", 5),
    ScoredPair("x:4", "冰箱怎么清洗", "旧手机卖给谁", 0),
    ScoredPair("x:5", "旧手机怎么处理", "冰箱里面如何清洁", 1),
]
OTHERS = ["怎么办怎么办", "如何如何", "护照", "驾照", "天气怎么样", "手机怎么"] * 2


def cosine(corpus: Iterable[str], first: str, second: str) -> float:
    """By the definition, with dictionaries."""
    known = set(corpus)
    df = Counter(term for text in known for term in {*text, *map("".join, pairwise(text))})

    def vector(text: str) -> dict[str, float]:
        tf = Counter([*text, *map("".join, pairwise(text))])
        return {
            term: (1 + math.log(n)) * (math.log((1 + len(known)) / (1 + df[term])) + 1) / len(term)
            for term, n in tf.items()
            if df[term]
        }

    a, b = vector(first), vector(second)
    lengths = math.hypot(*a.values()) * math.hypot(*b.values())
    return sum(a[term] * b.get(term, 0.0) for term in a) / lengths if lengths else 0.0


def task(lexical: object = 0.0, **more: object) -> Similarity:
    model = {"embedding": {"dim": 4, "ngrams": []}}
    decode = {"type": "nearest", "neighbours": 3, "lexical": lexical}
    return Similarity.model_validate({"task": "similarity", "model": model, "decode": decode, **more})


def pair_task(lexical: object = 0.0) -> Similarity:
    source = {"type": "builtin", "name": "similarity_pairs"}
    return task(lexical, data={"source": source}, loss="cosent", metrics=["correlation"])


def predictor_of(task: Similarity) -> Any:
    return task.predictor(task.codec(), PROBLEM, VOCABULARIES)


def reference_of(task: Similarity) -> Any:
    return task.references(task.codec(), {})["tf-idf"]


def encoder(batch: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Bags of characters with fixed vectors."""
    table = np.random.default_rng(3).normal(size=(1000, 6))
    rows = (table[batch["char"]] * batch["mask"][..., None]).sum(1)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True).clip(1e-9)
    return rows.astype(np.float32), np.zeros(len(rows), np.float32)


PROBLEM: Any = SimpleNamespace(width=6, vectors=encoder)
VOCABULARIES = {
    "char": Vocabulary.build(Counter("".join([*OTHERS, *(row.text for row in ROWS)]))),
    "group": Vocabulary.build(Counter(list(GROUPS))),
}


def predictor(lexical: object, **splits: Sequence[Question]) -> SentencePredictor:
    """Of questions, prepared with rows by split."""
    found = predictor_of(task(lexical))
    assert isinstance(found, SentencePredictor)
    found.prepare(lambda split: splits[split])
    return found


def questions(texts: Iterable[str]) -> list[Question]:
    return [Question("x:1", "", text) for text in texts]


def test_the_reference_by_brute_force() -> None:
    subject = task()
    reference = reference_of(subject)
    report = evaluate(subject.metrics, reference, lambda: ROWS, ())
    corpus = [row.text for row in ROWS]
    ranks = []
    for row in ROWS:
        scores = {other: cosine(corpus, row.text, other.text) for other in ROWS if other is not row}
        own = [scores[other] for other in scores if other.group_id == row.group_id]
        if own:
            better = [s for o, s in scores.items() if o.group_id != row.group_id and s > max(own) - 1e-7]
            ranks.append(1 + len(better))
    assert report.metrics["hit_at_1"] == pytest.approx(np.mean([rank <= 1 for rank in ranks]))
    assert report.metrics["mrr"] == pytest.approx(np.mean([1 / rank for rank in ranks]))
    assert 0.5 < report.metrics["hit_at_1"] < 1
    assert "document frequencies of the 13 sentences searched" in reference.signature


def test_the_order_of_the_rows_changes_no_metric() -> None:
    subject = task()
    for measured in (reference_of(subject), predictor(0.4)):
        first, *others = (
            evaluate(subject.metrics, measured, partial(list, rows), ()).metrics
            for rows in (ROWS, ROWS[::-1], ROWS[5:] + ROWS[:5])
        )
        for other in others:
            assert other == pytest.approx(first, rel=1e-12)


def test_a_sentence_that_stands_in_a_corpus_twice_counts_once() -> None:
    reference = reference_of(task())
    reference.survey(ROWS)
    once = reference.points(["护照丢了"]).sparse.toarray()
    reference.survey([*ROWS, *ROWS[:4], ROWS[0]])
    np.testing.assert_array_equal(reference.points(["护照丢了"]).sparse.toarray(), once)
    assert "of the 13 sentences searched" in reference.signature


def lexical_cosine(answer: Mapping[str, float], weight: float) -> float:
    """What TF-IDF said, by what a neighbour shows."""
    return ((1 + weight) * answer["score"] - answer["cosine"]) / weight


def test_neighbours_are_weighed_by_the_corpus_that_is_searched(tmp_path: Path) -> None:
    """Training rows without a corpus, its lines with one, never what is measured or asked."""
    subject = predictor(0.5, train=questions(OTHERS), valid=ROWS)
    subject.survey(ROWS)
    asked, weight = "护照怎么办", 0.5
    for corpus in (OTHERS, [row.text for row in ROWS], ["龘"], ["护照", "护照怎么办"]):
        if corpus is not OTHERS:
            subject.search_in(partial(list, corpus), tmp_path / str(len(corpus)), "step-1")
        (answer,) = subject.predict([asked])
        neighbours: Any = answer.fields["neighbours"]
        assert {one["text"] for one in neighbours} <= set(corpus)
        for one in neighbours:
            assert lexical_cosine(one, weight) == pytest.approx(cosine(corpus, asked, one["text"]), abs=1e-5)


def test_a_split_is_weighed_by_its_own_sentences() -> None:
    subject = predictor(0.5, train=questions(OTHERS))
    points: dict[int, Any] = {}
    for rows in (ROWS, ROWS[:6]):
        subject.survey(rows)
        found = subject.points([row.text for row in rows])
        products = found.scores(found)
        dense = found.dense @ found.dense.T * 1.5
        corpus = [row.text for row in rows]
        expected = [[cosine(corpus, a, b) for b in corpus] for a in corpus]
        np.testing.assert_allclose((products * 1.5 - dense) / 0.5, expected, atol=1e-5)
        points[len(rows)] = products[:6, :6]
    assert not np.allclose(points[13], points[6], atol=1e-3)


def test_rows_that_were_not_surveyed_are_not_measured_by_other_frequencies() -> None:
    with pytest.raises(RuntimeError, match="survey"):
        predictor(0.5, train=questions(OTHERS)).examples(ROWS, ())
    with pytest.raises(RuntimeError, match="survey"):
        reference_of(task()).examples(ROWS, ())


def test_the_weight_is_learned_on_valid_by_the_document_frequencies_of_valid() -> None:
    subject = predictor("learned", train=questions(OTHERS), valid=ROWS)
    subject.survey(ROWS[:4])
    texts, weights = [row.text for row in ROWS], np.arange(21) / 20
    dense = subject.vectors(texts)

    def mrr(weight: float) -> float:
        found = []
        for i, row in enumerate(ROWS):
            scores = [
                float(dense[i] @ dense[j]) + weight * cosine(texts, row.text, t) for j, t in enumerate(texts)
            ]
            own = [s for j, s in enumerate(scores) if j != i and ROWS[j].group_id == row.group_id]
            if own:
                others = (s for j, s in enumerate(scores) if ROWS[j].group_id != row.group_id)
                found.append(1 / (1 + sum(s > max(own) - 1e-7 for s in others)))
        return float(np.mean(found))

    assert mrr(subject.weight) == pytest.approx(max(map(mrr, weights)))
    assert subject.weight > 0


def test_pairs_are_weighed_by_the_sentences_of_all_pairs_and_not_by_their_scores() -> None:
    subject = pair_task()
    reference = reference_of(subject)
    relabelled = [ScoredPair(row.where, row.first, row.second, -row.score) for row in PAIRS]
    found = []
    for rows in (PAIRS, PAIRS[::-1], relabelled):
        reference.survey(rows)
        found.append({(e.first, e.second): e.answer for e in reference.examples(rows, ())})
    corpus = {text for row in PAIRS for text in row.texts}
    for row in PAIRS:
        assert found[0][row.first, row.second] == pytest.approx(cosine(corpus, *row.texts), abs=1e-6)
    assert found[0] == found[1] == found[2]
    assert f"of the {len(corpus)} sentences searched" in reference.signature
    report = evaluate(subject.metrics, reference, lambda: PAIRS, ())
    expected = [cosine(corpus, *row.texts) for row in PAIRS]
    assert report.metrics["spearman"] == pytest.approx(spearman(expected, [row.score for row in PAIRS]))


def test_compared_texts_are_weighed_by_the_corpus_that_is_searched(tmp_path: Path) -> None:
    subject = predictor_of(pair_task(0.5))
    assert isinstance(subject, PairPredictor)
    subject.prepare(lambda split: PAIRS)
    pair = ("护照遗失了", "护照丢了")
    for corpus in ([text for row in PAIRS for text in row.texts], ["丢了", "护照", "别的"]):
        if len(corpus) == 3:
            subject.search_in(lambda: ["丢了", "护照", "别的"], tmp_path, "step-1")
        (answer,) = subject.predict(["\t".join(pair)])
        shown: Any = answer.fields
        assert lexical_cosine(shown, 0.5) == pytest.approx(cosine(corpus, *pair), abs=1e-5)


@pytest.mark.parametrize("lexical", [0.0, 0.15, 1.0, 3.0])
def test_what_is_shown_lies_between_minus_1_and_1(lexical: float) -> None:
    texts = [text * n for text in GROUPS["护照"] + GROUPS["冰箱"] for n in range(1, 5)]
    subject = predictor(lexical, train=questions(texts))
    shown: list[Any] = [one for answer in subject.predict(texts) for one in answer.fields["neighbours"]]  # type: ignore[attr-defined]
    subject.survey(questions(texts * 2))
    scores = [example.score for example in subject.examples(questions(texts * 2), ())]
    pairs = predictor_of(pair_task(lexical))
    pairs.prepare(lambda split: PAIRS)
    same = [ScoredPair("x:1", text, text, 1) for text in texts]
    pairs.survey(same)
    scores += [example.answer for example in pairs.examples(same, ())]
    compared: list[Any] = [answer.fields for answer in pairs.predict([f"{text}\t{text}" for text in texts])]
    scores += [one[name] for one in shown + compared for name in ("score", "cosine")]
    assert max(scores) == pytest.approx(1)
    assert -1 <= min(scores) <= max(scores) <= 1


@pytest.mark.parametrize(
    "corpus", [["护照丢了"], ["护照丢了"] * 3, ["龘龘", "😀"], ["   护照丢了   ", "x" * 500]]
)
def test_corpora_that_say_little(corpus: list[str]) -> None:
    """One sentence, equal ones, none with a known character, and more than is read of a sentence."""
    subject = predictor(0.5, train=questions(corpus))
    for answer in subject.predict(["护照丢了", "😀", "没有的字"]):
        found: Any = answer.fields["neighbours"]
        assert len(found) == len(set(corpus))
        assert all(math.isfinite(one[name]) for one in found for name in ("score", "cosine"))


def unreadable() -> float:
    raise DataError("valid.tsv: there is no such file")


def learning(weight: float) -> Callable[[], float]:
    return lambda: weight


@pytest.mark.parametrize(
    "content",
    [None, "", "{}", "[]", "7", "[" * 900, '{"lexical": NaN, "tfidf": 1}', '{"lexical": -1, "tfidf": 1}',
     '{"lexical": 1e999, "tfidf": 1}', f'{{"lexical": {"9" * 500}, "tfidf": 1}}', '{"lexical": "x"}', "0" * 2000],
)  # fmt: skip
def test_a_weight_that_is_missing_or_damaged_is_learned(tmp_path: Path, content: str | None) -> None:
    path, said = tmp_path / "index" / "step-1.json", list[str]()
    if content is not None:
        path.parent.mkdir()
        path.write_text(content, encoding="utf-8")
        with pytest.raises(DataError, match="no such file"):
            remembered(path, unreadable, said.append)
    assert remembered(path, learning(0.35), said.append) == 0.35
    assert remembered(path, unreadable, said.append) == 0.35
    assert said == []


def test_a_weight_of_an_earlier_version_is_learned_again_if_it_can_be(tmp_path: Path) -> None:
    path, said = tmp_path / "step-1.json", list[str]()
    path.write_text('{"lexical": 0.8}\n', encoding="utf-8")
    assert remembered(path, unreadable, said.append) == 0.8
    (line,) = said
    assert "the weight 0.8 of the lexical part was learned with other weights of terms" in line
    assert "valid.tsv: there is no such file" in line
    assert remembered(path, learning(0.35), said.append) == 0.35
    assert json.loads(path.read_text("utf-8")) == {"lexical": 0.35, "tfidf": 1}


def test_a_weight_is_not_written_through_a_link(tmp_path: Path) -> None:
    target, path = tmp_path / "mine.txt", tmp_path / "step-1.json"
    target.write_text("mine", encoding="utf-8")
    path.symlink_to(target)
    assert remembered(path, learning(0.35), pytest.fail) == 0.35
    assert target.read_text(encoding="utf-8") == "mine"
