"""Topics of texts, found by the characters that they share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlpx.text.tfidf import Tfidf

PER_TOPIC = 12
"""Mean number of texts in a topic."""
AT_ONCE = 1000


def topics(texts: Sequence[str]) -> np.ndarray:
    """The topic of each text, (n,) int64.

    The last texts, one in PER_TOPIC, are the centres of the topics; each text belongs to the centre with the
    most similar TF-IDF vector. Nothing is iterated or drawn, so that the result depends on the texts and on
    their order alone; put them into an order that has nothing to do with their contents.
    """
    tfidf = Tfidf.fit(texts)
    centres = tfidf(texts[-max(1, len(texts) // PER_TOPIC) :]).T
    nearest = [
        (tfidf(texts[start : start + AT_ONCE]) @ centres).toarray().argmax(axis=1)
        for start in range(0, len(texts), AT_ONCE)
    ]
    return np.concatenate(nearest) if nearest else np.zeros(0, np.int64)
