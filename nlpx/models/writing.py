"""What is done with a writer: its loss, the likelihood of titles, and titles themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from nlpx.components.decoders.sequence import Hypotheses, SequenceDecoder, Step
from nlpx.components.losses.base import Loss, Term
from nlpx.core.build import implementation
from nlpx.models.seq2seq import Seq2Seq
from nlpx.specs.losses import LossSpec


class Seq2SeqProblem:
    """A writer with the loss that trains it, and its two prediction graphs."""

    def __init__(self, model: Seq2Seq, loss: LossSpec) -> None:
        self.model = model
        self._loss = implementation(type(loss))(**loss.options())
        self._nll = tf.function(self._traced_nll, reduce_retracing=True, autograph=False)

    def loss(self, batch: Mapping[str, tf.Tensor], training: bool) -> tuple[tf.Tensor, tf.Tensor]:
        """Sum of the loss over the tokens of the titles, ends included, and their number.

        With coverage, each token adds its overlap, times the weight of the option.
        """
        memory = self.model.encode(batch, training)
        scores = self.model.teach(memory, batch, training)
        nll = self.model.nll(scores, memory, batch["title.char"])
        loss, weight = self._loss(nll, scores.logits, batch["title.mask"])
        if scores.pointed is not None and scores.pointed.overlap is not None:
            again = tf.where(batch["title.mask"], scores.pointed.overlap, 0.0)
            loss += self.model.coverage * tf.reduce_sum(again)
        return loss, weight

    @property
    def objectives(self) -> Sequence[Loss]:
        """Those whose variables are trained and saved with the model."""
        return ()

    def losses(self, batch: Mapping[str, tf.Tensor], step: tf.Tensor, training: bool) -> Mapping[str, Term]:
        """The terms of the objective over a batch; `step` is the number of updates made so far."""
        return {"loss": Term(*self.loss(batch, training))}

    def nll(self, batch: Mapping[str, np.ndarray]) -> np.ndarray:
        """-log p of every title, its end included, in nats, (B,) float32."""
        return self._nll(_tensors(batch)).numpy()

    def writer(self, decoder: SequenceDecoder, banned: Sequence[int]) -> Writer:
        """The model behind a decoder that never writes the tokens `banned`."""
        return Writer(self.model, decoder, banned)

    def _traced_nll(self, batch: Mapping[str, tf.Tensor]) -> tf.Tensor:
        memory = self.model.encode(batch)
        nll = self.model.nll(self.model.teach(memory, batch), memory, batch["title.char"])
        return tf.reduce_sum(nll * tf.cast(batch["title.mask"], tf.float32), 1)


class Writer:
    """Writes titles: each text is encoded once, and all of decoding is one compiled loop."""

    def __init__(self, model: Seq2Seq, decoder: SequenceDecoder, banned: Sequence[int]) -> None:
        self._model = model
        self._decoder = decoder
        self._banned = (*banned, model.start)
        self._run = tf.function(self._traced, reduce_retracing=True, autograph=False)

    def __call__(self, batch: Mapping[str, np.ndarray], uniforms: np.ndarray) -> Hypotheses:
        """The best title of every row, as arrays.

        Args:
            batch: `char`, `mask`, `prior.char` and `prior.mask`.
            uniforms: the random numbers of the decoder, (B, any) float32.
        """
        found = self._run(_tensors(batch), tf.constant(uniforms))
        return Hypotheses(*(part.numpy() for part in found))

    def _traced(self, batch: Mapping[str, tf.Tensor], uniforms: tf.Tensor) -> Hypotheses:
        model = self._model
        memory = model.encode(batch)
        step: Step = lambda tokens, told: model.step(memory, tokens, told)  # noqa: E731
        states = model.untold(memory, self._decoder.width)
        return self._decoder.decode(
            step, states, uniforms, start=model.start, end=model.end, banned=self._banned
        )


def _tensors(batch: Mapping[str, np.ndarray]) -> dict[str, tf.Tensor]:
    return {name: tf.constant(values) for name, values in batch.items()}
