"""Embeddings of which only the rows in the batch are updated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PrivateAttr

from nlpx.components.tricks.base import Pair
from nlpx.components.tricks.per_variable import PerVariable, key_of, singles
from nlpx.core.component import Component
from nlpx.core.lazy import keras, tf
from nlpx.core.options import Pattern

NOISY = "it changes the gradients of all rows, so that none is absent any more"


class Lazy(PerVariable):
    """Update only the rows of embeddings that have a gradient; momentum does not move the others.

    row i: w_i as the optimizer sets it if any element of its gradient is not 0, otherwise w_i as it was

    Options:
        only: patterns of the names of the tables.
        slots: whether the state of the optimizer for absent rows stays as it is, too; if not, it decays, as
            in the reference.
    Shapes: tables of embeddings; each first index is a row.
    Data: any.
    Relations: absent rows are the same bit for bit after an update, with any optimizer and its weight decay;
        with accumulation, rows absent from all micro-batches. May help where most rows of a large table are
        rare. Has no effect on a table that is also the output layer, whose gradient reaches all rows, nor
        with optimizers without momentum. State of another shape than the table is not spared. Reads and
        writes the table and its state two more times in each update.
    Reference: kexue.fm archive 5879 (LazyOptimizer).
    Example:
        tricks: [lazy]
    """

    precedes: ClassVar = dict.fromkeys(
        ("trick/gradient_noise", "trick/gradient_centralization", "trick/spectral_norm"), NOISY
    )
    type: Literal["lazy"] = "lazy"
    only: Annotated[list[Pattern], Field(min_length=1)] = ["*embeddings"]
    slots: bool = True

    _group: list[Any] = PrivateAttr(default_factory=list)
    _present: dict[str, Any] = PrivateAttr(default_factory=dict)
    _optimizers: list[Any] = PrivateAttr(default_factory=list)

    def conflict(self, optimizer: Component) -> str:
        if self.slots and optimizer.type == "adafactor":
            return "its mean squares are products of rows and columns; set slots: false"
        return super().conflict(optimizer)

    def optimizer(self, optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
        self._optimizers = list(singles(optimizer))
        return super().optimizer(optimizer)

    def build(self, weights: Sequence[keras.Variable]) -> None:
        chosen = self.chosen(self.only, weights, "only")
        self._group = [variable for variable in chosen if variable.trainable and len(variable.shape) > 1]

    def gradients(self, pairs: Sequence[Pair]) -> list[Pair]:
        tables = set(map(key_of, self._group))
        # Tensors of the update that is being traced: `around` is called in the same trace.
        self._present = {
            key_of(variable): tf.reduce_any(gradient != 0, range(1, gradient.shape.rank), keepdims=True)
            for gradient, variable in pairs
            if gradient is not None and key_of(variable) in tables
        }
        return list(pairs)

    def around(self, variable: tf.Variable, rate: tf.Tensor, change: Callable[[tf.Tensor], None]) -> None:
        present = self._present.get(key_of(variable))
        if present is None:
            change(rate)
            return
        before = tf.identity(variable)
        with self._sparing(variable, present):
            change(rate)
        variable.assign(tf.where(present, variable, before))

    def describe(self) -> list[str]:
        return [self.group("rows of", self._group)]

    @contextmanager
    def _sparing(self, table: tf.Variable, present: tf.Tensor) -> Iterator[None]:
        """Within, optimizers change only the present rows of state that has the shape of a table."""

        def spared(
            assign: Callable[..., None], new: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
        ) -> Callable[..., None]:
            def assigned(target: keras.Variable | tf.Variable, value: tf.Tensor) -> None:
                old = tf.convert_to_tensor(target)
                value = new(old, tf.cast(value, old.dtype))
                mine = old.shape == table.shape and key_of(target) != key_of(table)
                assign(target, tf.where(present, value, old) if mine else value)

            return assigned

        kept = [(o, o.assign, o.assign_add, o.assign_sub) for o in self._optimizers if self.slots]
        for optimizer, assign, *_ in kept:
            optimizer.assign = spared(assign, lambda old, value: value)
            optimizer.assign_add = spared(assign, tf.add)
            optimizer.assign_sub = spared(assign, tf.subtract)
        try:
            yield
        finally:
            for optimizer, *own in kept:
                optimizer.assign, optimizer.assign_add, optimizer.assign_sub = own
