"""A bridge to standard Keras callbacks."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr

from nlpx.components.observers.base import Observer, Setting
from nlpx.components.observers.events import (
    EpochBegan,
    EpochEnded,
    Evaluated,
    EvaluationBegan,
    Event,
    StepDone,
    Stopped,
)
from nlpx.core.lazy import keras
from nlpx.errors import ConfigError


class KerasCallback(Observer):
    """Drive a standard Keras callback with the events of the run.

    It is called in the order of `fit`, one batch being one optimizer update. The model is not compiled:
    callbacks that use `model.optimizer` do not work. What a callback remembers is not in checkpoints.

    Options:
        callback: `module:Class` of a keras.callbacks.Callback.
        arguments: keyword arguments of the class.
    Shapes: logs of an epoch hold the mean `loss` and the metrics of the evaluation at its end as `val_NAME`;
        those of a batch `loss`; those of a test the metrics by name.
    Data: any.
    Relations: on_train_begin/end, on_epoch_begin/end, on_train_batch_begin/end, on_test_begin/end are called;
        setting `model.stop_training` stops the run.
    Reference: keras.callbacks.Callback.
    Example:
        observers:
          - {type: keras_callback, callback: "keras.callbacks:TerminateOnNaN"}
    """

    type: Literal["keras_callback"] = "keras_callback"
    callback: Annotated[str, Field(pattern=r"^[\w.]+:\w+$")]
    arguments: dict[str, str | int | float | bool | None] = {}

    _callback: Any = PrivateAttr()
    _model: Any = PrivateAttr()
    _stop: bool = PrivateAttr(False)
    _epoch_began: int = PrivateAttr(0)
    _logs: dict[str, float] = PrivateAttr(default_factory=dict)

    @property
    def stop_requested(self) -> bool:
        return self._stop

    def prepare(self) -> Self:
        """A copy that has made its callback.

        Raises:
            ConfigError: there is no such class, it refuses the arguments, or it is no callback.
        """
        ready = super().prepare()
        module, _, name = self.callback.partition(":")
        try:
            kind = getattr(importlib.import_module(module), name)
            if not isinstance(kind, type) or not issubclass(kind, keras.callbacks.Callback):
                raise ConfigError(f"observers: {self.callback!r} is no class of keras.callbacks.Callback.")
            ready._callback = kind(**self.arguments)
        except (ImportError, AttributeError, TypeError, ValueError) as error:
            raise ConfigError(
                f"observers: the Keras callback {self.callback!r} cannot be made: {error}. "
                "Expected `module:Class` of a keras.callbacks.Callback, and its arguments."
            ) from error
        return ready

    def begin(self, setting: Setting) -> None:
        self._model = setting.model
        self._model.stop_training = False
        self._callback.set_model(setting.model)
        epochs = -(-setting.total_steps // setting.updates_per_epoch)
        self._callback.set_params({"epochs": epochs, "steps": setting.updates_per_epoch, "verbose": 0})
        self._callback.on_train_begin({})

    def on(self, event: Event) -> None:
        if isinstance(event, EpochBegan):
            self._epoch_began = event.step - event.index
            self._callback.on_epoch_begin(event.epoch, {})
        elif isinstance(event, StepDone):
            batch = event.step - 1 - self._epoch_began
            self._callback.on_train_batch_begin(batch, {})
            self._callback.on_train_batch_end(batch, {"loss": event.loss})
        elif isinstance(event, EvaluationBegan):
            self._callback.on_test_begin({})
        elif isinstance(event, Evaluated):
            self._callback.on_test_end(_bare(event.metrics))
        elif isinstance(event, EpochEnded):
            validation = {f"val_{name}": value for name, value in _bare(event.metrics).items()}
            self._logs = {"loss": event.loss, **validation}
            self._callback.on_epoch_end(event.epoch, dict(self._logs))
        elif isinstance(event, Stopped):
            self._callback.on_train_end(dict(self._logs))
        self._stop = bool(self._model.stop_training)


def _bare(metrics: Mapping[str, float]) -> dict[str, float]:
    return {name.removeprefix("valid/"): value for name, value in metrics.items()}
