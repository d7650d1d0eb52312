"""The base of what requests to models of a task can ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from nlpx.components.decoders.base import Decoder
from nlpx.serving.calls import Call, Generate, Input, Options, Predict
from nlpx.specs.predictor import Prediction, Predictor, UnconditionalPredictor
from nlpx.workflow.model import OpenModel


class TaskApi:
    """The requests to models of most tasks, which have no options.

    It is only called from one thread.
    """

    options: ClassVar[type[Options]] = Options

    def __init__(self, model: OpenModel) -> None:
        self.model = model

    @property
    def predictor(self) -> Any:
        """That of the model, which has the type of its task."""
        return self.model.predictor

    @property
    def facts(self) -> dict[str, object]:
        """What a client has to know about the model besides its options."""
        return {}

    def cost(self, options: Any) -> int:
        """The rows that each input counts as."""
        return 1

    def run(self, call: Call, inputs: Sequence[Input]) -> list[Prediction]:
        """One prediction for each input, in order; exceptions may be due to any of them."""
        if isinstance(call, Generate):
            numbers = [number for number in inputs if isinstance(number, int)]
            made = self.generator(call.options).generate(max(numbers) + 1, call.seed)
            return [made[number] for number in numbers]
        assert isinstance(call, Predict)
        return self.predict(inputs, call.options)

    def predict(self, inputs: Sequence[Any], options: Any) -> list[Prediction]:
        """One prediction for each text or image."""
        return list(self.predictor.predict(inputs))

    def generator(self, options: Any) -> UnconditionalPredictor:
        """What generates samples."""
        assert isinstance(self.predictor, UnconditionalPredictor)
        return self.predictor

    def with_decoder(self, decoder: Decoder) -> Predictor[Any, Any]:
        """The same model with another decoder, and without what only evaluations need."""
        model = self.model
        experiment = model.experiment.model_copy(update={"decode": decoder, "metrics": []})
        return experiment.predictor(model.codec, model.learner, model.vocabularies)
