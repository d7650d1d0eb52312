"""Metrics of verses: how well a model explains those of a corpus, and what it composes."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.rhymes.base import Rhymes
from nlpx.components.rhymes.pinyin import PinyinRhymes
from nlpx.core.options import PositiveInt
from nlpx.specs.metrics import Direction, MetricSpec


class EvidenceLowerBound(MetricSpec):
    """How well a variational autoencoder explains rows, in nats a row, and how much its latent vectors tell.

    nelbo = mean_k -log p(x | z_k) + KL;  iw_nll = -log mean_k p(x, z_k) / q(z_k | x);  z_k ~ q(z | x)

    iw_nll lies between -log p(x) and, in the mean, nelbo. reconstruction is the share of characters that are
    the most probable ones for the mean of the posterior; active_units counts dimensions whose mean varies
    over rows by more than 0.01.

    Options:
        samples: latent vectors a row; the time of an evaluation grows with them.
    Shapes: five numbers a split.
    Data: verses.
    Relations: the latent vectors of a row depend on its text alone, so that equal weights give equal numbers.
        Characters that the vocabulary does not know are explained as the unknown, and never reconstructed.
    Reference: Burda et al. 2016, arXiv 1509.00519.
    Example:
        metrics: [{type: elbo, samples: 16}]
    """

    implementation: ClassVar[str] = "nlpx.metrics.elbo:EvidenceLowerBound"
    needs: ClassVar[frozenset[str]] = frozenset({"elbo"})
    likelihood: ClassVar[bool] = True
    directions: ClassVar[dict[str, Direction]] = {
        "nelbo": "min",
        "iw_nll": "min",
        "reconstruction": "max",
        "kl": "max",
        "active_units": "max",
    }

    type: Literal["elbo"] = "elbo"
    samples: PositiveInt = 8


class Novelty(MetricSpec):
    """What composed verses are like: share copied from the training rows, variety, likeness to the rows.

    composed_bigram is the mean log-likelihood of a character in nats under a bigram model of the training
    rows (absolute discounting); row_bigram is that of the rows of the split, to compare with. Higher is not
    always better: verses of common words score above real ones.

    Options: none.
    Shapes: five numbers a split.
    Data: one verse is composed for every row, from a latent vector that depends on the row's text alone.
    Relations: measures the decoder of the config, with its temperature. distinct falls with the size of the
        split, so compare equal splits only.
    Reference: Li et al. 2016, arXiv 1510.03055 (distinct); Ney et al. 1994 (discounting).
    Example:
        metrics: [novelty]
    """

    implementation: ClassVar[str] = "nlpx.metrics.novelty:Novelty"
    needs: ClassVar[frozenset[str]] = frozenset({"generated"})
    directions: ClassVar[dict[str, Direction]] = {
        "copied": "min",
        "composed_distinct_1": "max",
        "composed_distinct_2": "max",
        "composed_bigram": "max",
        "row_bigram": "max",
    }

    type: Literal["novelty"] = "novelty"


class Rhyme(MetricSpec):
    """Share of quatrains whose second and fourth line end in different characters of one class of rhyme.

    rhymed: of composed verses; row_rhymed: of the rows of the split, to compare with.

    Options:
        rhymes: the classes of characters that rhyme.
    Shapes: two numbers a split, 0 to 1.
    Data: quatrains; one verse is composed for every row, as for novelty.
    Relations: rhymed is 1 with the same `rhymes` in decoder/verse, where a class has characters enough.
    Reference: Wang Li 1958, 汉语诗律学.
    Example:
        data: {length: 20}
        metrics: [{type: rhyme, rhymes: {type: table, file: rhymes.tsv}}]
    """

    implementation: ClassVar[str] = "nlpx.metrics.rhyme:Rhyme"
    needs: ClassVar[frozenset[str]] = frozenset({"generated"})
    directions: ClassVar[dict[str, Direction]] = {"rhymed": "max", "row_rhymed": "max"}

    type: Literal["rhyme"] = "rhyme"
    rhymes: Rhymes = PinyinRhymes()
