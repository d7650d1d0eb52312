"""Base class of networks."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.core.component import Split

Shape = tuple[int, ...]
Activation = Literal["relu", "leaky_relu", "silu", "tanh"]


class Network(Split):
    """Base class of networks: arrays of one shape -> arrays of another, (B, *inputs) -> (B, *outputs).

    The layer is constructed with the options, the shape `outputs` and a `name`, and called as layer(x) or
    layer(x, training=training). Its property `normalized` lists its layers of the class SpectralNorm.

    Options:
        activation: activation function of all layers except the last one, which is linear.
        spectral_norm: divide every kernel by its spectral norm, so that the network is nearly 1-Lipschitz.
    """

    kind: ClassVar[str] = "network"
    fixed_size: ClassVar[bool] = True
    """Whether it only takes images of the size it is built for; otherwise it takes larger ones as well."""
    lengths: ClassVar[bool] = False
    """Whether outputs are lengths of capsules, from 0 to 1."""

    activation: Activation = "relu"
    spectral_norm: bool = False

    def expect(self, inputs: Shape, outputs: Shape) -> None:
        """Raise ValueError if there is no such network between arrays of these shapes."""
