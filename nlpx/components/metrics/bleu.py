"""Corpus BLEU by sacrebleu."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Values
from nlpx.core.extras import how_to_install
from nlpx.core.options import PositiveInt
from nlpx.errors import EnvironmentProblem


class BLEU(Metric):
    """Corpus BLEU-4 by sacrebleu with a Chinese tokenizer; the signature is stored with the score.

    Options:
        tokenize: zh (sacrebleu's Chinese tokenizer) or char (every character is a token).
        max_order: maximum length of n-grams. The score is 0 if all texts are shorter.
    Shapes: one value per split, 0 to 100.
    Data: any text. Tokenizers that split at blanks are not offered, because they give 0 for Chinese.
    Relations: needs the extra `metrics`.
    Reference: Post 2018, arXiv 1804.08771.
    Example:
        metrics: [{type: bleu, tokenize: zh}]
    """

    extra: ClassVar[str] = "metrics"
    needs: ClassVar[frozenset[str]] = frozenset({"reference_text", "predicted_text"})
    directions: ClassVar[Directions] = {"bleu": "max"}

    type: Literal["bleu"] = "bleu"
    tokenize: Literal["zh", "char"] = "zh"
    max_order: PositiveInt = 4

    _corpus: Any = None
    _line: Any = None

    def fresh(self) -> Self:
        try:
            import sacrebleu
        except ImportError as error:
            raise EnvironmentProblem(
                f"the metric bleu cannot be computed: {error}. "
                f"Install it: {how_to_install('metrics')}; or remove bleu from `metrics`."
            ) from error

        copy = super().fresh()
        options = {"tokenize": self.tokenize, "max_ngram_order": self.max_order}
        copy._corpus = sacrebleu.BLEU(**options)
        copy._corpus.corpus_score([""], [[""]])  # the signature contains the number of references
        # `effective_order` does not affect the counts of a line, but avoids a warning at every line.
        copy._line = sacrebleu.BLEU(**options, effective_order=True)
        return copy

    def terms(self, example: Values) -> Terms:
        """Lengths of prediction and reference, and by n, the numbers of matching and of all n-grams."""
        line = self._line.sentence_score(example.predicted_text, [example.reference_text])
        counts = zip(line.counts, line.totals, strict=True)
        grams = {str(n): pair for n, pair in enumerate(counts, start=1)}
        return {"length": (line.sys_len, line.ref_len), **grams}

    def of_sums(self, sums: Terms) -> dict[str, float]:
        predicted, reference = sums.get("length", (0, 0))
        if not reference:
            return {}
        correct, total = zip(*(sums[str(n)] for n in range(1, self.max_order + 1)), strict=True)
        score = self._corpus.compute_bleu(
            correct=[*correct],
            total=[*total],
            sys_len=int(predicted),
            ref_len=int(reference),
            smooth_method=self._corpus.smooth_method,
            smooth_value=self._corpus.smooth_value,
            max_ngram_order=self.max_order,
        )
        return {"bleu": float(score.score)}

    @property
    def signature(self) -> str:
        return f"{self._corpus.get_signature()}|order:{self.max_order}"
