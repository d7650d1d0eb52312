"""Predictors of the task linking."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nlpx.components.decoders.half_pointer import HalfPointer
from nlpx.components.sources.linked_texts import LinkedText, Mention
from nlpx.data.batching import collate
from nlpx.data.codec import Vocabularies
from nlpx.data.items import MAIN, EncodedItems, Field
from nlpx.data.pieces import rounded, score_pieces
from nlpx.specs.linker import QUERY
from nlpx.specs.predictor import Prediction, Predictor
from nlpx.tasks.linking.codec import LinkingCodec
from nlpx.tasks.linking.config import Linking
from nlpx.tasks.linking.example import LinkingExample
from nlpx.tasks.linking.lookup import Lookup
from nlpx.text.jieba_words import jieba_words
from nlpx.text.names import Span

if TYPE_CHECKING:
    from nlpx.exported.linker import ExportedLinker
    from nlpx.tasks.linking.learner import LinkingLearner

SECOND = "second"
PAIR_FIELDS: Mapping[str, Field] = {
    "char": Field(),
    "query": Field("uint8", (QUERY,)),
    "span": Field(shape=(2,), sequence=None),
    "second.char": Field(sequence=SECOND),
}
"""Fields of a mention with an entity."""
PAIRS_AT_ONCE = 1 << 12
"""Mentions with entities whose features are in memory at the same time."""


class Choice(NamedTuple):
    """An entity, by its place, with its probability."""

    entity: int
    probability: float


Spans = Sequence[Sequence[Span]]
"""For each text, spans of it."""


class LinksPredictor(Predictor[LinkedText, LinkingExample]):
    """Base class of what finds mentions and links them.

    Args:
        codec: reads the records.
        vocabularies: those of the training rows.
    """

    def __init__(self, codec: LinkingCodec, vocabularies: Vocabularies) -> None:
        self._codec = codec
        self._vocabularies = vocabularies

    @property
    def lookup(self) -> Lookup:
        """The names and entities of the run."""
        return self._codec.lookup(self._vocabularies)

    def normalized(self, text: str) -> str:
        """A text as the dictionary and the model see it, of the same length."""
        return self._codec.normalizer.normalize(text)

    @abstractmethod
    def spans(self, texts: Sequence[str]) -> Spans:
        """The mentions of every text, from left to right."""

    @abstractmethod
    def link(self, texts: Sequence[str], spans: Spans) -> list[list[Choice | None]]:
        """For all spans, the entity; None if there is none."""

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        spans = self.spans(texts)
        linked = zip(texts, spans, self.link(texts, spans), strict=True)
        return [self._prediction(text, found, chosen) for text, found, chosen in linked]

    def examples(self, rows: Sequence[LinkedText], known: Container[str]) -> list[LinkingExample]:
        texts = [row.text for row in rows]
        spans = self.spans(texts)
        reference = [[(mention.offset, mention.end) for mention in row.linked] for row in rows]
        both = [[*found, *expected] for found, expected in zip(spans, reference, strict=True)]
        examples = []
        for row, found, chosen in zip(rows, spans, self.link(texts, both), strict=True):
            ids = ["" if choice is None else self.lookup.entities[choice.entity].kb_id for choice in chosen]
            predicted = [
                Mention(row.text[start:end], start, kb_id)
                for (start, end), kb_id in zip(found, ids, strict=False)
                if kb_id
            ]
            example = LinkingExample(
                text=row.text,
                reference=tuple(row.linked),
                prediction=tuple(predicted),
                chosen=tuple(ids[len(found) :]),
                group=(row.group,) if row.group else (),
            )
            examples.append(example)
        return examples

    def _prediction(self, text: str, spans: Sequence[Span], chosen: Sequence[Choice | None]) -> Prediction:
        mentions, shown = [], []
        for (start, end), choice in zip(spans, chosen, strict=True):
            if choice is None:
                continue
            entity = self.lookup.entities[choice.entity]
            mentions.append(
                {
                    "mention": text[start:end],
                    "offset": start,
                    "kb_id": entity.kb_id,
                    "subject": entity.subject,
                    "description": entity.summary,
                    "score": choice.probability,
                }
            )
            about = f"，{entity.summary}" if entity.summary else ""
            shown.append(
                f"{text[start:end]}@{start}={entity.kb_id}（{entity.subject}{about}）{choice.probability:.2f}"
            )
        return Prediction("；".join(shown), {"mentions": mentions})


class LinkingPredictor(LinksPredictor):
    """A trained linker."""

    def __init__(
        self,
        experiment: Linking,
        codec: LinkingCodec,
        learner: LinkingLearner | ExportedLinker,
        vocabularies: Vocabularies,
    ) -> None:
        super().__init__(codec, vocabularies)
        self._batch_size = experiment.train.evaluation_batch_size
        self._decoder = HalfPointer.of(experiment.decode)
        # A position has a score for each end, computed from a vector of this width.
        self._width = experiment.data.max_length * (experiment.model.pointer or 1)
        self._learner = learner

    def spans(self, texts: Sequence[str]) -> Spans:
        found: list[list[Span]] = [[] for _ in texts]
        dictionary = self.lookup.dictionary
        places = [(number, *piece) for number, text in enumerate(texts) for piece in self._codec.pieces(text)]
        features = [self._codec.features_of(piece, self._vocabularies, dictionary) for _, _, piece in places]
        by_piece: list[list[Span]] = [[] for _ in places]
        for batch in score_pieces(features, self._learner.pointers, self._batch_size, self._width):
            for index, length, scores in zip(batch.rows, batch.lengths, batch.scores, strict=True):
                by_piece[index] = self._decoder.spans(scores[:length, 0], scores[:length, 1 : length + 1])
        for (number, offset, _), spans in zip(places, by_piece, strict=True):
            found[number] += [(offset + start, offset + end) for start, end in spans]
        return found

    def link(self, texts: Sequence[str], spans: Spans) -> list[list[Choice | None]]:
        if self._decoder.ranking == "prior":
            return [
                most_frequent(self.lookup, self.normalized(t), s) for t, s in zip(texts, spans, strict=True)
            ]
        items, candidates = [], []
        for text, found in zip(texts, spans, strict=True):
            for span in found:
                named = self.lookup.candidates(self.normalized(text)[slice(*span)])
                candidates.append(named)
                items += [(text, span, entity) for entity in named]
        scores = self._scores(items)
        flat = iter(candidates)
        return [[self._choice(next(flat), scores) for _ in found] for found in spans]

    def _choice(self, named: Sequence[int], scores: Iterator[float]) -> Choice | None:
        """The best of some candidates, whose scores are the next ones."""
        own = list(islice(scores, len(named)))
        best = self._decoder.best(own)
        return None if best is None else Choice(named[best], own[best])

    def _scores(self, pairs: Sequence[tuple[str, Span, int]]) -> Iterator[float]:
        """The probability of each text, mention and entity."""
        scores = np.zeros(len(pairs), np.float32)
        for first in range(0, len(pairs), PAIRS_AT_ONCE):
            items = self._items(pairs[first : first + PAIRS_AT_ONCE])
            order = sorted(
                range(len(items)), key=lambda i: (len(items[i]["char"]), len(items[i]["second.char"]))
            )
            for start in range(0, len(order), self._batch_size):
                rows = order[start : start + self._batch_size]
                batch = _batch([items[row] for row in rows])
                scores[[first + row for row in rows]] = self._learner.links(batch)[: len(rows)]
        return iter(scores.tolist())

    def _items(self, pairs: Sequence[tuple[str, Span, int]]) -> list[dict[str, np.ndarray]]:
        """The fields of PAIR_FIELDS; the text is the piece with the mention."""
        features, characters = self._codec.pairs(self._vocabularies), self._vocabularies["char"]
        pieces = {text: self._codec.pieces(text) for text in dict.fromkeys(text for text, _, _ in pairs)}
        words: dict[str, tuple[str, ...]] = {}
        items = []
        for text, (start, end), entity in pairs:
            offset, piece = next((at, piece) for at, piece in pieces[text] if start < at + len(piece))
            span = (start - offset, min(end - offset, len(piece)))
            if piece not in words:
                words[piece] = jieba_words(piece)
            item = {
                "char": characters.ids(piece),
                "query": features.query(piece, words[piece], span, entity),
                "span": np.array(span, np.int32),
                "second.char": features.description(entity).ids,
            }
            items.append(item)
        return items


def _batch(items: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """One batch; to limit the number of shapes, lengths are rounded up, and rows are a power of two."""
    encoded = EncodedItems.of(items, PAIR_FIELDS)
    lengths = {name: rounded(max(1, int(encoded.extents[name].lengths.max()))) for name in (MAIN, SECOND)}
    return collate(encoded, np.arange(len(items)), lengths, 1 << (len(items) - 1).bit_length())


def most_frequent(lookup: Lookup, normalized: str, spans: Sequence[Span]) -> list[Choice | None]:
    """For each span of a text, what it meant most often in the training split, with its proportion."""
    chosen: list[Choice | None] = []
    for span in spans:
        name = normalized[slice(*span)]
        entity, links = lookup.most_frequent(name), lookup.links(name)
        share = links.get(entity, 0) / sum(links.values()) if links and entity is not None else 0.0
        chosen.append(None if entity is None else Choice(entity, share))
    return chosen
