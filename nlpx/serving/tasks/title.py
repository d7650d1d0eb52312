"""Headlines: other candidates with their likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field

from nlpx.components.decoders.sample import Sample
from nlpx.components.decoders.sequence import SequenceDecoder
from nlpx.serving.calls import Options
from nlpx.serving.tasks.base import TaskApi
from nlpx.specs.predictor import AttentionMap, Prediction

MOST = 8
DIGITS = 4
"""Decimals of weights."""


class TitleOptions(Options):
    """Options of a request.

    Attributes:
        candidates: number of headlines: that of the decoder, and others that are drawn; equal ones are left
            out, and the first is the headline of the decoder.
        seed: of the draw.
        attention: also give the tokens of article and headline, and how much each of the headline attends to
            each of the article; models without attention give none.
    """

    candidates: Annotated[int, Field(ge=1, le=MOST)] = 1
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    attention: bool = False


class TitleApi(TaskApi):
    options = TitleOptions

    def cost(self, options: TitleOptions) -> int:
        return options.candidates + options.attention

    def predict(self, inputs: Sequence[str], options: TitleOptions) -> list[Prediction]:
        found: list[Prediction] = self.predictor.predict(inputs)
        if options.attention:
            found = self._attended(inputs, found)
        if options.candidates == 1:
            return found
        drawn = [
            self._sampling.with_seed(options.seed + number).predict(inputs)
            for number in range(1, options.candidates)
        ]
        titles = [
            list(dict.fromkeys(made.text for made in row if made.text))
            for row in zip(found, *drawn, strict=True)
        ]
        pairs = [(text, title) for text, row in zip(inputs, titles, strict=True) for title in row]
        losses = iter(self.predictor.nll(pairs).tolist() if pairs else ())
        return [
            Prediction(made.text, {**made.fields, "candidates": [_candidate(t, next(losses)) for t in row]})
            for made, row in zip(found, titles, strict=True)
        ]

    def _attended(self, inputs: Sequence[str], found: Sequence[Prediction]) -> list[Prediction]:
        """Predictions with what their tokens attend to."""
        pairs = {(text, made.text): made for text, made in zip(inputs, found, strict=True) if made.text}
        shown = dict(zip(pairs, self.predictor.attention([*pairs]), strict=False))
        return [
            Prediction(made.text, {**made.fields, "attention": _attention(shown[text, made.text])})
            if (text, made.text) in shown
            else made
            for text, made in zip(inputs, found, strict=True)
        ]

    @cached_property
    def _sampling(self) -> Any:
        """The same model with a decoder that draws titles as long as those of its own decoder."""
        own = SequenceDecoder.of(self.model.experiment.decode)  # type: ignore[attr-defined]  # of this task
        rules = {name: getattr(own, name) for name in SequenceDecoder.model_fields if name != "type"}
        return self.with_decoder(Sample(top_p=0.8, **rules))


def _candidate(title: str, nll: float) -> dict[str, object]:
    """A headline with -log p in nats, of the whole and per character, of which its end is one."""
    return {"title": title, "nll": nll, "nll_per_character": nll / (len(title) + 1)}


def _attention(found: AttentionMap) -> dict[str, object]:
    """Tokens and weights, (headline, article)."""
    weights = [[round(weight, DIGITS) for weight in row] for row in found.weights.astype(float).tolist()]
    return {"article": [*found.read], "headline": [*found.written], "weights": weights}
