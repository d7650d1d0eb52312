"""Learner of the task linking, and the order of its training."""

from __future__ import annotations

from nlpx.data.batching import BatchPlan, choose_boundaries
from nlpx.data.codec import Vocabularies
from nlpx.data.items import EncodedItems
from nlpx.models.linker import Linker, LinkerLearner
from nlpx.tasks.linking.batches import LinkBatches
from nlpx.tasks.linking.codec import LinkingCodec
from nlpx.tasks.linking.config import Linking


class LinkingLearner(LinkerLearner):
    """A linker with what its batches are made with.

    Args:
        experiment: the config.
        codec: reads the records.
        vocabularies: those of the training rows.
    """

    def __init__(self, experiment: Linking, codec: LinkingCodec, vocabularies: Vocabularies) -> None:
        model = Linker(experiment.model, characters=len(vocabularies["char"]))
        super().__init__(model, experiment.loss)
        self._experiment = experiment
        self._lookup, self._pairs = codec.lookup(vocabularies), codec.pairs(vocabularies)

    def batches(self, items: EncodedItems) -> LinkBatches:
        """The order of training."""
        train, seed = self._experiment.train, self._experiment.seed
        boundaries = train.buckets or choose_boundaries(items.lengths)
        return LinkBatches(
            BatchPlan(items.lengths, train.batch_size, boundaries, seed),
            items,
            train.batch_size,
            train.accumulation,
            lookup=self._lookup,
            pairs=self._pairs,
            seed=seed,
            length=self._experiment.data.description_length,
        )
