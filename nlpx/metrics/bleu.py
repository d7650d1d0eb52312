"""Corpus BLEU by sacrebleu."""

from __future__ import annotations

from typing import Literal

from nlpx.core.extras import how_to_install
from nlpx.errors import EnvironmentProblem
from nlpx.metrics.base import Metric
from nlpx.metrics.examples import CoupletExample, TitleExample


class BLEU(Metric[CoupletExample | TitleExample]):
    """Corpus BLEU, 0 to 100: exactly sacrebleu's, from its counts summed line by line.

    Reference: Post 2018, arXiv 1804.08771.

    Args:
        tokenize: zh, sacrebleu's Chinese tokenizer, or char, every character a token.
        max_order: longest n-gram. A corpus whose lines are all shorter scores 0.

    Raises:
        EnvironmentProblem: sacrebleu is not installed.
    """

    def __init__(self, tokenize: Literal["zh", "char"] = "zh", max_order: int = 4) -> None:
        try:
            import sacrebleu
        except ImportError as error:
            raise EnvironmentProblem(
                f"the metric bleu cannot be computed: {error}. "
                f"Install it: {how_to_install('metrics')}; or take bleu out of `metrics`."
            ) from error

        self._corpus = sacrebleu.BLEU(tokenize=tokenize, max_ngram_order=max_order)
        # The counts of a line do not depend on `effective_order`; without it sacrebleu warns at every line.
        self._line = sacrebleu.BLEU(tokenize=tokenize, max_ngram_order=max_order, effective_order=True)
        self._max_order = max_order
        self._correct = [0] * max_order
        self._total = [0] * max_order
        self._answer_length = 0
        self._reference_length = 0

        self._corpus.corpus_score([""], [[""]])  # the signature tells the number of references, learnt here
        self.signature = f"{self._corpus.get_signature()}|order:{max_order}"

    def update(self, example: CoupletExample | TitleExample) -> None:
        if isinstance(example, CoupletExample):
            example = example.bare
        line = self._line.sentence_score(example.answer, [example.reference])
        self._correct = [a + b for a, b in zip(self._correct, line.counts, strict=True)]
        self._total = [a + b for a, b in zip(self._total, line.totals, strict=True)]
        self._answer_length += line.sys_len
        self._reference_length += line.ref_len

    def result(self) -> dict[str, float]:
        if not self._reference_length:
            return {}
        score = self._corpus.compute_bleu(
            correct=self._correct,
            total=self._total,
            sys_len=self._answer_length,
            ref_len=self._reference_length,
            smooth_method=self._corpus.smooth_method,
            smooth_value=self._corpus.smooth_value,
            max_ngram_order=self._max_order,
        )
        return {"bleu": float(score.score)}
