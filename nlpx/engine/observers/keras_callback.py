"""A bridge to standard Keras callbacks."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

import keras

from nlpx.engine.events import (
    EpochBegan,
    EpochEnded,
    Evaluated,
    EvaluationBegan,
    Event,
    StepDone,
    Stopped,
)
from nlpx.engine.observers.base import Observer, Setting
from nlpx.errors import ConfigError


class KerasCallbackObserver(Observer):
    """Calls a keras.callbacks.Callback in the order of `fit`, one batch being one optimizer update.

    on_train_begin/end, on_epoch_begin/end, on_train_batch_begin/end (logs: loss), on_test_begin/end (logs:
    the metrics by name). Logs of an epoch are `loss`, the mean over the epoch, and the metrics of the
    evaluation at its end as `val_NAME`. `self.model.stop_training = True` ends the run. The model is not
    compiled: callbacks that reach for `model.optimizer` do not work, and what a callback remembers is not
    part of a checkpoint.

    Args:
        callback: `module:Class`.
        arguments: keyword arguments of the class.

    Raises:
        ConfigError: there is no such class, it refuses the arguments, or it is no callback.
    """

    def __init__(self, callback: str, arguments: Mapping[str, object] | None = None) -> None:
        module, _, name = callback.partition(":")
        try:
            kind = getattr(importlib.import_module(module), name)
            if not isinstance(kind, type) or not issubclass(kind, keras.callbacks.Callback):
                raise ConfigError(f"observers: {callback!r} is no class of keras.callbacks.Callback.")
            made = kind(**(arguments or {}))
        except (ImportError, AttributeError, TypeError, ValueError) as error:
            raise ConfigError(
                f"observers: the Keras callback {callback!r} cannot be made: {error}. "
                "Expected `module:Class` of a keras.callbacks.Callback, and its arguments."
            ) from error
        self._callback = made
        self._epoch_began = 0
        self._logs: dict[str, float] = {}

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
        self.stop_requested = bool(self._model.stop_training)


def _bare(metrics: Mapping[str, float]) -> dict[str, float]:
    return {name.removeprefix("valid/"): value for name, value in metrics.items()}
