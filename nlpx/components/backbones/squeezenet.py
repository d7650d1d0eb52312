"""SqueezeNet 1.1."""

from __future__ import annotations

from typing import Literal

from nlpx.components.backbones.base import Backbone, WeightsFile


class SqueezeNet(Backbone):
    """SqueezeNet 1.1 without its classifier: one convolution and eight fire modules, 722,496 weights.

    fire(x) = [relu(conv1x1(s)), relu(conv3x3(s))],  s = relu(conv1x1(x))

    Options:
        weights: Keras HDF5 file with the layers conv1, fire2/squeeze1x1, ...; `none` for random weights.
        trainable: train the weights.
    Shapes: (B, S, S, 3) -> (B, H, W, 512); 224 gives 13 x 13.
    Data: images with values 0 to 255; the network subtracts the mean colour of ImageNet and swaps red and
        blue.
    Relations: small and fast on a CPU; no batch normalization.
    Reference: Iandola et al. 2016, arXiv 1602.07360.
    Example:
        model:
          image_size: 224
          backbone: {type: squeezenet, weights: none}
    """

    type: Literal["squeezenet"] = "squeezenet"
    weights: Literal["none"] | WeightsFile = "none"

    @property
    def smallest(self) -> int:
        return 31
