"""Adagrad with one number per row."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.optimizers.base import Optimizer
from nlpx.core.options import PositiveFloat


class RowAdagrad(Optimizer):
    """Adagrad with one sum of squares for each row of a table: of tables, only rows of the batch are updated.

    v_i = v_i + mean(g_i^2);  w_i = w_i - learning_rate g_i / sqrt(v_i + epsilon)

    Options:
        epsilon: added to the sum of squares, inside the root.
    Shapes: rows are the elements of the first axis; those of a vector are single numbers.
    Data: any.
    Relations: for large tables of embeddings, of which a batch has few rows: an update takes time for these
        only, unless a trick or accumulation needs the whole gradient, with the same result. A rate of 0.05 to
        0.5 needs no schedule: rare words keep larger steps than frequent ones. One more number per row.
    Reference: Duchi et al. 2011; by rows: Lerer et al. 2019, PyTorch-BigGraph, arXiv 1903.12287.
    Example:
        optimizer: {type: row_adagrad, learning_rate: 0.1}
    """

    keras_class: ClassVar[str] = "nlpx.layers.row_adagrad:RowAdagradOptimizer"

    type: Literal["row_adagrad"] = "row_adagrad"
    learning_rate: PositiveFloat = 0.1
    epsilon: PositiveFloat = 1e-12
