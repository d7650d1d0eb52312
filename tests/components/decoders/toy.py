"""Small language models with known probabilities, as the step functions of decoders."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from nlpx.components.decoders.beam import Beam
from nlpx.components.decoders.sequence import Hypotheses, SequenceDecoder

Texts = tuple[int, ...]


class TableModel:
    """log p of the next token by the two tokens before it: a state is one token, so that states must move.

    Args:
        log_probs: (B, V + 1, V + 1, V), by row, token before the last, last token; index V is the start.
    """

    def __init__(self, log_probs: np.ndarray) -> None:
        self.log_probs = log_probs.astype(np.float32)
        self.vocabulary = log_probs.shape[-1]
        self.calls = 0

    @classmethod
    def random(cls, rows: int, vocabulary: int, seed: int, spread: float = 2.0) -> TableModel:
        rng = np.random.default_rng(seed)
        scores = rng.normal(size=(rows, vocabulary + 1, vocabulary + 1, vocabulary)) * spread
        return cls(scores - np.log(np.exp(scores).sum(-1, keepdims=True)))

    def step(self, rows: tf.Tensor, tokens: tf.Tensor, before: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        self.calls += 1
        rows = tf.broadcast_to(rows[:, None], tf.shape(tokens))
        return tf.gather_nd(self.log_probs, tf.stack([rows, before, tokens], -1)), tokens

    def decode(
        self,
        decoder: SequenceDecoder,
        end: int,
        uniforms: np.ndarray | None = None,
        banned: Sequence[int] = (),
        compiled: bool = True,
    ) -> Hypotheses:
        """The answers of a decoder, from a compiled graph or step by step."""
        rows = len(self.log_probs)
        numbers = np.zeros((rows, 0), np.float32) if uniforms is None else uniforms

        def run(given: tf.Tensor) -> Hypotheses:
            states = tf.fill((rows, decoder.width), self.vocabulary)
            return decoder.decode(
                self.step, tf.range(rows), states, given, start=self.vocabulary, end=end, banned=banned
            )

        call = tf.function(run, autograph=False) if compiled else run
        return Hypotheses(*(part.numpy() for part in call(tf.constant(numbers))))

    def after(self, row: int, text: Texts) -> np.ndarray:
        """log p of what comes after a text, (V,)."""
        start = (self.vocabulary, self.vocabulary)
        before, last = (*start, *text)[-2:]
        return self.log_probs[row, before, last]

    def score(self, row: int, text: Texts) -> float:
        """log p of a text."""
        return float(sum(self.after(row, text[:i])[token] for i, token in enumerate(text)))


def texts(found: Hypotheses, end: int) -> list[Texts]:
    """The answers with their ends."""
    return [
        (*found.tokens[row, : found.lengths[row]].tolist(), *([end] if found.finished[row] else []))
        for row in range(len(found.tokens))
    ]


def search(
    after: Callable[[Texts], np.ndarray], decoder: Beam, end: int, banned: Sequence[int] = ()
) -> Texts:
    """Beam search over lists of one row, as its definition says; `after` gives log p of the next token."""
    live: list[tuple[float, Texts]] = [(0.0, ())]
    done: list[tuple[float, Texts]] = []
    for time in range(decoder.max_length):
        extended = [
            (score + float(log_prob), (*text, token))
            for score, text in live
            for token, log_prob in enumerate(after(text))
            if token not in banned
            and not (token == end and time < decoder.min_length)
            and not repeats((*text, token), decoder.block_ngrams)
        ]
        if not extended:
            break
        best = sorted(extended, reverse=True)[: decoder.width - len(done)]
        done += [(score, text) for score, text in best if text[-1] == end]
        live = [(score, text) for score, text in best if text[-1] != end]
        if not live:
            break
    if not done:
        return max(live)[1]
    return max(done, key=lambda one: one[0] / len(one[1]) ** decoder.alpha)[1]


def repeats(text: Texts, n: int) -> bool:
    """Whether the last n tokens stand somewhere before, too."""
    grams = [text[i : i + n] for i in range(len(text) - n + 1)]
    return n > 0 and text[-n:] in grams[:-1]
