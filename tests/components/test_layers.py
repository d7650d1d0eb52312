"""Every component that is a layer: the constructor agrees with the options, the layer keeps the promises of its kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlpx.core.build import implementation
from nlpx.core.component import Split, builtin_registry
from nlpx.core.registry import load_registry
from nlpx.errors import ConfigError
from tests.layers.variants import check_component, layers_of
from tests.plugins import forgotten

PLUGIN = Path(__file__).resolve().parents[2] / "docs" / "plugins" / "squeeze.py"


@pytest.mark.parametrize("component", list(layers_of(builtin_registry())), ids=lambda c: f"{c.kind}/{c.type}")
def test_layer(component: Split) -> None:
    check_component(component)


def test_the_layers_of_a_plugin_are_found_and_checked() -> None:
    with forgotten():
        ours = {type(component) for component in layers_of(builtin_registry())}
        found = [c for c in layers_of(load_registry([PLUGIN])) if type(c) not in ours]
        assert [component.type for component in found] == ["squeeze_excite"] * 2
        for component in found:
            check_component(component)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("class A(Layer): ...\nclass B(Layer): ...\n", "found A, B"),
        ("class _A(Layer): ...\nclass B: ...\n", "found none"),
    ],
)
def test_a_file_of_a_layer_holds_one(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "mine.py").write_text(PLUGIN.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "mine_layer.py").write_text(f"from keras.layers import Layer\n{text}", encoding="utf-8")
    with forgotten():
        component = load_registry([tmp_path / "mine.py"]).find("encoder", "squeeze_excite").component
        assert issubclass(component, Split)
        with pytest.raises(ConfigError, match=f"mine_layer.py: expected one .* {told}"):
            implementation(component)
