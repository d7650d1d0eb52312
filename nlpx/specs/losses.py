"""Losses: what training makes small."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.core.component import Split
from nlpx.core.options import NonNegativeFloat, NonNegativeInt, Rate


class LossSpec(Split):
    """The base of every loss.

    It is given the values that it needs by the learner.
    """

    kind: ClassVar[str] = "loss"

    @property
    def unit(self) -> str:
        """What the loss is a mean over, as a person reads it beside a speed."""
        return "chars"


Loss = LossSpec


class CrossEntropy(LossSpec):
    """Mean over real positions of -log p(target).

    Options:
        label_smoothing: e in the target distribution (1 - e) * one-hot + e * uniform.
    Shapes: logits (B, T, U), targets (B, T) int, mask (B, T) bool -> sum and number of positions.
    Data: one answer a position.
    Relations: for the head softmax.
    Reference: label smoothing: Szegedy et al. 2016, arXiv 1512.00567.
    Example:
        loss: {type: cross_entropy, label_smoothing: 0.1}
    """

    implementation: ClassVar[str] = "nlpx.losses.cross_entropy:CrossEntropy"
    needs: ClassVar[frozenset[str]] = frozenset({"logits", "target"})

    type: Literal["cross_entropy"] = "cross_entropy"
    label_smoothing: Rate = 0.0


class CRFNegativeLogLikelihood(LossSpec):
    """-log P(tags | x) of a linear-chain CRF: log Z(x) - f(tags).

    Options:
        per: divide the sum by the number of characters, or by the number of sentences (as the article does).
    Shapes: scores (B, T, K), tags (B, T) int, mask (B, T) bool -> sum and number of characters or sentences.
    Data: one tag a position.
    Relations: for the head crf. Per sentence, long sentences weigh more.
    Reference: Lafferty et al. 2001; kexue.fm archive 5542.
    Example:
        loss: {type: crf_nll, per: character}
    """

    implementation: ClassVar[str] = "nlpx.losses.crf_nll:CRFNegativeLogLikelihood"
    needs: ClassVar[frozenset[str]] = frozenset({"crf_nll"})

    type: Literal["crf_nll"] = "crf_nll"
    per: Literal["character", "sentence"] = "character"

    @property
    def unit(self) -> str:
        return "sentences" if self.per == "sentence" else super().unit


class ELBO(LossSpec):
    """Negative evidence lower bound: cross entropy of a reconstruction and KL of posterior and prior.

    mean over rows of (sum_t -log p(x_t | z) + beta * w * sum_d max(free_bits, KL_d)),
    w = min(1, (batches + 1) / anneal)

    Options:
        reduction: sum over positions; mean divides by their number, which makes the KL weigh that much more,
            and the posterior collapses.
        beta: weight of the KL.
        anneal: batches of training over which the KL comes into force; 0 for all of it at once.
        free_bits: nats of KL that every dimension of every row may have at no cost.
    Shapes: cross entropies (B, T), KL (B, L), mask (B, T) bool -> sum and number of rows.
    Data: rows of one length.
    Relations: the metric elbo gives the bound without annealing, free bits and beta.
    Reference: Kingma and Welling 2014, arXiv 1312.6114; Bowman et al. 2016, arXiv 1511.06349; kexue.fm
        archive 5332.
    Example:
        loss: {type: elbo, anneal: 2000}
    """

    implementation: ClassVar[str] = "nlpx.losses.elbo:ELBO"
    needs: ClassVar[frozenset[str]] = frozenset({"token_nll", "kl"})

    type: Literal["elbo"] = "elbo"
    reduction: Literal["sum", "mean"] = "sum"
    beta: NonNegativeFloat = 1.0
    anneal: NonNegativeInt = 0
    free_bits: NonNegativeFloat = 0.0

    @property
    def unit(self) -> str:
        return "rows"


class SequenceCrossEntropy(LossSpec):
    """Mean over the tokens of the written text, its end included, of -log p(token | text, tokens before).

    Options:
        label_smoothing: e; (1 - e) * -log p + e * mean over the vocabulary of -log softmax(logits).
    Shapes: -log p (B, S), logits (B, S, V), mask (B, S) bool -> sum and number of tokens.
    Data: a text and what is written about it.
    Relations: for tasks that write a text; with a pointer, p mixes writing and copying, and only the written
        part is smoothed.
    Reference: label smoothing: Szegedy et al. 2016, arXiv 1512.00567; kexue.fm archive 5861.
    Example:
        loss: {type: sequence_cross_entropy, label_smoothing: 0.1}
    """

    implementation: ClassVar[str] = "nlpx.losses.sequence_cross_entropy:SequenceCrossEntropy"
    needs: ClassVar[frozenset[str]] = frozenset({"token_nll", "token_logits"})

    type: Literal["sequence_cross_entropy"] = "sequence_cross_entropy"
    label_smoothing: Rate = 0.0

    @property
    def unit(self) -> str:
        return "tokens"
