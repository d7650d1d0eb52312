"""What a decoder is that writes a text token by token."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple, Self, TypeAlias

from pydantic import model_validator

from nlpx.components.decoders.base import Decoder
from nlpx.core.lazy import np, tf
from nlpx.core.options import NonNegativeInt, PositiveInt

Step: TypeAlias = "Callable[[Any, tf.Tensor, Any], tuple[tf.Tensor, Any]]"
"""What is known of the rows (B, ...), last tokens (B, K) int32 and states (B, K, ...), both nested ->
log-probabilities (B, K, V) float32 of the next token, and the states after it. It must treat every hypothesis
by itself."""


class Hypotheses(NamedTuple):
    """The text of every row; tensors in a graph, NumPy arrays outside.

    Attributes:
        tokens: (B, L) int32; what follows `lengths` has no meaning.
        lengths: number of tokens before the end, (B,) int32.
        finished: whether the end was written, (B,) bool.
        scores: sum of log p of the tokens, the end among them, (B,) float32.
    """

    tokens: Any
    lengths: Any
    finished: Any
    scores: Any


class SequenceDecoder(Decoder):
    """The base of decoders that choose the tokens of a text; used inside a compiled graph.

    Options:
        min_length: characters before the end.
        max_length: most characters, the end counted as one.
        block_ngrams: n; no n-gram of characters occurs twice in a text. 0 blocks nothing.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"next_token"})

    min_length: NonNegativeInt = 1
    max_length: PositiveInt = 64
    block_ngrams: NonNegativeInt = 0

    @model_validator(mode="after")
    def _ends_in_time(self) -> Self:
        if self.min_length >= self.max_length:
            raise ValueError(
                f"no text can end: min_length is {self.min_length}, and with the end max_length "
                f"is {self.max_length}; expected min_length below max_length"
            )
        return self

    @property
    def width(self) -> int:
        """Hypotheses of every row."""
        return 1

    def uniforms(self, texts: Sequence[str]) -> np.ndarray:
        """The random numbers of these texts, (n, any) float32 in [0, 1): the same in every batch."""
        return np.zeros((len(texts), 0), np.float32)

    @abstractmethod
    def decode(
        self,
        step: Step,
        memory: Any,
        states: Any,
        uniforms: tf.Tensor,
        *,
        start: int,
        end: int,
        banned: Sequence[int],
    ) -> Hypotheses:
        """The texts, by a loop over `step`.

        Args:
            memory: what is known of the rows, (B, ...), without None.
            states: before the first token, (B, width, ...).
            start: token that stands before the first one.
            end: token that ends a text.
            banned: tokens that are never written.
        """

    @abstractmethod
    def write(
        self,
        step: Any,
        memory: Sequence[np.ndarray],
        states: Sequence[np.ndarray],
        uniforms: np.ndarray,
        *,
        start: int,
        end: int,
        banned: Sequence[int],
    ) -> Hypotheses:
        """The texts of `decode` in NumPy, for a step of arrays."""

    def allowed(
        self, log_probs: tf.Tensor, tokens: tf.Tensor, time: tf.Tensor, end: int, banned: Sequence[int]
    ) -> tf.Tensor:
        """log p of the next token with -inf for what may not come.

        Args:
            log_probs: (B, K, V) float32.
            tokens: the hypotheses, (B, K, L) int32; those from `time` on have no meaning.
            time: how many tokens they have, scalar int32.
        """
        shape = tf.shape(log_probs)
        tokens, completes = _completing(self.block_ngrams, tokens, time)
        never = tf.broadcast_to([*banned, end], (shape[0], shape[1], len(banned) + 1))
        is_never = tf.fill((len(banned),), True), (time < self.min_length)[None]
        tokens = tf.concat([never, tokens], -1)
        forbidden = tf.concat([tf.broadcast_to(tf.concat(is_never, 0), tf.shape(never)), completes], -1)
        # What follows an end need not be in the vocabulary. Few tokens are forbidden.
        places = tf.where(forbidden & (tokens < shape[2]))
        ids = tf.cast(tf.gather_nd(tokens, places), tf.int64)
        places = tf.concat([places[:, :2], ids[:, None]], 1)
        return tf.tensor_scatter_nd_update(log_probs, places, tf.fill(tf.shape(ids), -float("inf")))


def _completing(n: int, tokens: tf.Tensor, time: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Last tokens of the n-grams of a text, (B, K, windows) int32, and whether they would come again."""
    if not n or tokens.shape[-1] < n:
        return tokens[..., :0], tf.zeros_like(tokens[..., :0], tf.bool)
    windows = tokens.shape[-1] - n + 1
    # Window i holds the tokens i ... i + n - 1; it repeats if its first n - 1 are the last n - 1 written.
    same = (tf.range(windows) + n - 1 < time) & tf.ones(tf.shape(tokens[..., :windows]), tf.bool)
    for j in range(n - 1):
        last = tf.gather(tokens, tf.maximum(time - n + 1 + j, 0), axis=-1)[..., None]
        same &= tokens[..., j : j + windows] == last
    return tokens[..., n - 1 :], same
