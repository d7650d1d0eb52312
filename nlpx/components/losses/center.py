"""Center loss."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.base import Term, Values
from nlpx.components.losses.centre_loss import CentreLoss
from nlpx.core.lazy import ops, tf


class Center(CentreLoss):
    """Mean squared distance of the feature to the centre of its class: |f - C_y|^2, summed over elements.

    dL / dC_j = 2 w sum_(y_i = j) (C_j - f_i) / B

    This is the gradient of the centre of class j with the weight w in a sum.

    Options: none.
    Shapes: features (B, D), labels (B,) -> sum and number of rows.
    Data: rows with one class each; batches that contain several rows of a class train its centre better.
    Relations: a member of `sum`, next to a loss that separates the classes: alone, all features and centres
        become equal. Makes the features of a class similar, which helps with few rows per class. Costs
        classes * width parameters.
    Reference: Wen et al. 2016; kexue.fm archives 4493 and 4611.
    Example:
        task: sentiment
        loss:
          type: sum
          losses:
            - {loss: cross_entropy}
            - {weight: 0.2, loss: center}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"feature", "target"})
    counts: ClassVar[str] = ""

    type: Literal["center"] = "center"

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        real = ops.cast(values["mask"], "float32")
        distances = self.distances(values["feature"], values["target"])
        return {"loss": Term(ops.sum(distances * real), ops.sum(real))}
