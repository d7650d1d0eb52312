"""Metrics: numbers that compare predictions with rows."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.core.component import Split
from nlpx.core.options import PositiveInt

Direction = Literal["min", "max"]


class MetricSpec(Split):
    """The base of every metric.

    `directions` names the numbers it gives and which way is better.
    """

    kind: ClassVar[str] = "metric"
    directions: ClassVar[dict[str, Direction]]
    likelihood: ClassVar[bool] = False
    """Whether its numbers are made of probabilities of answers, and so depend on what may be answered."""

    def numbers(self) -> dict[str, Direction]:
        """The numbers it gives with these options."""
        return self.directions


Metric = MetricSpec


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
    needs: ClassVar[frozenset[str]] = frozenset({"nll"})
    directions: ClassVar[dict[str, Direction]] = {"nll": "min", "perplexity": "min"}
    likelihood: ClassVar[bool] = True

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
    needs: ClassVar[frozenset[str]] = frozenset({"line", "reference_text", "predicted_text"})
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
    needs: ClassVar[frozenset[str]] = frozenset({"reference_text", "predicted_text"})
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
    needs: ClassVar[frozenset[str]] = frozenset({"line", "source_text", "predicted_text"})
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
    needs: ClassVar[frozenset[str]] = frozenset({"predicted_text"})
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
    needs: ClassVar[frozenset[str]] = frozenset({"reference_words", "predicted_words"})
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
