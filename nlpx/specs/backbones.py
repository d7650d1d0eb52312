"""Backbones: what turns a picture into a map of features."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nlpx.core.component import Split
from nlpx.core.options import PositiveInt, Rate

WeightsFile = Annotated[str, Field(min_length=1)]
"""A file, relative to `data.root` unless absolute. It is read when training begins, and not afterwards."""
SMALLEST_SIZES = {
    "densenet121": 32,
    "efficientnet_b0": 32,
    "efficientnet_v2_b0": 32,
    "inception_v3": 75,
    "mobilenet_v2": 32,
    "mobilenet_v3_small": 32,
    "resnet50": 32,
    "xception": 71,
}
"""Smallest edge of a picture by name of a Keras application."""


class BackboneSpec(Split):
    """The base of every backbone: (B, S, S, 3) pictures with values 0 to 255 -> (B, H, W, D) features.

    Options:
        trainable: learn its weights; if not, its batch normalizations keep their statistics, too.
    """

    kind: ClassVar[str] = "backbone"
    structural: ClassVar[frozenset[str]] = frozenset({"type", "trainable", "weights"})

    trainable: bool = True

    @property
    def smallest(self) -> int:
        """The smallest edge of a picture, in pixels, that leaves something to pool."""
        return 1


Backbone = BackboneSpec


class SmallConv(BackboneSpec):
    """A small convolutional network: stages of convolution, batch normalization, relu and pooling.

    Options:
        filters: channels of every stage; each but the last halves the edge.
        kernel_size: edge of the convolutions.
        dropout: share of the last stage's channels that training drops.
        trainable: learn its weights; if not, its batch normalizations keep their statistics, too.
    Shapes: (B, S, S, 3) -> (B, S / 2^(n-1), S / 2^(n-1), filters[-1]).
    Data: small pictures; it starts from random weights.
    Relations: for the sample; photographs want a backbone that was trained on many.
    Reference: batch normalization: Ioffe and Szegedy 2015, arXiv 1502.03167.
    Example:
        model:
          backbone: {type: small_conv, filters: [16, 32, 64]}
    """

    implementation: ClassVar[str] = "nlpx.layers.small_conv:SmallConv"

    type: Literal["small_conv"] = "small_conv"
    filters: Annotated[list[PositiveInt], Field(min_length=1)] = [16, 32, 64]
    kernel_size: PositiveInt = 3
    dropout: Rate = 0.0

    @property
    def smallest(self) -> int:
        return int(2 ** (len(self.filters) - 1))


class SqueezeNet(BackboneSpec):
    """SqueezeNet 1.1 without its classifier: one convolution and eight fire modules, 722,496 weights.

    fire(x) = [relu(conv1x1(s)), relu(conv3x3(s))],  s = relu(conv1x1(x))

    Options:
        weights: HDF5 file of Keras with the layers conv1, fire2/squeeze1x1, ...; `none` starts at random.
        trainable: learn its weights.
    Shapes: (B, S, S, 3) -> (B, H, W, 512); 224 gives 13 x 13.
    Data: pictures with values 0 to 255; it subtracts the mean colour of ImageNet and swaps red and blue.
    Relations: small and quick on a CPU; no batch normalization.
    Reference: Iandola et al. 2016, arXiv 1602.07360.
    Example:
        model:
          image_size: 224
          backbone: {type: squeezenet, weights: none}
    """

    implementation: ClassVar[str] = "nlpx.layers.squeezenet:SqueezeNet"

    type: Literal["squeezenet"] = "squeezenet"
    weights: Literal["none"] | WeightsFile = "none"

    @property
    def smallest(self) -> int:
        return 31


class Application(BackboneSpec):
    """A network of `keras.applications` without its classifier, with its own preprocessing.

    Options:
        name: which network.
        weights: imagenet (Keras downloads them once), none, or a file of weights without the classifier.
        trainable: learn its weights; if not, its batch normalizations keep their statistics, too.
    Shapes: (B, S, S, 3) -> (B, H, W, D); xception at 299 gives (B, 10, 10, 2048).
    Data: pictures with values 0 to 255; every network has a smallest edge.
    Relations: offline, give the path of a file that was downloaded elsewhere.
    Reference: Chollet 2017, arXiv 1610.02357 (Xception), and the pages of keras.applications.
    Example:
        model:
          image_size: 299
          backbone: {type: application, name: xception, weights: none}
    """

    implementation: ClassVar[str] = "nlpx.layers.application:Application"

    type: Literal["application"] = "application"
    name: Literal[
        "densenet121",
        "efficientnet_b0",
        "efficientnet_v2_b0",
        "inception_v3",
        "mobilenet_v2",
        "mobilenet_v3_small",
        "resnet50",
        "xception",
    ] = "xception"
    weights: Literal["imagenet", "none"] | WeightsFile = "imagenet"

    @property
    def smallest(self) -> int:
        return SMALLEST_SIZES[self.name]
