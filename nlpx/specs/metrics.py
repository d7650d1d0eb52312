"""Metrics: numbers that compare predictions with rows."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from nlpx.specs.base import ComponentOf, PositiveInt, Spec
from nlpx.specs.rhymes import PinyinRhymes, Rhymes
from nlpx.specs.sources import RowType

Direction = Literal["min", "max"]


class MetricSpec(Spec):
    """The base of every metric.

    `tasks` names the tasks it understands, `rows` the kinds of rows, where these tasks read several;
    `directions` the numbers it gives and which way is better.
    """

    kind: ClassVar[str] = "metric"
    tasks: ClassVar[tuple[str, ...]]
    rows: ClassVar[tuple[RowType, ...]] = ()
    directions: ClassVar[dict[str, Direction]]

    def numbers(self) -> dict[str, Direction]:
        """The numbers it gives with these options."""
        return self.directions


Metric = Annotated[MetricSpec, ComponentOf("metric")]


class NLL(MetricSpec):
    """Negative log-likelihood of the reference in nats per character (or picture), and its exponential.

    nll = sum -log p(reference) / number of characters;  perplexity = exp(nll)

    Options: none.
    Shapes: two numbers a split; files leave out a perplexity that no float64 holds (nll > 709).
    Data: rows with a reference.
    Relations: measured on the model, whatever the decoder.
    Reference: Jelinek et al. 1977 (perplexity).
    Example:
        metrics: [nll]
    """

    implementation: ClassVar[str] = "nlpx.metrics.nll:NLL"
    tasks: ClassVar[tuple[str, ...]] = ("couplet", "dogs", "segmentation", "title")
    directions: ClassVar[dict[str, Direction]] = {"nll": "min", "perplexity": "min"}

    type: Literal["nll"] = "nll"


class CharAccuracy(MetricSpec):
    """Share of positions where the predicted character is the reference character.

    Options: none.
    Shapes: one number a split.
    Data: predictions as long as their references.
    Relations: a good couplet may share no character with its reference: low values are normal.
    Reference: kexue.fm archive 6270.
    Example:
        metrics: [char_accuracy]
    """

    implementation: ClassVar[str] = "nlpx.metrics.char_accuracy:CharAccuracy"
    tasks: ClassVar[tuple[str, ...]] = ("couplet",)
    directions: ClassVar[dict[str, Direction]] = {"char_accuracy": "max"}

    type: Literal["char_accuracy"] = "char_accuracy"


class BLEU(MetricSpec):
    """Corpus BLEU-4 by sacrebleu with a Chinese tokenizer; the signature is stored with the score.

    Options:
        tokenize: zh (sacrebleu's Chinese tokenizer) or char (every character a token).
        max_order: longest n-gram.
    Shapes: one number a split, 0 to 100.
    Data: any text. A tokenizer that splits at blanks would score Chinese as zero and is not offered.
    Relations: needs the extra `metrics`.
    Reference: Post 2018, arXiv 1804.08771.
    Example:
        metrics: [{type: bleu, tokenize: zh}]
    """

    implementation: ClassVar[str] = "nlpx.metrics.bleu:BLEU"
    extra: ClassVar[str] = "metrics"
    tasks: ClassVar[tuple[str, ...]] = ("couplet", "title")
    directions: ClassVar[dict[str, Direction]] = {"bleu": "max"}

    type: Literal["bleu"] = "bleu"
    tokenize: Literal["zh", "char"] = "zh"
    max_order: PositiveInt = 4


class RuleViolations(MetricSpec):
    """How often a lower line breaks the four rules of couplets, each as a share of the cases where it could.

    punctuation_violations: positions of punctuation that are not copied; reuse_violations: other positions
        whose
    character stands anywhere in the upper line; repetition_violations: pairs of equal upper characters that
    differ below; distinct_violations: pairs of different upper characters that are equal below.

    Options: none.
    Shapes: four numbers a split, 0 to 1.
    Data: upper and lower lines of equal length.
    Relations: 0 by construction with the decoder couplet_rules.
    Reference: rates measured on the public couplet corpus are below 1e-3, except punctuation (0.02).
    Example:
        metrics: [rule_violations]
    """

    implementation: ClassVar[str] = "nlpx.metrics.rule_violations:RuleViolations"
    tasks: ClassVar[tuple[str, ...]] = ("couplet",)
    directions: ClassVar[dict[str, Direction]] = {
        "punctuation_violations": "min",
        "reuse_violations": "min",
        "repetition_violations": "min",
        "distinct_violations": "min",
    }

    type: Literal["rule_violations"] = "rule_violations"


class Distinct(MetricSpec):
    """Variety of the predictions: different n-grams of characters over all n-grams, n = 1 and 2.

    Options: none.
    Shapes: two numbers a split, 0 to 1.
    Data: any text; falls with the size of the split, so compare equal splits only.
    Relations: none.
    Reference: Li et al. 2016, arXiv 1510.03055.
    Example:
        metrics: [distinct]
    """

    implementation: ClassVar[str] = "nlpx.metrics.distinct:Distinct"
    tasks: ClassVar[tuple[str, ...]] = ("couplet",)
    directions: ClassVar[dict[str, Direction]] = {"distinct_1": "max", "distinct_2": "max"}

    type: Literal["distinct"] = "distinct"


class WordF1(MetricSpec):
    """Word precision, recall and F1 of the SIGHAN bakeoff, by character spans of the original text.

    A word counts when both its ends agree with a reference word. oov_recall and iv_recall are the recall of
    reference words outside and inside the words of the training rows.

    Options:
        author_set_recall: also report |set(gold) & set(predicted)| / |set(gold)| over sentences, the measure
            of the article, which ignores position.
    Shapes: five numbers a split (six with the option), 0 to 1.
    Data: segmented sentences.
    Relations: none.
    Reference: Sproat and Emerson 2003; Emerson 2005; kexue.fm archive 5542.
    Example:
        metrics: [word_f1]
    """

    implementation: ClassVar[str] = "nlpx.metrics.word_f1:WordF1"
    tasks: ClassVar[tuple[str, ...]] = ("segmentation",)
    directions: ClassVar[dict[str, Direction]] = {
        "precision": "max",
        "recall": "max",
        "f1": "max",
        "oov_recall": "max",
        "iv_recall": "max",
        "set_recall": "max",
    }

    type: Literal["word_f1"] = "word_f1"
    author_set_recall: bool = False

    def numbers(self) -> dict[str, Direction]:
        given = dict(self.directions)
        if not self.author_set_recall:
            del given["set_recall"]
        return given


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
    tasks: ClassVar[tuple[str, ...]] = ("poem",)
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
    tasks: ClassVar[tuple[str, ...]] = ("poem",)
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
    tasks: ClassVar[tuple[str, ...]] = ("poem",)
    directions: ClassVar[dict[str, Direction]] = {"rhymed": "max", "row_rhymed": "max"}

    type: Literal["rhyme"] = "rhyme"
    rhymes: Rhymes = PinyinRhymes()


class Rouge(MetricSpec):
    """ROUGE-1, ROUGE-2 and ROUGE-L of characters: the mean over rows of F1 = 2 P R / (P + R), times 100.

    P and R are the share of the answer's and of the reference's n-grams that the other has, each counted as
    often as both have it; for L, of characters on a longest common subsequence. Letters are taken as lower
    case, blanks are left out.

    Options: none.
    Shapes: three numbers a split, 0 to 100.
    Data: any text.
    Relations: an answer that is cut from the text scores well: compare with `nlpx eval --reference`.
    Reference: Lin 2004.
    Example:
        metrics: [rouge]
    """

    implementation: ClassVar[str] = "nlpx.metrics.rouge:Rouge"
    tasks: ClassVar[tuple[str, ...]] = ("title",)
    directions: ClassVar[dict[str, Direction]] = {"rouge_1": "max", "rouge_2": "max", "rouge_l": "max"}

    type: Literal["rouge"] = "rouge"


class Copying(MetricSpec):
    """How an answer relates to its text, whether it repeats itself, and whether it ends.

    copy_rate: share of the answers' characters that stand in their texts; novel_bigrams: share of the
    answers' bigrams of characters that do not; repeated_trigrams: share of the trigrams that stand earlier
    in the same answer; without_end: share of answers that were cut off at the greatest length.

    Options: none.
    Shapes: four numbers a split, 0 to 1.
    Data: texts and what is written about them.
    Relations: the first characters of a text have copy_rate 1 and novel_bigrams 0.
    Reference: See et al. 2017, arXiv 1704.04368.
    Example:
        metrics: [rouge, copying]
    """

    implementation: ClassVar[str] = "nlpx.metrics.copying:Copying"
    tasks: ClassVar[tuple[str, ...]] = ("title",)
    directions: ClassVar[dict[str, Direction]] = {
        "copy_rate": "max",
        "novel_bigrams": "max",
        "repeated_trigrams": "min",
        "without_end": "min",
    }

    type: Literal["copying"] = "copying"
