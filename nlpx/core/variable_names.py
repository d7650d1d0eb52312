"""Names of variables that patterns in configs can match."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import count
from typing import TYPE_CHECKING

from nlpx.core.suggest import listed, nearest
from nlpx.errors import ConfigError

if TYPE_CHECKING:
    import keras


class VariableNames:
    """The variables in some layers by names such as `encoder_0_0/conv/kernel`, in a fixed order.

    A name consists of the names of the layers that contain the variable, without those of `roots`, and of the
    name of the variable. Keras numbers unnamed layers by all that a process has built before; here, they are
    called by their class, and the second one in the same layer `dense_1`. Names are thus the same in
    every process. A variable in several layers has the name of the first one.

    Args:
        roots: layers, such as a model, whose own names are left out.
        others: further layers and variables, named after the first ones.
    """

    def __init__(
        self, roots: Iterable[keras.layers.Layer], others: Iterable[keras.layers.Layer | keras.Variable] = ()
    ) -> None:
        self._variables: dict[str, keras.Variable] = {}
        self._names: dict[int, str] = {}
        found = [pair for root in roots for pair in _below(root, "")]
        for other in others:
            found += _below(other, f"{_name(other)}/") if hasattr(other, "variables") else [("", other)]
        for prefix, variable in found:
            if id(variable) not in self._names:
                name = _unused(f"{prefix}{variable.name}", self._variables)
                self._variables[name] = variable
                self._names[id(variable)] = name

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    @property
    def variables(self) -> list[keras.Variable]:
        """All variables, in the order of their names."""
        return list(self._variables.values())

    def __getitem__(self, variable: keras.Variable) -> str:
        """The name of a variable."""
        return self._names[id(variable)]

    def select(
        self, patterns: Sequence[str], variables: Sequence[keras.Variable], option: str
    ) -> list[keras.Variable]:
        """Those of some variables whose names match a pattern, in their order.

        Args:
            patterns: `*` stands for any characters, `?` for one; the whole name must match, so that `head`
                does not match `head/kernel`, which `head/*` does.
            variables: what is chosen from.
            option: the option with the patterns, for the message.

        Raises:
            ConfigError: a pattern matches none of them; the message lists their names.
        """
        names = [self[variable] for variable in variables]
        for pattern in patterns:
            if not any(fnmatchcase(name, pattern) for name in names):
                near = nearest(pattern, names, 3)
                raise ConfigError(
                    f"{option}: no variable matches {pattern!r}; expected a pattern of a whole name, such as "
                    f"{_example(names)!r}, that matches one of {listed(names, 100)}"
                    + (f"; nearest: {', '.join(near)}" if near else "")
                )
        chosen = zip(names, variables, strict=True)
        return [v for name, v in chosen if any(fnmatchcase(name, pattern) for pattern in patterns)]


def named_layers(root: keras.layers.Layer, prefix: str = "") -> Iterator[tuple[str, keras.layers.Layer]]:
    """All layers in a layer, by the names that those of their variables begin with."""
    for name, below in _inside(root):
        yield prefix + name, below
        yield from named_layers(below, f"{prefix}{name}/")


def _below(layer: keras.layers.Layer, prefix: str) -> Iterator[tuple[str, keras.Variable]]:
    """The variables of a layer and of all layers in it, with the prefixes of their names."""
    inner = list(_inside(layer))
    theirs = {id(variable) for _, below in inner for variable in below.variables}
    yield from ((prefix, variable) for variable in layer.variables if id(variable) not in theirs)
    for name, below in inner:
        yield from _below(below, f"{prefix}{name}/")


def _inside(layer: keras.layers.Layer) -> Iterator[tuple[str, keras.layers.Layer]]:
    """The layers that a layer consists of, with different names."""
    used: set[str] = set()
    for below in layer._flatten_layers(include_self=False, recursive=False):
        name = _unused(_name(below), used)
        used.add(name)
        yield name, below


def _name(layer: keras.layers.Layer) -> str:
    """The name that a layer was given, or that of its class; `forward_lstm` in a wrapper."""
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", type(layer).__name__))
    by_class = re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()
    return re.sub(rf"^((?:.*_)?{by_class})_\d+$", r"\1", str(layer.name))


def _unused(name: str, used: Container[str]) -> str:
    numbered = (f"{name}_{number}" for number in count(1))
    return name if name not in used else next(other for other in numbered if other not in used)


def _example(names: Sequence[str]) -> str:
    return next((f"{name.rpartition('/')[0]}/*" for name in names if "/" in name), "*")
