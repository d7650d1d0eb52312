"""Learner of text generation: training, likelihood of titles, and decoding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import tensorflow as tf

from nlpx.components.decoders.sequence import Hypotheses, SequenceDecoder, Step
from nlpx.components.losses.base import Loss
from nlpx.data.items import Field
from nlpx.exported.graph import ASKED
from nlpx.exported.seq2seq import LENGTH, MEMORY, STATE, TOKENS
from nlpx.layers.compiled import Compiled
from nlpx.layers.taps import recording
from nlpx.models.learner import Exportable, InferenceGraph, Learner, tensors
from nlpx.models.seq2seq import Memory, Seq2Seq, Told

Structure = TypeVar("Structure", Memory, Told)
Write = Callable[[Mapping[str, np.ndarray], np.ndarray], Hypotheses]
"""The best title of each row, from `char`, `mask`, `prior.char`, `prior.mask` and random numbers (B, any)."""


class Seq2SeqLearner(Learner[Seq2Seq]):
    """A sequence-to-sequence model with its objective, and its two prediction graphs."""

    def __init__(self, model: Seq2Seq, objective: Loss) -> None:
        super().__init__(model, objective)
        self._nll = Compiled(self._traced_nll)
        self._attention = Compiled(self._traced_attention)
        self._latest: tuple[tuple[SequenceDecoder, tuple[int, ...]], Write] | None = None

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

    attends = True

    def attention(self, batch: Mapping[str, np.ndarray]) -> np.ndarray:
        """How much each token of the titles attends to each of the texts, (B, S, T), the mean over heads."""
        found: np.ndarray = self._attention(tensors(batch)).numpy()
        return found

    def writer(self, decoder: SequenceDecoder, banned: Sequence[int]) -> Write:
        """Generates titles in one compiled loop, each text encoded once; never the tokens `banned`.

        Asked for the same again, it gives the same: at the end of training, nothing is compiled again.
        """
        asked = decoder, tuple(banned)
        if self._latest is None or self._latest[0] != asked:
            self._latest = asked, self._writer(*asked)
        return self._latest[1]

    def _writer(self, decoder: SequenceDecoder, banned: Sequence[int]) -> Write:
        model = self.model

        def traced(batch: Mapping[str, tf.Tensor], uniforms: tf.Tensor) -> Hypotheses:
            memory = model.encode(batch)
            step: Step = lambda known, tokens, told: model.step(_packed(memory, known), tokens, told)  # noqa: E731
            return decoder.decode(
                step,
                [each for each in tf.nest.flatten(memory) if each is not None],
                model.untold(memory, decoder.width),
                uniforms,
                start=model.start,
                end=model.end,
                banned=(*banned, model.start),
            )

        run = Compiled(traced)

        def write(batch: Mapping[str, np.ndarray], uniforms: np.ndarray) -> Hypotheses:
            found = run(tensors(batch), tf.constant(uniforms))
            return Hypotheses(*(part.numpy() for part in found))

        return write

    def exportable(self, fields: Mapping[str, Field]) -> Exportable:
        """The graphs `encode` and `step`; the tokens around a title and the shapes of states as constants."""
        model = self.model
        first, second = (self._probe(*sizes) for sizes in ((2, 3, 2, 5), (3, 4, 3, 7)))
        memory, told = (
            {f"{beginning}.{i}": free(one, other) for i, (one, other) in enumerate(pairs)}
            for beginning, pairs in (
                (MEMORY, _tensors(first[0], second[0])),
                (STATE, _tensors(first[1], second[1])),
            )
        )
        batch = {
            name: tf.TensorSpec((None, None), dtype)
            for name, dtype in (
                ("char", tf.int32),
                ("mask", tf.bool),
                ("prior.char", tf.int32),
                ("prior.mask", tf.bool),
            )
        }

        def encode(arrays: Mapping[str, tf.Tensor]) -> tuple[tf.Tensor, ...]:
            return tuple(each for each in tf.nest.flatten(model.encode(arrays)) if each is not None)

        def step(arrays: Mapping[str, tf.Tensor]) -> tuple[tf.Tensor, ...]:
            read = _packed(first[0], [arrays[name] for name in memory])
            before = _packed(first[1], [arrays[name] for name in told])
            with recording() as taps:
                log_probs, after = model.step(read, arrays[TOKENS], before)
            return log_probs, *tf.nest.flatten(after), taps[self._weights]

        tokens = {TOKENS: tf.TensorSpec((None, None), tf.int32)}
        after = tuple(f"after.{i}" for i in range(len(told)))
        shapes = {
            name: np.array([LENGTH if size is None else size for size in spec.shape[2:]])
            for name, spec in told.items()
        }
        return Exportable(
            {
                "encode": InferenceGraph(encode, batch, tuple(memory)),
                "step": InferenceGraph(step, {**memory, **told, **tokens}, ("log_probs", *after, ASKED)),
            },
            {ASKED: np.array(True), "start": np.array(model.start), "end": np.array(model.end), **shapes},
        )

    def _probe(self, rows: int, length: int, hypotheses: int, distinct: int) -> tuple[Memory, Told]:
        """The memory of empty texts, and the states of hypotheses."""
        batch = {
            "char": tf.zeros((rows, length), tf.int32),
            "mask": tf.ones((rows, length), tf.bool),
            "prior.char": tf.zeros((rows, distinct), tf.int32),
            "prior.mask": tf.ones((rows, distinct), tf.bool),
        }
        memory = self.model.encode(batch)
        return memory, self.model.untold(memory, hypotheses)

    @property
    def _weights(self) -> str:
        """The name of the weights of the attention, (B, heads, S, T)."""
        return f"{self.model.attention.name}/weights"

    def _traced_attention(self, batch: Mapping[str, tf.Tensor]) -> tf.Tensor:
        memory = self.model.encode(batch)
        with recording() as taps:
            self.model.teach(memory, batch)
        return tf.reduce_mean(taps[self._weights], 1)

    def _traced_nll(self, batch: Mapping[str, tf.Tensor]) -> tf.Tensor:
        memory = self.model.encode(batch)
        nll = self.model.nll(self.model.teach(memory, batch), memory, batch["title.char"])
        return tf.reduce_sum(nll * tf.cast(batch["title.mask"], tf.float32), 1)


def free(first: tf.Tensor, second: tf.Tensor) -> tf.TensorSpec:
    """The type of two tensors, in which the axes of different sizes have any size."""
    sizes = zip(first.shape, second.shape, strict=True)
    return tf.TensorSpec([one if one == other else None for one, other in sizes], first.dtype)


def _tensors(first: Memory | Told, second: Memory | Told) -> list[tuple[tf.Tensor, tf.Tensor]]:
    """The tensors of two structures, side by side."""
    pairs = zip(tf.nest.flatten(first), tf.nest.flatten(second), strict=True)
    return [(one, other) for one, other in pairs if one is not None]


def _packed(template: Structure, tensors: Sequence[tf.Tensor]) -> Structure:
    """A structure like another one, of the tensors that it has."""
    given = iter(tensors)
    flat = [None if each is None else next(given) for each in tf.nest.flatten(template)]
    return tf.nest.pack_sequence_as(template, flat)
