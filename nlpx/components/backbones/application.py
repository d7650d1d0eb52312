"""Networks of keras.applications."""

from __future__ import annotations

from typing import Literal

from nlpx.components.backbones.base import Backbone, WeightsFile

NETWORKS = {
    "densenet121": ("densenet", "DenseNet121", 32),
    "efficientnet_b0": ("efficientnet", "EfficientNetB0", 32),
    "efficientnet_v2_b0": ("efficientnet_v2", "EfficientNetV2B0", 32),
    "inception_v3": ("inception_v3", "InceptionV3", 75),
    "mobilenet_v2": ("mobilenet_v2", "MobileNetV2", 32),
    "mobilenet_v3_small": ("mobilenet_v3", "MobileNetV3Small", 32),
    "resnet50": ("resnet50", "ResNet50", 32),
    "xception": ("xception", "Xception", 71),
}
"""Module of keras.applications, constructor and minimum image size, by name."""


class Application(Backbone):
    """A network of `keras.applications` without its classifier, with its own preprocessing.

    Options:
        name: name of the network.
        weights: imagenet (downloaded once by Keras), none, or a file of weights without the classifier.
    Shapes: (B, S, S, 3) -> (B, H, W, D); xception at 299 gives (B, 10, 10, 2048).
    Data: images with values 0 to 255; every network has a minimum image size.
    Relations: without network access, give the path of a file downloaded elsewhere.
    Reference: Chollet 2017, arXiv 1610.02357 (Xception), and the pages of keras.applications.
    Example:
        model:
          image_size: 299
          backbone: {type: application, name: xception, weights: none}
    """

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
        return NETWORKS[self.name][2]
