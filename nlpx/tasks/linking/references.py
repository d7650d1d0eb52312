"""Reference systems: dictionaries of names, with the most frequent or the most similar entity of a name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from nlpx.components.sources.linked_texts import LinkedText
from nlpx.data.codec import Vocabularies
from nlpx.specs.predictor import Say, unheard
from nlpx.tasks.linking.codec import LinkingCodec
from nlpx.tasks.linking.predictor import Choice, LinksPredictor, Spans, most_frequent
from nlpx.text.names import Span
from nlpx.text.tfidf import Tfidf

WEIGHTS = [0.0, *(2.0**power for power in range(-6, 3))]
"""Weights of the prior, of which the best is chosen."""


class DictionaryPredictor(LinksPredictor):
    """Every name that maximum matching finds is a mention of what it meant most often in the training split.

    Args:
        codec: reads the records.
        vocabularies: those of the training rows.
        whole: use the dictionary as it is before cleaning.
    """

    def __init__(self, codec: LinkingCodec, vocabularies: Vocabularies, whole: bool) -> None:
        super().__init__(codec, vocabularies)
        self._whole = whole

    def spans(self, texts: Sequence[str]) -> Spans:
        dictionary = self.lookup.whole_dictionary if self._whole else self.lookup.dictionary
        return [dictionary.match(self.normalized(text)) for text in texts]

    def link(self, texts: Sequence[str], spans: Spans) -> list[list[Choice | None]]:
        return [
            most_frequent(self.lookup, self.normalized(text), found)
            for text, found in zip(texts, spans, strict=True)
        ]


class SimilarityPredictor(DictionaryPredictor):
    """The cleaned dictionary, and the candidate with the highest score.

    score = cosine of the TF-IDF vectors of text and description + weight * share of the links of the name

    The weight is the smallest of those with the most correct entities on the validation split.
    """

    def __init__(self, codec: LinkingCodec, vocabularies: Vocabularies) -> None:
        super().__init__(codec, vocabularies, whole=False)
        self.weight = 0.0

    def prepare(
        self,
        rows: Callable[[str], Iterable[LinkedText]],
        folder: Path | None = None,
        weights: str = "",
        say: Say = unheard,
    ) -> None:
        self._tfidf = Tfidf.fit([entity.description for entity in self.lookup.entities], self.normalized)
        records = list(rows("valid"))
        texts = [row.text for row in records]
        spans = [[(mention.offset, mention.end) for mention in row.linked] for row in records]
        expected = [mention.kb_id for row in records for mention in row.linked]
        right = []
        for self.weight in WEIGHTS:
            chosen = [choice for found in self.link(texts, spans) for choice in found]
            ids = ["" if choice is None else self.lookup.entities[choice.entity].kb_id for choice in chosen]
            right.append(sum(one == other for one, other in zip(ids, expected, strict=True)))
        self.weight = WEIGHTS[int(np.argmax(right))]

    @property
    def signature(self) -> str:
        return f"weight of the prior {self.weight:g}, chosen on the validation split"

    def link(self, texts: Sequence[str], spans: Spans) -> list[list[Choice | None]]:
        vectors = self._tfidf(texts)
        linked = []
        for number, (text, found) in enumerate(zip(texts, spans, strict=True)):
            linked.append([self._best(vectors[number], self.normalized(text), span) for span in found])
        return linked

    def _best(self, vector: object, text: str, span: Span) -> Choice | None:
        name = text[slice(*span)]
        candidates, links = self.lookup.candidates(name), self.lookup.links(name)
        if not candidates:
            return None
        described = self._tfidf([self.lookup.entities[place].description for place in candidates])
        scores = np.asarray((described @ vector.T).todense())[:, 0]  # type: ignore[attr-defined]  # sparse
        shares = np.array([links.get(place, 0) for place in candidates]) / max(1, sum(links.values()))
        scores = scores + self.weight * shares
        best = int(scores.argmax())
        return Choice(candidates[best], float(scores[best]))


def references(codec: LinkingCodec, vocabularies: Vocabularies) -> Mapping[str, LinksPredictor]:
    """All references, by name."""
    return {
        "dictionary + prior": DictionaryPredictor(codec, vocabularies, whole=True),
        "cleaned dictionary + prior": DictionaryPredictor(codec, vocabularies, whole=False),
        "cleaned dictionary + TF-IDF": SimilarityPredictor(codec, vocabularies),
    }
