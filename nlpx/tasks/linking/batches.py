"""Training batches: of every text one mention with one entity of its name, sampled again in every epoch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlpx.data.batching import BatchPlan
from nlpx.data.items import MAIN, EncodedItems
from nlpx.data.planned_batches import PlannedBatches
from nlpx.specs.linker import QUERY
from nlpx.tasks.linking.codec import CODE, MENTION, WORD, words_of
from nlpx.tasks.linking.lookup import Lookup
from nlpx.tasks.linking.pairs import PairFeatures
from nlpx.text.names import Span


class LinkBatches(PlannedBatches):
    """Batches with the fields that `LinkerLearner.values` reads.

    The sample of an item is a pure function of seed, epoch and the index of the item, whatever its batch.

    Args:
        lookup: the entities of a name.
        pairs: the features of a mention with an entity.
        seed: seed of the samples.
        length: padded length of descriptions.
    """

    def __init__(
        self,
        plan: BatchPlan,
        items: EncodedItems,
        batch_size: int,
        accumulation: int,
        *,
        lookup: Lookup,
        pairs: PairFeatures,
        seed: int,
        length: int,
    ) -> None:
        super().__init__(plan, items, batch_size, accumulation)
        self._mentions = items.extents[MENTION]
        self._main = items.extents[MAIN]
        self._lookup = lookup
        self._pairs = pairs
        self._seed = seed
        self._length = length

    def update(self, epoch: int, index: int) -> list[dict[str, np.ndarray]]:
        batches = super().update(epoch, index)
        for batch, rows in zip(batches, self.rows(epoch, index), strict=True):
            del batch[CODE], batch[WORD]
            self._add(batch, rows, epoch)
        return batches

    def sample(self, row: int, epoch: int) -> tuple[Span, int, bool] | None:
        """A mention of an item, the place of an entity with its name, and whether the mention means it.

        None if no mention of the item has a name in the knowledge base.
        """
        start, count = int(self._mentions.offsets[row]), int(self._mentions.lengths[row])
        mentions = self._items.arrays[MENTION][start : start + count].tolist()
        text = self._text(row)
        choices = [
            (begin, end, entity, sorted({entity, *self._lookup.named.get(text[begin:end], ())}))
            for begin, end, entity in mentions
        ]
        if not choices:
            return None
        random = np.random.default_rng([self._seed, epoch, row])
        begin, end, entity, named = choices[random.integers(len(choices))]
        chosen = named[random.integers(len(named))]
        return (begin, end), chosen, chosen == entity

    def _add(self, batch: dict[str, np.ndarray], rows: Sequence[int], epoch: int) -> None:
        size, width = batch["mask"].shape
        batch |= {
            "span": np.zeros((size, 2), np.int32),
            "query": np.zeros((size, width, QUERY), np.uint8),
            "second.char": np.zeros((size, self._length), np.int32),
            "second.mask": np.zeros((size, self._length), bool),
            "link": np.zeros(size, np.int32),
            "sampled": np.zeros(size, bool),
        }
        for place, row in enumerate(rows):
            sample = self.sample(row, epoch)
            if sample is None:
                continue
            span, entity, right = sample
            text, ids = self._text(row), self._pairs.description(entity).ids
            words = words_of(text, self._of(WORD, row))
            batch["span"][place] = span
            batch["query"][place, : len(text)] = self._pairs.query(text, words, span, entity)
            batch["second.char"][place, : len(ids)] = ids
            batch["second.mask"][place, : len(ids)] = True
            batch["link"][place], batch["sampled"][place] = right, True

    def _text(self, row: int) -> str:
        return "".join(map(chr, self._of(CODE, row).tolist()))

    def _of(self, name: str, row: int) -> np.ndarray:
        """A field of the main sequence of an item."""
        start = int(self._main.offsets[row])
        return self._items.arrays[name][start : start + int(self._main.lengths[row])]
