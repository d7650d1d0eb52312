"""Optimizers of Keras, made from a table."""

from __future__ import annotations

from dataclasses import dataclass
from types import new_class
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from nlpx.components.optimizers.base import Optimizer
from nlpx.core.options import NonNegativeFloat, Passes, PositiveFloat, Rate

OPTIONS: dict[str, tuple[Any, str]] = {
    "adam_beta_1": (Rate, "decay of the mean gradient where Adam is used."),
    "adam_beta_2": (Rate, "decay of the mean square where Adam is used."),
    "adam_lr_ratio": (PositiveFloat, "factor of the learning rate where Adam is used."),
    "adam_weight_decay": (NonNegativeFloat, "weight_decay where Adam is used."),
    "beta": (NonNegativeFloat, "smooths the learning rates of the first updates."),
    "beta_1": (Rate, "decay of the mean gradient."),
    "beta_2": (Rate, "decay of the mean square, or of the largest gradient (adamax)."),
    "beta_2_decay": (
        Annotated[float, Field(lt=0, allow_inf_nan=False)],
        "exponent of t in the decay of the mean square.",
    ),
    "clip_threshold": (PositiveFloat, "largest root mean square of a step before the learning rate."),
    "epsilon": (PositiveFloat, "added to the denominator, or to a mean square inside a root."),
    "epsilon_1": (PositiveFloat, "added to the square of the gradient."),
    "epsilon_2": (PositiveFloat, "least root mean square of a variable that scales its step."),
    "exclude_embeddings": (
        bool,
        "use Adam for all variables below a layer whose name has `embedding` in it.",
    ),
    "initial_accumulator_value": (NonNegativeFloat, "sum of squares before the first update."),
    "l1_regularization_strength": (NonNegativeFloat, "weight of |w|, which makes weights exactly 0."),
    "l2_regularization_strength": (NonNegativeFloat, "weight of w^2."),
    "l2_shrinkage_regularization_strength": (NonNegativeFloat, "weight of w^2 that is added to gradients."),
    "learning_rate_power": (
        Annotated[float, Field(le=0, allow_inf_nan=False)],
        "exponent of the sum of squares; 0: a fixed rate.",
    ),
    "momentum": (Rate, "decay of the velocity."),
    "nesterov": (bool, "use Nesterov momentum."),
    "ns_steps": (Passes, "number of Newton-Schulz iterations."),
    "rho": (Rate, "decay of the mean squares."),
    "rms_rate": (PositiveFloat | None, "root mean square of a step of learning rate 1; null: not scaled."),
    "weight_decay": (
        NonNegativeFloat | None,
        "fraction of the weights that is subtracted per update, multiplied by the learning rate; null: none.",
    ),
}
"""Types and texts of the options, which mean the same in all optimizers."""


@dataclass(frozen=True)
class Row:
    """An optimizer.

    Attributes:
        keras_class: its class in keras.optimizers; in lower case, its name in configs.
        text: its docstring, without the parts that are the same for all, and its options.
        defaults: its options, with the defaults of Keras.
    """

    keras_class: str
    text: str
    defaults: dict[str, object]


MOMENTS: dict[str, object] = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}

