"""The parts of a model that a stage freezes or trains, by name and in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import keras

from nlpx.core.suggest import did_you_mean
from nlpx.engine.learner import Learner
from nlpx.errors import ConfigError
from nlpx.specs.stages import Stage


@dataclass(frozen=True)
class Part:
    """A layer that is frozen or trained as a whole.

    Attributes:
        name: of the layer, after those of the models that contain it: `backbone/block1_conv`.
        layer: the layer.
        trainable: whether the model itself lets it be trained; if not, no stage does.
    """

    name: str
    layer: keras.layers.Layer
    trainable: bool


def parts_of(learner: Learner) -> list[Part]:
    """The parts of a model whose layers are all as the model made them.

    They are those that the learner names, else the layers of the model in their order, then those of the
    objectives: layers of a subclass of keras.Model in the order in which it has named them, those of a
    functional model as data flows. A model inside the model is opened up, unless it has weights of its own;
    any other layer is one part, with all the layers in it.
    """
    own: Sequence[keras.layers.Layer] = getattr(learner, "parts", ())
    layers = own or [layer for objective in learner.objectives for layer in objective.layers]
    named = ((layer.name, layer) for layer in layers)
    found = named if own else chain(_layers(learner.model, ""), named)
    parts: dict[int, Part] = {}
    for name, layer in found:
        parts.setdefault(id(layer), Part(name, layer, layer.trainable))
    return list(parts.values())


def frozen_parts(parts: Sequence[Part], stage: Stage, path: str) -> list[Part]:
    """The parts that a stage leaves as they are.

    Args:
        parts: of the model.
        stage: the stage.
        path: its place in the config.

    Raises:
        ConfigError: a name that no part has.
    """
    frozen = {id(part) for part in parts if not part.trainable}
    if stage.trainable_from is not None:
        first = _having(stage.trainable_from, parts, f"{path}.trainable_from")[0]
        frozen.update(id(part) for part in parts[: parts.index(first)])
    for index, name in enumerate(stage.frozen):
        frozen.update(id(part) for part in _having(name, parts, f"{path}.frozen.{index}"))
    return [part for part in parts if id(part) in frozen]


def freeze(parts: Sequence[Part], frozen: Sequence[Part]) -> None:
    """Make some parts frozen and all others trainable; a layer that is in both is frozen.

    A frozen layer is one whose `trainable` is False: batch normalization then works as in inference.
    """
    # Setting a layer sets the layers in it too, but only where it changes: so all are made trainable first.
    for part in parts:
        part.layer.trainable = True
    for part in frozen:
        part.layer.trainable = False


def _layers(model: keras.layers.Layer, prefix: str) -> Iterator[tuple[str, keras.layers.Layer]]:
    layers = model.layers if isinstance(model, keras.Model) else []
    inner = {id(weight) for layer in layers for weight in layer.weights}
    if not layers or any(id(weight) not in inner for weight in model.weights):
        yield prefix.removesuffix("/") or model.name, model
        return
    for layer in layers:
        yield from _layers(layer, f"{prefix}{layer.name}/")


def _having(name: str, parts: Sequence[Part], path: str) -> list[Part]:
    found = [part for part in parts if name in part.name]
    if found:
        return found
    names = [part.name for part in parts if part.layer.weights]
    near = did_you_mean(name, [*names, *(piece for name in names for piece in name.split("/"))])
    raise ConfigError(
        f"{path}: no part of the model has {name!r} in its name; expected a piece of one of "
        f"{', '.join(names)}" + (f"; {near}" if near else "")
    )
