"""Learner of text generation: training, likelihood of titles, and decoding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import tensorflow as tf

from nlpx.components.decoders.sequence import Hypotheses, SequenceDecoder, Step
from nlpx.components.losses.base import Loss
from nlpx.models.learner import Learner, tensors
from nlpx.models.seq2seq import Seq2Seq

Write = Callable[[Mapping[str, np.ndarray], np.ndarray], Hypotheses]
"""The best title of each row, from `char`, `mask`, `prior.char`, `prior.mask` and random numbers (B, any)."""


class Seq2SeqLearner(Learner[Seq2Seq]):
    """A sequence-to-sequence model with its objective, and its two prediction graphs."""

    def __init__(self, model: Seq2Seq, objective: Loss) -> None:
        super().__init__(model, objective)
        self._nll = tf.function(self._traced_nll, reduce_retracing=True, autograph=False)

    def values(self, batch: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, tf.Tensor]:
        """`token_nll`, `token_logits`, `mask` of titles, ends included; with a covered pointer `overlap`."""
        memory = self.model.encode(batch, training)
        scores = self.model.teach(memory, batch, training)
        values = {
            "token_nll": self.model.nll(scores, memory, batch["title.char"]),
            "token_logits": scores.logits,
            "mask": batch["title.mask"],
        }
        if scores.pointed is not None and scores.pointed.overlap is not None:
            values["overlap"] = scores.pointed.overlap
        return values

    def nll(self, batch: Mapping[str, np.ndarray]) -> np.ndarray:
        """-log p of each title, including its end, in nats, (B,) float32."""
        return self._nll(tensors(batch)).numpy()

    def writer(self, decoder: SequenceDecoder, banned: Sequence[int]) -> Write:
        """Generates titles in one compiled loop, each text encoded once; never the tokens `banned`."""
        model = self.model

        def traced(batch: Mapping[str, tf.Tensor], uniforms: tf.Tensor) -> Hypotheses:
            memory = model.encode(batch)
            step: Step = lambda tokens, told: model.step(memory, tokens, told)  # noqa: E731
            return decoder.decode(
                step,
                model.untold(memory, decoder.width),
                uniforms,
                start=model.start,
                end=model.end,
                banned=(*banned, model.start),
            )

        run = tf.function(traced, reduce_retracing=True, autograph=False)

        def write(batch: Mapping[str, np.ndarray], uniforms: np.ndarray) -> Hypotheses:
            found = run(tensors(batch), tf.constant(uniforms))
            return Hypotheses(*(part.numpy() for part in found))

        return write

    def _traced_nll(self, batch: Mapping[str, tf.Tensor]) -> tf.Tensor:
        memory = self.model.encode(batch)
        nll = self.model.nll(self.model.teach(memory, batch), memory, batch["title.char"])
        return tf.reduce_sum(nll * tf.cast(batch["title.mask"], tf.float32), 1)