TABLE = (
    Row(
        "Adamax",
        """Adam with the largest recent gradient in place of the root of the mean square.

    m = beta_1 m + (1 - beta_1) g;  u = max(beta_2 u, |g|)
    w = w - learning_rate / (1 - beta_1^t) m / (u + epsilon)

    Relations: a large gradient makes steps small for long, which calms rare words of an embedding; otherwise
        often slower than adam. Two more numbers per weight.
    Reference: Kingma and Ba 2015, arXiv 1412.6980, section 7; keras.optimizers.Adamax.
    Example:
        optimizer: {type: adamax, learning_rate: 2e-3}
    """,
        MOMENTS,
    ),
    Row(
        "Nadam",
        """Adam with Nesterov momentum, whose momentum c rises to beta_1 in the first updates.

    c_t = beta_1 (1 - 0.96^t / 2);  m, v as in adam
    d = c_(t+1) m / (1 - c_1 c_2 ... c_(t+1)) + (1 - c_t) g / (1 - c_1 c_2 ... c_t)
    w = w - learning_rate d / (sqrt(v / (1 - beta_2^t)) + epsilon)

    Relations: in the place of adam, with the same learning rate; often a little faster in the first epochs.
        Two more numbers per weight.
    Reference: Dozat 2016, Incorporating Nesterov momentum into Adam; keras.optimizers.Nadam.
    Example:
        optimizer: {type: nadam, learning_rate: 1e-3}
    """,
        MOMENTS,
    ),
    Row(
        "Adagrad",
        """Steps are divided by the root of the sum of all squared gradients, and become smaller and smaller.

    v = v + g^2;  w = w - learning_rate g / sqrt(v + epsilon)

    Relations: for sparse features and shallow models, with a learning rate of 0.01 to 0.1. There is no
        schedule to choose, but it stops too early in long runs of deep models. One more number per weight.
    Reference: Duchi et al. 2011; kexue.fm archive 6261; keras.optimizers.Adagrad.
    Example:
        optimizer: {type: adagrad, learning_rate: 0.05}
    """,
        {"initial_accumulator_value": 0.1, "epsilon": 1e-7},
    ),
    Row(
        "Adadelta",
        """Steps have the size of recent steps, divided by that of recent gradients.

    v = rho v + (1 - rho) g^2;  d = g sqrt(u + epsilon) / sqrt(v + epsilon)
    u = rho u + (1 - rho) d^2;  w = w - learning_rate d

    Relations: the learning rate of the paper is 1; with 1e-3, the default of Keras, weights hardly move. Slow
        in the first updates, in which the size of steps grows from 0. Two more numbers per weight.
    Reference: Zeiler 2012, arXiv 1212.5701; keras.optimizers.Adadelta.
    Example:
        optimizer: {type: adadelta, learning_rate: 1.0}
    """,
        {"rho": 0.95, "epsilon": 1e-7},
    ),
    Row(
        "Adafactor",
        """Adam without momentum, with mean squares of a matrix that are a product of a column and a row.

    v = column row / mean(column), means of g^2 with the decay 1 - t^beta_2_decay;  d = g / sqrt(v)
    w = w - max(epsilon_2, rms(w)) min(learning_rate, 1 / sqrt(t)) d / max(1, rms(d) / clip_threshold)

    Relations: steps are relative to the size of a variable: use a learning rate of about 0.01; whatever
        the schedule, it is at most 1 / sqrt(t). Made to save memory, but Keras stores the product v as well,
        so that it takes one more number per weight.
    Reference: Shazeer and Stern 2018, arXiv 1804.04235; keras.optimizers.Adafactor.
    Example:
        optimizer: {type: adafactor, learning_rate: 0.01}
    """,
        {"beta_2_decay": -0.8, "epsilon_1": 1e-30, "epsilon_2": 1e-3, "clip_threshold": 1.0},
    ),
    Row(
        "Ftrl",
        """Follow the regularized leader: weights are computed from sums of gradients, and L1 makes many 0.

    With p = -learning_rate_power and n = v + g^2:
    z = z + g + 2 l2_shrinkage w - (n^p - v^p) / learning_rate w;  v = n
    w = (clip(z, -l1, l1) - z) / (n^p / learning_rate + 2 l2 + beta / learning_rate)

    Relations: for linear models with many sparse features. It forgets initial weights, which nearly become 0
        in the first update, so that deep models do not learn. Two more numbers per weight.
    Reference: McMahan et al. 2013, Ad click prediction; keras.optimizers.Ftrl.
    Example:
        optimizer: {type: ftrl, learning_rate: 0.05, l1_regularization_strength: 0.001}
    """,
        {
            "learning_rate_power": -0.5,
            "initial_accumulator_value": 0.1,
            "l1_regularization_strength": 0.0,
            "l2_regularization_strength": 0.0,
            "l2_shrinkage_regularization_strength": 0.0,
            "beta": 0.0,
        },
    ),
    Row(
        "Lion",
        """Every weight moves by the learning rate, in the direction of the sign of a mean gradient.

    w = w - learning_rate sign(beta_1 m + (1 - beta_1) g);  m = beta_2 m + (1 - beta_2) g

    Relations: takes half the memory of adam, one more number per weight. Use a learning rate 3 to 10 times
        smaller than that of adamw, and a weight_decay as many times larger. Best with large batches. Rows of
        an embedding that a batch does not contain move as far as the others.
    Reference: Chen et al. 2023, arXiv 2302.06675; keras.optimizers.Lion.
    Example:
        optimizer: {type: lion, learning_rate: 1e-4, weight_decay: 0.1}
    """,
        {"beta_1": 0.9, "beta_2": 0.99, "weight_decay": None},
    ),
    Row(
        "Lamb",
        """Adam, whose step of each variable has learning_rate times the length of the variable.

    d = m / (1 - beta_1^t) / (sqrt(v / (1 - beta_2^t)) + epsilon);  w = w - learning_rate |w| / |d| d

    Relations: for very large batches. Variables that are 0, such as new biases, move as in adam. Decay is not
        part of d, unlike in the paper. Two more numbers per weight.
    Reference: You et al. 2020, arXiv 1904.00962; keras.optimizers.Lamb.
    Example:
        optimizer: {type: lamb, learning_rate: 2e-3, weight_decay: 0.01}
    """,
        {**MOMENTS, "weight_decay": None},
    ),
    Row(
        "Muon",
        """Matrices move by the nearest orthogonal matrix of their momentum, other variables as with adamw.

    m = momentum m + g;  d = NewtonSchulz(g + momentum m)
    w = w - learning_rate rms_rate sqrt(max(rows, columns)) d

    Relations: often needs fewer updates than adamw for matrices between layers, each of which takes the time
        of 2 ns_steps further products of matrices. Kernels of convolutions, which have three dimensions, and
        embeddings are left to adamw; leave it the output layer, too, with by_variable. With the rms_rate
        0.2, learning rate and weight decay of adamw fit. One more number per weight of a matrix, else two.
    Reference: Jordan et al. 2024; Liu et al. 2025, arXiv 2502.16982; keras.optimizers.Muon.
    Example:
        optimizer: {type: muon, learning_rate: 1e-3, weight_decay: 0.01}
    """,
        {
            "momentum": 0.95,
            "nesterov": True,
            "ns_steps": 5,
            "rms_rate": 0.2,
            "weight_decay": 0.004,
            "exclude_embeddings": True,
            "adam_beta_1": 0.9,
            "adam_beta_2": 0.999,
            "adam_lr_ratio": 1.0,
            "adam_weight_decay": 0.004,
            "epsilon": 1e-7,
        },
    ),
)


def _optimizer(row: Row) -> type[Optimizer]:
    """The component of a row."""
    options = "".join(f"        {name}: {OPTIONS[name][1]}\n" for name in row.defaults)
    parts = f"    Options:\n{options}    Shapes: as the weights.\n    Data: any.\n    Relations:"
    types = {name: OPTIONS[name][0] for name in row.defaults}
    name = row.keras_class.lower()
    namespace = {
        "__module__": __name__,
        "__doc__": row.text.replace("    Relations:", parts),
        "__annotations__": {"keras_class": ClassVar[str], "type": Literal[name], **types},
        "keras_class": row.keras_class,
        "type": name,
        **row.defaults,
    }
    return new_class(row.keras_class, (Optimizer,), exec_body=lambda made: made.update(namespace))


globals().update({row.keras_class: _optimizer(row) for row in TABLE})
