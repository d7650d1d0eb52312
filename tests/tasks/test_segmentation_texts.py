"""Segmentation of many texts at once equals that of each piece by itself, whatever the characters."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlpx.components.decoders.viterbi import Viterbi, viterbi
from nlpx.data.pieces import Features, pad
from nlpx.data.records import Sentence
from nlpx.tasks.segmentation.config import Segmentation
from nlpx.tasks.segmentation.predictor import SegmentationPredictor
from nlpx.text.tags import SINGLE, words_of
from nlpx.text.vocabulary import Vocabulary

LIMIT = 7
ALPHABET = "春风又绿江南岸，。Ａa１\n\t \u3000😀𠮷\u200d□"
TEXTS = st.lists(st.text(ALPHABET, max_size=30) | st.text(max_size=5), max_size=8)
ROWS = [
    Sentence(str(i), tuple(words.split())) for i, words in enumerate(["春风 又 绿 江南 岸", "江南岸 ， 春风"])
]
TABLES = np.random.default_rng(0).normal(size=(97, 4))


class Fixed:
    """A learner whose scores are a function of the features of a position."""

    potentials: dict[str, np.ndarray | None] = {
        "transitions": TABLES[:4],
        "start": TABLES[4],
        "stop": TABLES[5],
    }

    def scores(self, batch: Features) -> tuple[np.ndarray, np.ndarray]:
        mixed = sum(
            (i + 3) * values.reshape(*values.shape[:2], -1).astype(np.int64).sum(-1)
            for i, values in enumerate(batch.values())
        )
        return TABLES[mixed % len(TABLES)].astype(np.float32), np.zeros(len(mixed))


def predictor(options: dict[str, Any]) -> SegmentationPredictor:
    settings = {"task": "segmentation", "data": {"max_length": LIMIT}, "train": {"evaluation_batch_size": 2}}
    experiment = Segmentation.model_validate({**settings, **options})
    codec = experiment.codec()
    counts: dict[str, Counter[str]] = {name: Counter() for name in codec.min_counts}
    for row in ROWS:
        for name, tokens in codec.count(row).items():
            counts[name].update(tokens)
    vocabularies = {name: Vocabulary.build(count) for name, count in counts.items()}
    vocabularies |= codec.derive(ROWS, vocabularies)
    return SegmentationPredictor(experiment, codec, Fixed(), vocabularies)  # type: ignore[arg-type]


def by_itself(made: SegmentationPredictor, text: str) -> list[str]:
    """The words of one text, whose pieces are computed one by one."""
    codec, decoder = made._codec, made._decoder
    tags = [np.zeros(0, np.int32)]
    for piece in codec.features_of(text, made._vocabularies):
        scores, _ = Fixed().scores(pad([piece], len(piece["char"])))
        tags += viterbi(scores, [len(piece["char"])], **decoder.tables(**Fixed.potentials))[0]
    whole = np.concatenate(tags)
    whole[[i for i, char in enumerate(text) if char.isspace()]] = SINGLE
    return list(words_of(text, whole))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"decode": {"type": "viterbi", "legal_ends": False}},
        {"model": {"embedding": {"ngrams": [{"size": 2}, {"size": 3}], "lexicon": None}}},
    ],
)
def test_words(options: dict[str, Any]) -> None:
    made = predictor(options)

    @given(TEXTS)
    @example([])
    @example(["", "\ud800春", "春" * 15, " \n", ""])
    def check(texts: list[str]) -> None:
        found = made.predict(texts)
        assert [prediction.fields["words"] for prediction in found] == [by_itself(made, t) for t in texts]
        assert [p.text for p in found] == [" ".join(by_itself(made, text)) for text in texts]

    check()


@given(TEXTS)
def test_features(texts: list[str]) -> None:
    """Those of all texts at once are those of every text."""
    made = predictor({"model": {"embedding": {"ngrams": [{"size": 3}, {"size": 2}]}}})
    items = made._codec.encode_texts(texts, made._vocabularies)
    alone = [item for text in texts for item in made._codec.features_of(text, made._vocabularies)]
    assert items.lengths.tolist() == [len(item["char"]) for item in alone]
    for name, values in items.arrays.items():
        expected = [item[name] for item in alone]
        np.testing.assert_array_equal(values, np.concatenate([values[:0], *expected]))
        assert items.fields[name].dtype == values.dtype.name


def test_a_dictionary_reads_the_pieces(tmp_path: Any) -> None:
    path = tmp_path / "words.tsv"
    path.write_text("春风又\t1000000\n", encoding="utf-8")
    made = predictor({"decode": {"type": "viterbi", "dictionary": str(path)}})
    made._decoder = Viterbi.of(made._decoder.prepare())
    words = [
        prediction.fields["words"]
        for prediction in made.predict(["岸，岸春风又", "", "春风又绿春风又绿春风又"])
    ]
    assert [list(row).count("春风又") for row in words if isinstance(row, list)] == [1, 0, 3]
