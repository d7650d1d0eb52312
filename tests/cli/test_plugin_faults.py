"""What goes wrong in a user's plugin is told as that: where, what, exit code 2, never a bug of nlpx."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nlpx.components.encoders.base import Encoder
from nlpx.core.build import build
from nlpx.core.component import Registry
from nlpx.core.plugins import import_file
from nlpx.core.registry import load_registry
from nlpx.errors import ConfigError
from tests.cli.program import Nlpx, nlpx
from tests.plugins import forgotten

__all__ = ["nlpx"]

SPEC = '''\
import sys
from typing import ClassVar, Literal
from pydantic import field_validator
from nlpx.components.encoders.base import Encoder
{before}
class Mine(Encoder):
    """A block.

    Options: scale: a number.
    """
    implementation: ClassVar[str] = "{implementation}"
    type: Literal["mine"] = "mine"
    scale: float = 2.0
{inside}
def Block(scale, name=None):
    return (scale, name)
'''
CONFIG = "task: couplet\ninclude: [mine.py]\nmodel: {encoder: [gated_conv, {type: mine, scale: 3.0}]}\n"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Write a plugin with one encoder, and a config that uses it, into the current folder."""
    monkeypatch.chdir(tmp_path)

    def write(before: str = "", inside: str = "", implementation: str = ":Block") -> Path:
        (tmp_path / "c.yaml").write_text(CONFIG, encoding="utf-8")
        path = tmp_path / "mine.py"
        text = SPEC.format(before=before, inside=inside, implementation=implementation)
        path.write_text(text, encoding="utf-8")
        return path

    with forgotten():
        yield write


def test_a_plugin_without_faults(nlpx: Nlpx, write: Write) -> None:
    write()
    done = nlpx("check", "c.yaml")
    assert (done.code, done.out, done.err) == (0, "c.yaml: ok\n", "")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("sys.exit(3)", "SystemExit: 3"),
        ("sys.exit()", "SystemExit"),
        ("raise type('Own', (BaseException,), {})('mine')", "Own: mine"),
        ("raise type('Own', (Exception,), {'__str__': lambda self: 1 / 0})", "Own"),
        ("raise type('Own', (Exception,), {'__str__': lambda self: sys.exit()})", "Own"),
        ("raise RuntimeError('a\\x1b[31m red\\n text')", "RuntimeError: a red text"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("x = = 1", "SyntaxError: invalid syntax (mine.py, line 6)"),
    ],
)
def test_what_a_plugin_raises_when_it_is_imported(nlpx: Nlpx, write: Write, line: str, told: str) -> None:
    path = write(before=f"\n{line}")
    done = nlpx("check", "c.yaml")
    assert (done.code, done.out) == (2, "")
    assert f"c.yaml:2:10: error C012: include: {path}:6: this plugin cannot be imported: {told}" in done.err
    for arguments in (("list",), ("describe", "encoder/conv"), ("schema",)):
        done = nlpx(*arguments, "--include", "mine.py")
        assert (done.code, done.out) == (2, "")
        assert f"error: {path}:6: this plugin cannot be imported: {told}" in done.err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("sys.exit(3)", "SystemExit: 3"),
        ("raise __import__('nlpx.errors').errors.NlpxError('mine')", "NlpxError: mine"),
    ],
)
@pytest.mark.parametrize(
    "method",
    [
        "    @field_validator('scale')\n    @classmethod\n    def even(cls, value: float) -> float:\n",
        "    def width(self, inputs: int) -> int:\n        pass\n",
    ],
)
def test_what_a_plugin_raises_while_a_config_is_checked(
    nlpx: Nlpx, write: Write, method: str, line: str, told: str
) -> None:
    path = write(inside=f"\n{method}        {line}\n")
    number = path.read_text(encoding="utf-8").splitlines().index(f"        {line}") + 1
    done = nlpx("check", "c.yaml")
    assert (done.code, done.out) == (2, "")
    assert f"c.yaml:1:1: error C013: the plugin {path}:{number} raised {told}\n" in done.err
    ((result,),) = json.loads(nlpx("check", "c.yaml", "--json").out).values()
    assert [problem["code"] for problem in result["problems"]] == ["C013"]


@pytest.mark.parametrize("sign", ["\\ud800", "\\u202e", "\\u009b", "\\u007f"])
def test_what_a_plugin_raises_is_told_in_json_that_can_be_shown(nlpx: Nlpx, write: Write, sign: str) -> None:
    write(before=f"raise ValueError('a{sign}b')")
    done = nlpx("check", "c.yaml", "--json")
    assert done.code == 2
    assert "".join(done.out.split("\n")).isprintable()
    ((result,),) = json.loads(done.out).values()
    assert [problem["code"] for problem in result["problems"]] == ["C012"]
    assert result["problems"][0]["what"].endswith("ValueError: a" + json.loads(f'"{sign}"') + "b")


