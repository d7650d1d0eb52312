"""Observers: what watches a run. The progress display and the files of a run directory are always there."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nlpx.core.component import Split


class ObserverSpec(Split):
    """The base of every observer that a config can add."""

    kind: ClassVar[str] = "observer"


Observer = ObserverSpec


class TensorBoard(ObserverSpec):
    """Write losses, rates and metrics as TensorBoard event files into the run directory.

    Options:
        folder: folder inside the run directory.
    Shapes: scalars by step.
    Data: any.
    Relations: needs the extra `tensorboard` to be looked at with `tensorboard --logdir RUN`.
    Reference: tensorflow.summary.
    Example:
        observers: [tensorboard]
    """

    implementation: ClassVar[str] = "nlpx.engine.observers.tensorboard:TensorBoardObserver"
    extra: ClassVar[str] = "tensorboard"

    type: Literal["tensorboard"] = "tensorboard"
    folder: str = "tensorboard"


class KerasCallback(ObserverSpec):
    """Drive a standard Keras callback with the events of the run.

    Options:
        callback: `module:Class` of a keras.callbacks.Callback.
        arguments: keyword arguments of the class.
    Shapes: logs of an epoch hold `loss` and the metrics by name.
    Data: any.
    Relations: on_train_begin/end, on_epoch_begin/end, on_train_batch_begin/end, on_test_begin/end are called;
        setting `model.stop_training` stops the run.
    Reference: keras.callbacks.Callback.
    Example:
        observers:
          - {type: keras_callback, callback: "keras.callbacks:TerminateOnNaN"}
    """

    implementation: ClassVar[str] = "nlpx.engine.observers.keras_callback:KerasCallbackObserver"

    type: Literal["keras_callback"] = "keras_callback"
    callback: Annotated[str, Field(pattern=r"^[\w.]+:\w+$")]
    arguments: dict[str, str | int | float | bool | None] = {}
