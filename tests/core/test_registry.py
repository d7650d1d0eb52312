"""Which components exist."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nlpx.components.decoders.verse import Verse
from nlpx.components.encoders.base import Encoder
from nlpx.components.encoders.conv import Conv
from nlpx.components.rhymes.table import RhymeTable
from nlpx.core.build import build
from nlpx.core.component import Registry, UnknownComponent, builtin_registry, entries_of, where
from nlpx.core.plugins import import_file
from nlpx.core.registry import load_registry
from nlpx.errors import ConfigError, EnvironmentProblem
from tests.plugins import forgotten

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "plugins" / "squeeze.py"

SPEC = '''
from typing import ClassVar, Literal
from nlpx.components.encoders.base import Encoder
{more}
class {title}(Encoder):
    """A block.

    Options: none.
    """
    implementation: ClassVar[str] = "{implementation}"
    type: Literal["{name}"] = "{name}"
    scale: float = 2.0
'''

Write = Callable[..., Path]


@pytest.fixture
def plugin(tmp_path: Path) -> Iterator[Write]:
    """Write a plugin with one encoder; what is imported is forgotten afterwards."""

    def write(name: str, file: str = "", implementation: str = ":Block", more: str = "") -> Path:
        path = tmp_path / (file or f"{name}.py")
        text = SPEC.format(name=name, title=name.title(), implementation=implementation, more=more)
        path.write_text(text, encoding="utf-8")
        return path

    with forgotten():
        yield write


def test_every_kind_of_the_design_is_there() -> None:
    kinds = "backbone decoder encoder head loss metric network observer optimizer page pooling posterior rhymes schedule source task trick"
    assert builtin_registry().kinds == kinds.split()
    assert builtin_registry().names("head") == ["bi_memm", "crf", "memm", "softmax"]
    assert builtin_registry().names("nonsense") == []


def test_find() -> None:
    component = builtin_registry().find("encoder", "conv")
    assert component.component is Conv
    path, _, line = component.where.rpartition(":")
    assert "class Conv(Encoder)" in Path(path).read_text(encoding="utf-8").splitlines()[int(line) - 1]


def test_an_unknown_name_lists_the_nearest_first() -> None:
    with pytest.raises(UnknownComponent) as caught:
        builtin_registry().find("encoder", "gated_cnov")
    assert caught.value.known[0] == "gated_conv"
    assert sorted(caught.value.known) == builtin_registry().names("encoder")


def test_a_component_is_found_without_importing_others() -> None:
    code = (
        "import sys\nfrom nlpx.core.component import builtin_registry\nregistry = builtin_registry()\n"
        "registry.find('loss', 'cosent'), registry.find('task', 'couplet')\n"
        "print([name for name in sys.modules if name.endswith(('triplet', 'title.config'))])\n"
        "print(registry.find('loss', 'in_batch').name)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "[]\nmultiple_negatives_ranking\n"


def test_the_files_have_the_names_of_their_components() -> None:
    for entry in builtin_registry():
        file = entry.component.__module__.split(".")[-2:]
        assert entry.name in file or file == ["optimizers", "keras_optimizers"]  # made from a table
        assert builtin_registry().find(entry.kind, entry.name).component is entry.component


@pytest.mark.parametrize("name", ["base", "conv_layer", "config", "../encoders/conv", ""])
def test_other_files_are_no_components(name: str) -> None:
    with pytest.raises(UnknownComponent):
        builtin_registry().find("encoder", name)


def test_a_plugin_file(plugin: Write) -> None:
    path = plugin("double", more="def Block(scale, name=None):\n    return (scale, name)\n")
    registry = load_registry([path])
    assert registry.find("encoder", "conv").component is Conv
    spec = Encoder.model_validate({"type": "double", "scale": 3.0}, context=registry)
    assert build(spec, name="b") == (3.0, "b")
    assert len(list(registry)) == len(list(builtin_registry())) + 1


def test_an_implementation_in_a_file_beside_the_plugin(plugin: Write, tmp_path: Path) -> None:
    (tmp_path / "layer.py").write_text(
        "class Block:\n    def __init__(self, scale):\n        self.scale = scale\n"
    )
    path = plugin("beside", implementation="layer.py:Block")
    block = build(Encoder.model_validate("beside", context=load_registry([path])))
    assert block.scale == 2.0


def test_importing_a_plugin_twice_gives_the_same_classes(plugin: Write, tmp_path: Path) -> None:
    path = plugin("twice")
    link = tmp_path / "link.py"
    link.symlink_to(path)
    assert import_file(path) is import_file(link)
    registry = load_registry([path, link, path.parent / "." / path.name])
    assert registry.names("encoder").count("twice") == 1


def test_names_that_are_taken_show_both_places(plugin: Write) -> None:
    one, two = plugin("same", "one.py"), plugin("same", "two.py")
    with pytest.raises(ConfigError) as caught:
        load_registry([one, two])
    message = str(caught.value)
    assert "encoder/same is registered twice" in message
    assert re.search(rf"{one}:\d+", message)
    assert re.search(rf"{two}:\d+", message)


def test_a_name_of_nlpx_cannot_be_taken(plugin: Write) -> None:
    with pytest.raises(ConfigError, match="encoder/conv is registered twice"):
        load_registry([plugin("conv")])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def f(:\n", "SyntaxError"),
        ("import no_such_module\n", "no_such_module"),
        ("1 / 0\n", "ZeroDivisionError"),
        ("{}['a']\n", "KeyError"),
        ("raise RuntimeError('no')\n", "no"),
    ],
)
def test_plugins_that_cannot_be_imported(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "broken.py"
    path.write_text(text, encoding="utf-8")
    for _ in range(2):
        with pytest.raises(ConfigError, match=words) as caught:
            import_file(path)
        assert str(path) in str(caught.value)


def test_plugin_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such plugin file"):
        import_file(tmp_path / "gone.py")
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    with pytest.raises(ConfigError, match="not a Python file"):
        import_file(tmp_path / "notes.txt")


def test_a_component_without_a_kind(tmp_path: Path) -> None:
    path = tmp_path / "lacking.py"
    path.write_text(
        "from typing import Literal\nfrom nlpx.core.component import Component\n"
        'class Lost(Component):\n    type: Literal["lost"] = "lost"\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match=r"'lost' .* has no `kind`"):
        load_registry([path])


@pytest.mark.parametrize("kind", ["5", "[]", "'a b'", "''"])
def test_a_kind_that_is_no_word(plugin: Write, kind: str) -> None:
    path = plugin("odd")
    text = path.read_text(encoding="utf-8")
    path.write_text(text + f"    kind: ClassVar[object] = {kind}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_registry([path])
    assert str(caught.value).startswith(
        f"{path}: the component 'odd' (Odd) has the kind {kind}, expected a word"
    )


@pytest.mark.parametrize("value", ["None", "5", r"'a\0.py:X'", "'a.py'", "'a.py:'"])
def test_an_implementation_that_names_nothing(plugin: Write, value: str) -> None:
    path = plugin("odd")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('ClassVar[str] = ":Block"', f"ClassVar[object] = {value}"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_registry([path])
    assert str(caught.value).startswith(f"{path}: the component 'odd' (Odd) has ")
    assert ("no `implementation`" if value == "None" else "expected 'module:attribute'") in str(caught.value)


def test_a_class_that_does_not_stand_in_its_file(plugin: Write) -> None:
    path = plugin("odd")
    path.write_text(f"exec({path.read_text(encoding='utf-8')!r})\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"odd\.py: the component 'odd' \(Odd\) has no source code"):
        load_registry([path])
    made = vars(import_file(path))["Odd"]
    assert where(made) == str(path)


def test_what_a_plugin_imports_is_not_its_own(plugin: Write) -> None:
    path = plugin(
        "mine",
        more="from nlpx.components.encoders.conv import Conv\nfrom nlpx.components.encoders.gated_conv import GatedConv\n",
    )
    assert [component.name for component in entries_of(import_file(path))] == ["mine"]


def test_a_base_class_is_no_component(tmp_path: Path) -> None:
    path = tmp_path / "base.py"
    path.write_text(
        "from nlpx.components.encoders.base import Encoder\nclass Base(Encoder):\n    depth: int = 1\n"
    )
    assert list(entries_of(import_file(path))) == []


def distribution(folder: Path, module: str, text: str) -> None:
    """An installed package, as far as importlib.metadata can tell."""
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[nlpx.components]\nlayers = {module}\n", encoding="utf-8")
    (folder / f"{module}.py").write_text(text, encoding="utf-8")


def test_an_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = SPEC.format(name="installed", title="Installed", implementation=":Block", more="")
    distribution(tmp_path, "fake_nlpx_plugin", text)
    monkeypatch.syspath_prepend(str(tmp_path))
    registry = load_registry()
    assert issubclass(registry.find("encoder", "installed").component, Encoder)
    assert registry.find("encoder", "installed").where.startswith(str(tmp_path))
    monkeypatch.delitem(sys.modules, "fake_nlpx_plugin")


def test_an_installed_package_that_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution(tmp_path, "broken_nlpx_plugin", "import no_such_module\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(EnvironmentProblem, match="broken_nlpx_plugin"):
        load_registry()


def test_the_documented_example() -> None:
    registry = load_registry([EXAMPLE])
    spec = registry.find("encoder", "squeeze_excite").component.model_validate({})
    assert isinstance(spec, Encoder)
    assert spec.width(64) == 64
    assert spec.options() == {"reduction": 4}


def test_components_among_the_options_are_prepared(tmp_path: Path) -> None:
    file = tmp_path / "rhymes.tsv"
    file.write_text("麻\t花家\n", encoding="utf-8")
    decoder = Verse(rhymes=RhymeTable(file=str(file))).prepare()
    assert decoder.rhymes is not None
    assert decoder.rhymes.rhyme("花", "家")


def test_names_of_a_kind_are_those_of_all_components() -> None:
    registry = builtin_registry()
    for kind in registry.kinds:
        assert registry.names(kind) == sorted(entry.name for entry in registry if entry.kind == kind)
    assert registry.names("encoders") == registry.names("") == []


def test_a_registry_is_a_value() -> None:
    components = list(builtin_registry())
    assert [component.name for component in Registry(components)] == [
        component.name for component in components
    ]
    with pytest.raises(ConfigError, match="twice"):
        Registry([*components, components[0]])
