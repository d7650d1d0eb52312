"""Corpus BLEU by sacrebleu."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from nlpx.components.metrics.base import Directions, Metric
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
    _counts: list[int] = []
    """Lengths of predictions and references, then numbers of matching and of all n-grams, by n."""

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
        copy._counts = [0] * (2 + 2 * self.max_order)
        return copy

    def update(self, example: Values) -> None:
        line = self._line.sentence_score(example.predicted_text, [example.reference_text])
        counts = line.sys_len, line.ref_len, *line.counts, *line.totals
        self._counts = [before + new for before, new in zip(self._counts, counts, strict=True)]

    def result(self) -> dict[str, float]:
        predicted, reference, *counts = self._counts
        if not reference:
            return {}
        score = self._corpus.compute_bleu(
            correct=counts[: self.max_order],
            total=counts[self.max_order :],
            sys_len=predicted,
            ref_len=reference,
            smooth_method=self._corpus.smooth_method,
            smooth_value=self._corpus.smooth_value,
            max_ngram_order=self.max_order,
        )
        return {"bleu": float(score.score)}

    @property
    def signature(self) -> str:
        return f"{self._corpus.get_signature()}|order:{self.max_order}"
