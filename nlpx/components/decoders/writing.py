"""Beam search and sampling in NumPy, for exported models; they give the texts of `Beam` and `Sample`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nlpx.components.decoders.largest import top
from nlpx.components.decoders.open_rows import while_open_in_numpy
from nlpx.components.decoders.sequence import Hypotheses, SequenceDecoder
from nlpx.core.lazy import np

if TYPE_CHECKING:
    from nlpx.components.decoders.beam import Beam
    from nlpx.components.decoders.sample import Sample

IMPOSSIBLE = -float("inf")
Arrays = Sequence["np.ndarray"]
Step = Callable[[Arrays, "np.ndarray", Arrays], tuple["np.ndarray", Arrays]]


@dataclass(frozen=True)
class Rules:
    """Which tokens may come next.

    Args:
        decoder: its `min_length` and `block_ngrams`.
        end: token that ends a text.
        banned: tokens that are never written.
    """

    decoder: SequenceDecoder
    end: int
    banned: Sequence[int]

    def allowed(self, log_probs: np.ndarray, tokens: np.ndarray, time: int) -> np.ndarray:
        """log p of the next token (B, K, V) with -inf for what may not come after `time` tokens."""
        allowed = log_probs.copy()
        never = [*self.banned, *([self.end] if time < self.decoder.min_length else [])]
        allowed[..., [token for token in never if token < allowed.shape[-1]]] = IMPOSSIBLE
        n, size = self.decoder.block_ngrams, allowed.shape[-1]
        windows = min(tokens.shape[-1], time) - n + 1  # those of tokens that are written
        if not n or windows < 1:
            return allowed
        same = np.ones((*tokens.shape[:2], windows), bool)
        for j in range(n - 1):
            same &= tokens[..., j : j + windows] == tokens[..., time - n + 1 + j, None]
        completing = tokens[..., n - 1 : n - 1 + windows]
        row, hypothesis, window = np.nonzero(same & (completing < size))
        allowed[row, hypothesis, completing[row, hypothesis, window]] = IMPOSSIBLE
        return allowed


def beam_search(
    decoder: Beam, step: Step, memory: Arrays, states: Arrays, *, start: int, end: int, banned: Sequence[int]
) -> Hypotheses:
    """The texts of `Beam.decode`, for a step of arrays: of the memory (B, ...) and states (B, K, ...)."""
    rows, size, longest = len(states[0]), decoder.size, decoder.max_length
    rules = Rules(decoder, end, banned)
    scores = np.full((rows, size), IMPOSSIBLE, np.float32)
    scores[:, 0] = 0
    beam = (
        np.full((rows, size, longest), start, np.int32),  # tokens
        np.zeros((rows, size), np.int32),  # lengths
        scores,
        np.zeros((rows, size), bool),  # finished
        np.zeros(rows, bool),  # stuck
    )

    def ranks(lengths: np.ndarray, scores: np.ndarray, finished: np.ndarray) -> np.ndarray:
        shares = scores / np.maximum(lengths, 1).astype(np.float32) ** np.float32(decoder.alpha)
        return np.where(finished, shares, IMPOSSIBLE)

    def unsettled(beam: Arrays) -> np.ndarray:
        _, lengths, scores, finished, stuck = beam
        # The score of a live hypothesis only falls, and its length is at most the longest.
        live = np.where(finished | stuck[:, None], IMPOSSIBLE, scores)
        hope = live.max(1) / np.float32(float(longest) ** decoder.alpha)
        return hope > ranks(lengths, scores, finished).max(1)

    def extend(time: int, memory: Arrays, beam: Arrays, states: Arrays) -> tuple[Arrays, Arrays]:
        tokens, lengths, scores, finished, stuck = beam
        rows = len(tokens)
        log_probs, states = step(memory, tokens[..., max(time - 1, 0)], states)
        vocabulary = log_probs.shape[-1]
        live = np.where(finished, IMPOSSIBLE, scores)
        extensions = (live[..., None] + rules.allowed(log_probs, tokens, time)).reshape(rows, -1)
        gained, found = top(extensions, size)
        # Finished hypotheses come first, in their order; then the extensions, the best first.
        keep = np.where(finished, np.inf, IMPOSSIBLE).astype(np.float32)
        _, chosen = top(np.concatenate([keep, gained], 1), size)
        old, each = chosen < size, np.arange(rows)[:, None]
        done = np.where(finished, scores, IMPOSSIBLE)
        new_scores = np.concatenate([done, gained], 1)[each, chosen]
        places = np.broadcast_to(np.arange(size), found.shape)
        parents = np.concatenate([places, found // vocabulary], 1)[each, chosen]
        added = np.concatenate([np.zeros_like(found), found % vocabulary], 1)[each, chosen]
        new_tokens = tokens[each, parents]
        new_tokens[..., time] = np.where(old, new_tokens[..., time], added)
        new_lengths = np.where(old, lengths[each, parents], time + 1)
        ended = ~old & (added == end) & (new_scores > IMPOSSIBLE)
        new_finished = ended | (old & finished[each, parents])
        # A row in which nothing could be extended stays as it was.
        stuck = stuck | np.isneginf(new_scores.max(1))
        after = (
            np.where(stuck[:, None, None], tokens, new_tokens),
            np.where(stuck[:, None], lengths, new_lengths),
            np.where(stuck[:, None], scores, new_scores),
            np.where(stuck[:, None], finished, new_finished),
            stuck,
        )
        return after, [state[each, parents] for state in states]

    found = while_open_in_numpy(unsettled, extend, memory, beam, states, longest)
    tokens, lengths, scores, finished, _ = found
    # A live hypothesis is only taken where nothing is finished.
    any_finished = finished.max(1)
    unfinished = np.where(finished, IMPOSSIBLE, scores)
    best = np.where(any_finished[:, None], ranks(lengths, scores, finished), unfinished).argmax(1)
    place = np.arange(rows), best
    return Hypotheses(tokens[place], lengths[place] - any_finished, any_finished, scores[place])


def sample(
    decoder: Sample,
    step: Step,
    memory: Arrays,
    states: Arrays,
    uniforms: np.ndarray,
    *,
    start: int,
    end: int,
    banned: Sequence[int],
) -> Hypotheses:
    """The texts of `Sample.decode`, for a step of arrays: of the memory (B, ...) and states (B, 1, ...)."""
    rows, rules = len(uniforms), Rules(decoder, end, banned)

    def open_(result: Arrays) -> np.ndarray:
        _, _, finished, _, stuck = result
        return ~(finished | stuck)

    def draw(time: int, memory: Arrays, result: Arrays, states: Arrays) -> tuple[Arrays, Arrays]:
        *known, uniforms = memory
        tokens, lengths, finished, scores, stuck = result
        log_probs, states = step(known, tokens[..., max(time - 1, 0)], states)
        allowed = rules.allowed(log_probs, tokens, time)[:, 0]
        nothing = np.isneginf(allowed.max(1))
        # Where nothing may come, any token is drawn, and not counted.
        drawn = _drawn(decoder, np.where(nothing[:, None], np.float32(0), allowed), uniforms[:, time])
        stuck = stuck | (nothing & ~finished)
        counted = ~(finished | stuck)
        ended = counted & (drawn == end)
        tokens = tokens.copy()
        tokens[:, 0, time] = drawn
        gained = np.where(counted, log_probs[np.arange(len(drawn)), 0, drawn], np.float32(0))
        return (
            tokens,
            lengths + (counted & ~ended),
            finished | ended,
            scores + gained,
            stuck,
        ), states

    result = (
        np.full((rows, 1, decoder.max_length), start, np.int32),  # tokens
        np.zeros(rows, np.int32),  # lengths
        np.zeros(rows, bool),  # finished
        np.zeros(rows, np.float32),  # scores
        np.zeros(rows, bool),  # stuck
    )
    memory = [*memory, uniforms]
    tokens, *rest, _ = while_open_in_numpy(open_, draw, memory, result, states, decoder.max_length)
    return Hypotheses(tokens[:, 0], *rest)


def _drawn(decoder: Sample, log_probs: np.ndarray, uniforms: np.ndarray) -> np.ndarray:
    """One token (B,) by log-probabilities (B, V) and numbers (B,)."""
    size = log_probs.shape[-1]
    scores, ids = top(log_probs / np.float32(decoder.temperature), min(decoder.top_k or size, size))
    shares = np.exp(scores - scores[:, :1])
    shares /= shares.sum(1, keepdims=True)
    sums = np.cumsum(shares, 1, dtype=np.float32)
    shares = np.where(sums - shares < decoder.top_p, shares, np.float32(0))
    ends = np.cumsum(shares, 1, dtype=np.float32)
    passed = (ends <= uniforms[:, None] * ends[:, -1:]).sum(1)
    # Rounding may let a number pass all ends: the last token with a share is then meant.
    index = np.minimum(passed, (shares > 0).sum(1) - 1)
    return ids[np.arange(len(ids)), index]
