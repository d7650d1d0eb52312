"""An exported sequence-to-sequence model: one graph encodes, another one makes a step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count, takewhile

import numpy as np

from nlpx.components.decoders.sequence import Hypotheses, SequenceDecoder
from nlpx.exported.graph import ASKED
from nlpx.exported.learner import Constants, Graphs, whole

MEMORY, STATE = "memory", "state"
"""Beginnings of the names of inputs of a step, which are numbered: `memory.0`, `state.0`, ..."""
TOKENS = "tokens"
LENGTH = -1
"""In the shape of a state: the length of the text."""
Arrays = Sequence[np.ndarray]


class ExportedSeq2Seq:
    """The inference methods of `Seq2SeqLearner`.

    Args:
        graphs: `encode`, a batch -> the memory; `step`, the memory, `tokens` (B, K) int32 and states ->
            log-probabilities (B, K, V), the states after it, and `attention` (B, heads, K, T) if asked for.
        constants: `start` and `end`, the tokens around a text; `state.N`, the shape of a state without its
            first two axes; `attention`, if the step has this output, which old exports lack.
    """

    def __init__(self, graphs: Graphs, constants: Constants) -> None:
        self._encode, self._step = graphs["encode"], graphs["step"]
        self._start, self._end = (int(constants[name]) for name in ("start", "end"))
        names = takewhile(constants.__contains__, (f"{STATE}.{i}" for i in count()))
        self._shapes = [constants[name].astype(int).tolist() for name in names]
        self.attends = ASKED in constants

    def nll(self, batch: Mapping[str, np.ndarray]) -> np.ndarray:
        """-log p of each title, including its end, in nats, (B,) float32."""
        memory, states = self._begin(batch, 1)
        titles, mask = batch["title.char"], batch["title.mask"]
        last = np.full((len(titles), 1), self._start, np.int32)
        nll = np.zeros(len(titles), np.float32)
        for place in range(titles.shape[1]):
            log_probs, states = self._next(memory, last, states)
            last = titles[:, place, None]
            nll -= np.where(mask[:, place], log_probs[np.arange(len(titles)), 0, last[:, 0]], 0)
        return nll

    def attention(self, batch: Mapping[str, np.ndarray]) -> np.ndarray:
        """How much each token of the titles attends to each of the texts, (B, S, T), the mean over heads."""
        memory, states = self._begin(batch, 1)
        titles = batch["title.char"]
        last, found = np.full((len(titles), 1), self._start, np.int32), []
        for place in range(titles.shape[1]):
            _, *after, weights = whole(self._step, _inputs(memory, last, states))
            found.append(weights[:, :, 0].mean(1))
            states, last = after[: len(states)], titles[:, place, None]
        return np.stack(found, 1)

    def writer(
        self, decoder: SequenceDecoder, banned: Sequence[int]
    ) -> Callable[[Mapping[str, np.ndarray], np.ndarray], Hypotheses]:
        """Generates titles, each text encoded once; never the tokens `banned`."""

        def write(batch: Mapping[str, np.ndarray], uniforms: np.ndarray) -> Hypotheses:
            memory, states = self._begin(batch, decoder.width)
            never = (*banned, self._start)
            return decoder.write(
                self._next, memory, states, uniforms, start=self._start, end=self._end, banned=never
            )

        return write

    def _begin(self, batch: Mapping[str, np.ndarray], hypotheses: int) -> tuple[Arrays, Arrays]:
        """The memory of a batch, and the states before the first token."""
        rows, length = batch["char"].shape
        return self._encode(batch), [
            np.zeros((rows, hypotheses, *(length if size == LENGTH else size for size in shape)), np.float32)
            for shape in self._shapes
        ]

    def _next(self, memory: Arrays, tokens: np.ndarray, states: Arrays) -> tuple[np.ndarray, Arrays]:
        """Log-probabilities (B, K, V) after these tokens (B, K), and the states."""
        log_probs, *after = self._step(_inputs(memory, tokens, states))
        return log_probs, after[: len(states)]


def _inputs(memory: Arrays, tokens: np.ndarray, states: Arrays) -> dict[str, np.ndarray]:
    """The inputs of a step."""
    numbered = {
        f"{name}.{i}": part
        for name, parts in ((MEMORY, memory), (STATE, states))
        for i, part in enumerate(parts)
    }
    return {**numbered, TOKENS: np.ascontiguousarray(tokens)}
