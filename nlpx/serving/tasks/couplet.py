"""Couplets: other lower lines, and the rules that a line keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from nlpx.components.decoders.couplet_sample import CoupletSample
from nlpx.components.metrics.rule_violations import RuleViolations
from nlpx.serving.calls import Options
from nlpx.serving.tasks.base import TaskApi
from nlpx.specs.predictor import Prediction
from nlpx.tasks.couplet.example import CoupletExample


class CoupletOptions(Options):
    """Options of a request.

    Attributes:
        seed: draws a line instead of the best one; the same seed draws the same line.
        temperature: of the draw; below 1 lines are closer to the best one.
    """

    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = None
    temperature: Annotated[float, Field(gt=0, le=5)] = 0.7


class CoupletApi(TaskApi):
    options = CoupletOptions

    def predict(self, inputs: Sequence[str], options: CoupletOptions) -> list[Prediction]:
        predictor = self.predictor
        if options.seed is not None:
            predictor = self.with_decoder(CoupletSample(seed=options.seed, temperature=options.temperature))
        return [
            Prediction(found.text, {**found.fields, "rules": rules_kept(text, found.text)})
            for text, found in zip(inputs, predictor.predict(inputs), strict=True)
        ]


def rules_kept(upper: str, lower: str) -> dict[str, bool]:
    """Each of the four rules, and whether a lower line keeps it."""
    example = CoupletExample(upper=upper, reference=lower, answer=lower, nll=0, characters=len(upper))
    violations = RuleViolations().terms(example)
    return {name.removesuffix("_violations"): not broken for name, (broken, _) in violations.items()}
