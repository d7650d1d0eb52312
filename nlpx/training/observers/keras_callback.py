"""A bridge to standard Keras callbacks."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from nlpx.errors import ConfigError
from nlpx.training.events import EpochBegan, EpochEnded, Evaluated, Event, StepDone, Stopped
from nlpx.training.observers.base import Observer, Setting


class KerasCallbackObserver(Observer):
    """Calls a keras.callbacks.Callback as `fit` would.

    on_train_begin/end, on_epoch_begin/end (logs: loss of the last batch and the latest validation numbers as `val_NAME`),
    on_train_batch_begin/end (logs: loss), on_test_begin/end. A callback stops the run by
    `self.model.stop_training = True`.

    Args:
        callback: `module:Class`.
        arguments: keyword arguments of the class.

    Raises:
        ConfigError: there is no such class, or it refuses the arguments.
    """

    def __init__(self, callback: str, arguments: Mapping[str, object] | None = None) -> None:
        module, _, name = callback.partition(":")
        try:
            self._callback = getattr(importlib.import_module(module), name)(**(arguments or {}))
        except (ImportError, AttributeError, TypeError) as error:
            raise ConfigError(
                f"observers: keras_callback {callback!r} cannot be made: {error}. "
                "Expected `module:Class` of a keras.callbacks.Callback and its arguments."
            ) from error
        self._logs: dict[str, float] = {}
        self._validation: dict[str, float] = {}
        self._batch = 0

    def begin(self, setting: Setting, step: int) -> None:
        self._callback.set_model(setting.model)
        self._callback.set_params(
            {
                "epochs": -(-setting.total_steps // setting.updates_per_epoch),
                "steps": setting.updates_per_epoch,
            }
        )
        self._callback.on_train_begin({})

    def on(self, event: Event) -> None:
        if isinstance(event, EpochBegan):
            self._batch = 0
            self._callback.on_epoch_begin(event.epoch, {})
        elif isinstance(event, StepDone):
            self._logs = {"loss": event.loss}
            self._callback.on_train_batch_begin(self._batch, {})
            self._callback.on_train_batch_end(self._batch, dict(self._logs))
            self._batch += 1
        elif isinstance(event, EpochEnded):
            self._callback.on_epoch_end(event.epoch, {**self._logs, **self._validation})
        elif isinstance(event, Evaluated):
            self._validation = {f"val_{name}": value for name, value in event.metrics.items()}
            self._callback.on_test_begin({})
            self._callback.on_test_end(dict(event.metrics))
        elif isinstance(event, Stopped):
            self._callback.on_train_end({**self._logs, **self._validation})
