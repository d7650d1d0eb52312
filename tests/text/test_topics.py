"""Topics of texts."""

from __future__ import annotations

import numpy as np

from nlpx.text.tfidf import Tfidf
from nlpx.text.topics import PER_TOPIC, topics


def test_texts_that_share_characters_are_together() -> None:
    kinds = "天地玄黄宇宙", "春眠不觉晓处"
    texts = [
        kinds[number % 2][number % 5 :] + kinds[number % 2][: number % 5] for number in range(2 * PER_TOPIC)
    ]
    labels = topics(texts)
    assert (labels[::2] == labels[0]).all() and (labels[1::2] == labels[1]).all() and labels[0] != labels[1]


def test_each_text_belongs_to_the_most_similar_centre() -> None:
    random = np.random.default_rng(0)
    texts = ["".join(random.choice(list("甲乙丙丁戊己庚辛"), size=random.integers(2, 7))) for _ in range(60)]
    similar = Tfidf.fit(texts)(texts).toarray()
    centres = similar[-(60 // PER_TOPIC) :]
    assert topics(texts).tolist() == [int(np.argmax(centres @ text)) for text in similar]


def test_few_texts() -> None:
    assert topics([]).tolist() == []
    assert topics(["甲", ""]).tolist() == [0, 0]
