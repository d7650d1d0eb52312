"""Verses: seed, temperature and rhyme of the request."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field

from nlpx.components.decoders.verse import Verse
from nlpx.components.rhymes.pinyin import PinyinRhymes
from nlpx.core.extras import missing_modules
from nlpx.serving.calls import Options
from nlpx.serving.refusal import Refusal
from nlpx.serving.tasks.base import TaskApi
from nlpx.specs.predictor import Prediction
from nlpx.text.verse import QUATRAINS
from nlpx.workflow.model import OpenModel

MOST_STEPS = 41


class PoemOptions(Options):
    """Options of a request; those that are left out are as in the config.

    Attributes:
        seed: of the verse for an opening.
        temperature: below 1 verses are more ordinary.
        rhyme: whether the second and the fourth line of a quatrain rhyme in Mandarin.
        steps: verses from the first one to the second one of `first|second`, both included.
    """

    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = None
    temperature: Annotated[float, Field(ge=0, le=3)] | None = None
    rhyme: bool | None = None
    steps: Annotated[int, Field(ge=2, le=MOST_STEPS)] | None = None


class PoemApi(TaskApi):
    options = PoemOptions

    def __init__(self, model: OpenModel) -> None:
        super().__init__(model)
        self._decoder = Verse.of(model.experiment.decode)  # type: ignore[attr-defined]  # of this task
        self._length: int = model.experiment.data.length  # type: ignore[attr-defined]  # of this task
        self._changed = lru_cache(16)(self._predictor)

    @property
    def facts(self) -> dict[str, object]:
        """Characters of a verse; whether it can rhyme, and does without an option."""
        can = self._length in QUATRAINS and not missing_modules(PinyinRhymes.extra)
        return {"length": self._length, "can_rhyme": can, "rhymes": self._decoder.rhymes is not None}

    def cost(self, options: PoemOptions) -> int:
        return options.steps or 1

    def predict(self, inputs: Sequence[str], options: PoemOptions) -> list[Prediction]:
        return [_failed(found) for found in self.generator(options).predict(inputs)]

    def generator(self, options: PoemOptions) -> Any:
        return self.predictor if options == PoemOptions() else self._changed(options)

    def _predictor(self, options: PoemOptions) -> Any:
        changes = options.model_dump(exclude_none=True, exclude={"rhyme", "steps"})
        if options.rhyme is False:
            changes["rhymes"] = None
        elif options.rhyme and self._decoder.rhymes is None:
            changes["rhymes"] = self._rhymes()
        predictor: Any = self.predictor
        if changes:
            predictor = self.with_decoder(self._decoder.model_copy(update=changes))
        return predictor if options.steps is None else predictor.with_steps_between(options.steps)

    def _rhymes(self) -> PinyinRhymes:
        if self._length not in QUATRAINS:
            raise Refusal(422, "no_rhyme", "rhyme: verses of this model have two lines, which do not rhyme.")
        if missing_modules(PinyinRhymes.extra):
            raise Refusal(422, "no_rhyme", "rhyme: pypinyin is not installed on this server.")
        return PinyinRhymes()


def _failed(found: Prediction) -> Prediction:
    """A prediction that says why there is none is an error of its row."""
    problem = found.fields.get("problem")
    return Prediction(str(problem), failed=True) if problem else found
