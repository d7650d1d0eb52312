"""The tagger: embedding -> encoder blocks -> head, one label per position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import tensorflow as tf

from nlpx.components.losses.base import Loss
from nlpx.core.build import build
from nlpx.data.items import Field
from nlpx.layers.compiled import Compiled
from nlpx.layers.taps import heard
from nlpx.models.blocks import build_blocks, build_embedding, ngram_features, run_blocks
from nlpx.models.built_by_call import BuiltByCall
from nlpx.models.folding import FoldedConvs, fold
from nlpx.models.learner import Exportable, InferenceGraph, Learner, array, batch_inputs, tensors
from nlpx.specs.sections import HeadedTagger
from nlpx.text.paths import path_nll


class Tagger(BuiltByCall):
    """Scores of all labels at every position, with all weights created.

    Args:
        labels: U, the number of labels.
        ngram_sizes: n-gram vocabulary sizes by feature group, one for each entry of `embedding.ngrams`.
        legal: which labels may follow which, for heads that can be constrained.
        levels: name and layout of a feature of levels.
    """

    def __init__(
        self,
        spec: HeadedTagger,
        *,
        characters: int,
        labels: int,
        ngram_sizes: Mapping[str, int],
        legal: Mapping[str, np.ndarray] | None = None,
        levels: tuple[str, Mapping[str, float]] | None = None,
    ) -> None:
        super().__init__(name="tagger")
        self.labels = labels
        self.levels = levels[0] if levels else None
        self.ngrams = ngram_features(spec.embedding)
        self.embedding = build_embedding(
            spec.embedding, characters, ngram_sizes, levels[1] if levels else None
        )
        self.encoder = build_blocks("encoder", spec.encoder)
        self.folded: FoldedConvs | None = None
        self.likelihoods = frozenset(name for name in spec.head.gives if name.endswith("_nll"))
        context = spec.head.context(self.embedding, legal or {})
        self.head = build(spec.head, units=labels, name="head", **context)
        empty = {feature: tf.zeros((1, 2), tf.int32) for feature in ("char", *self.ngrams)}
        if levels:
            empty[levels[0]] = tf.zeros((1, 2, int(levels[1]["fields"])), tf.uint8)
        self({**empty, "mask": tf.ones((1, 2), tf.bool)})

    def fold(self) -> None:
        """Use the weights as they are now in what is computed outside training, until the next call."""
        self.folded = fold(self.embedding, self.encoder)

    def call(self, batch: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """`char` (B, T) int32, `mask` (B, T) bool and the n-gram features -> scores (B, T, U) float32."""
        return self.head(self.encoded(batch, training), mask=batch["mask"])

    def encoded(
        self, batch: Mapping[str, tf.Tensor], training: bool = False, *, folded: bool = True
    ) -> tf.Tensor:
        """The input of the head, (B, T, D); without `folded`, by the layers, whose tables are smaller."""
        mask = batch["mask"]
        ngrams = [batch[name] for name in self.ngrams]
        levels = None if self.levels is None else batch[self.levels]
        if folded and self.folded is not None and not training and not heard("block"):
            x = self.folded(batch["char"], ngrams, levels, mask)
            return run_blocks(self.encoder[self.folded.blocks :], x, mask)
        x = self.embedding(batch["char"], ngrams, levels, mask=mask, training=training)
        return run_blocks(self.encoder, x, mask, training)


class TaggingLearner(Learner[Tagger]):
    """A tagger with its objective, and its two prediction graphs.

    Args:
        frequency: how often each label occurs in the training split, if that is known.
    """

    unit: ClassVar[str] = "chars"

    def __init__(self, model: Tagger, objective: Loss, frequency: Sequence[int] = ()) -> None:
        super().__init__(model, objective, {"classes": model.labels})
        self._frequency = np.array(frequency, np.float32)
        self._compile()

    def fold(self) -> None:
        super().fold()
        self.model.fold()
        self._compile()

    def _compile(self) -> None:
        self._scores = Compiled(self._traced_scores)
        self._nll = Compiled(self._traced_nll)

    def values(self, batch: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, tf.Tensor]:
        """`mask`, `target`, and the values of the head, for a batch with `target` (B, T) int32."""
        mask, target, head = batch["mask"], batch["target"], self.model.head
        encoded = self.model.encoded(batch, training)
        scores = head(encoded, mask=mask)
        values = {"mask": mask, "target": target, "logits": scores, "frequency": self._frequency}
        if "hidden" in self.objective.reads:
            values |= head.output_layer(encoded)
        for name in self.model.likelihoods & self.objective.reads:
            values[name] = head.nll(scores, target, mask)
        return values

    def scores(self, batch: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Scores of a batch (B, T, U) float32, and zeros (B,)."""
        scores = self._scores(tensors(batch))
        return array(scores), np.zeros(len(batch["mask"]), np.float32)

    def scores_and_nll(self, batch: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Scores (B, T, U) float32, and -log p(target) of each row in nats (B,) float32."""
        partition = getattr(self.model.head, "partition", None)
        if partition is not None:
            scores, _ = self.scores(batch)
            return scores, path_nll(scores, batch["target"], batch["mask"], **partition())
        scores, nll = self._nll(tensors(batch))
        return array(scores), nll.numpy()

    @property
    def potentials(self) -> dict[str, np.ndarray | None]:
        """Further inputs of decoding: transitions, start and stop scores of a head; None if it has none."""
        potentials = getattr(self.model.head, "potentials", None)
        return {"transitions": None, "start": None, "stop": None} if potentials is None else potentials()

    def exportable(self, fields: Mapping[str, Field]) -> Exportable:
        """The graph `scores`, and as constants the potentials and what normalizes paths, if there is any."""
        model = self.model
        inputs = batch_inputs(fields, ["char", *model.ngrams, *([model.levels] if model.levels else [])])
        partition: dict[str, np.ndarray] = getattr(model.head, "partition", dict)()
        constants = {**self.potentials, **{f"partition.{name}": array for name, array in partition.items()}}

        def scores(batch: Mapping[str, tf.Tensor]) -> tf.Tensor:
            encoded = model.encoded(batch, folded=False)
            return model.head.decoding_scores(model.head(encoded, mask=batch["mask"]))

        return Exportable(
            {"scores": InferenceGraph(scores, inputs, ("scores",))},
            {name: array for name, array in constants.items() if array is not None},
        )

    def _traced_scores(self, batch: Mapping[str, tf.Tensor]) -> tf.Tensor:
        return self.model.head.decoding_scores(self.model(batch, training=False))

    def _traced_nll(self, batch: Mapping[str, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
        scores = self.model(batch, training=False)
        head = self.model.head
        return head.decoding_scores(scores), head.nll(scores, batch["target"], batch["mask"])