def test_an_error_that_is_no_problem_of_a_config_is_told_in_json_as_well(nlpx: Nlpx, write: Write) -> None:
    write(
        inside="    @field_validator('scale')\n    @classmethod\n    def even(cls, value):\n"
        "        from nlpx.errors import DataError\n        raise DataError('mine')\n"
    )
    done = nlpx("check", "c.yaml", "--json")
    assert done.code == 3
    assert json.loads(done.out) == {"configs": [], "error": "mine"}


def test_what_a_plugin_prints_is_no_result(nlpx: Nlpx, write: Write) -> None:
    write(before="print('loaded')")
    done = nlpx("check", "c.yaml", "--json")
    assert json.loads(done.out)["configs"][0]["ok"]
    assert done.err == "loaded\n"


@pytest.mark.parametrize(
    ("implementation", "told"),
    [
        (":Gone", "there is no Gone in the plugin itself"),
        ("", "there is no file {folder}/mine_layer.py"),
        ("gone.py:Block", "there is no file {folder}/gone.py"),
        ("layer.py:Gone", "there is no Gone in {folder}/layer.py"),
        (
            "broken.py:Block",
            "{folder}/broken.py cannot be read as Python: invalid syntax (<unknown>, line 1)",
        ),
        ("pipe.py:Block", "{folder}/pipe.py cannot be read as Python: it is a pipe, not a regular file"),
        ("no_such_package.layers:Block", "there is no module no_such_package.layers"),
        ("json.decoder:Block", "there is no Block in "),
    ],
)
def test_check_finds_what_an_implementation_lacks(
    nlpx: Nlpx, write: Write, tmp_path: Path, implementation: str, told: str
) -> None:
    path = write(implementation=implementation)
    (tmp_path / "layer.py").write_text("def f():\n    class Gone: ...\n", encoding="utf-8")
    (tmp_path / "broken.py").write_text("class = Block\n", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe.py")
    done = nlpx("check", "c.yaml")
    assert (done.code, done.out) == (2, "")
    assert f"c.yaml:3:31: error C013: model.encoder.1: encoder/mine ({path}:6) names" in done.err
    name = implementation or "mine_layer.py"
    assert f"names the implementation {name}: {told.format(folder=tmp_path)}" in done.err


@pytest.mark.parametrize(
    "text",
    [
        "class Block: ...\n",
        "def Block(): ...\n",
        "if True:\n    Block = 1\n",
        "try:\n    from a import b as Block\nexcept ImportError:\n    raise\n",
        "from a import *\n",
        "def __getattr__(name): ...\n",
        "globals()['Block'] = 1\n",
        "(Block, other) = 1, 2\n",
    ],
)
def test_check_imports_no_implementation_to_find_it(
    nlpx: Nlpx, write: Write, tmp_path: Path, text: str
) -> None:
    write(implementation="layer.py:Block")
    (tmp_path / "layer.py").write_text(text + "raise SystemExit\n", encoding="utf-8")
    done = nlpx("check", "c.yaml")
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("raise ValueError('\\x1b[1mbad shape\\x1b[0m')", "ValueError: bad shape"),
        ("sys.exit(0)", "SystemExit: 0"),
        ("open('/no/such/file')", "FileNotFoundError: [Errno 2] No such file or directory: '/no/such/file'"),
    ],
)
def test_what_a_plugin_raises_in_any_command(
    nlpx: Nlpx, write: Write, monkeypatch: pytest.MonkeyPatch, body: str, told: str
) -> None:
    path = write(before=f"def call(*_):\n    {body}")
    module = import_file(path)
    monkeypatch.setattr("nlpx.core.registry.load_registry", module.call)
    done = nlpx("list")
    assert (done.code, done.out, done.err) == (2, "", f"error: the plugin {path}:6 raised {told}\n")
    monkeypatch.setenv("NLPX_DEBUG", "1")
    done = nlpx("list")
    assert done.code == 2
    assert "Traceback" in done.err and done.err.endswith(f"error: the plugin {path}:6 raised {told}\n")


def test_what_nlpx_raises_is_no_fault_of_a_plugin(
    nlpx: Nlpx, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_file(write())
    monkeypatch.setattr("nlpx.core.registry.load_registry", lambda *_: os.environ["NO_SUCH_VARIABLE"])
    with pytest.raises(KeyError):
        nlpx("list")


def mine(path: Path) -> Registry:
    return load_registry([path])


@pytest.mark.parametrize(
    ("implementation", "told"),
    [
        (":Block", "cannot be built with the options scale, units: TypeError: Block() got an unexpected"),
        (":Gone", "the implementation :Gone cannot be imported: AttributeError: "),
        (
            "no_such_package:Block",
            "the implementation no_such_package:Block cannot be imported: ModuleNotFound",
        ),
        ("json:dumps", "cannot be built with the options scale, units: TypeError"),
    ],
)
def test_an_implementation_that_cannot_be_built(write: Write, implementation: str, told: str) -> None:
    path = write(implementation=implementation)
    spec = Encoder.model_validate("mine", context=mine(path))
    with pytest.raises(ConfigError) as caught:
        build(spec, units=3)
    assert str(caught.value).startswith(f"{path}:6: ")
    assert told in str(caught.value)
