"""`nlpx schema`."""

from __future__ import annotations

import json
from pathlib import Path

from nlpx.config.json_schema import json_schema
from nlpx.core.component import builtin_registry
from tests.cli.program import Nlpx, nlpx

__all__ = ["nlpx"]

PLUGIN = Path(__file__).resolve().parents[2] / "docs" / "plugins" / "squeeze.py"


def test_it_is_written_to_standard_output(nlpx: Nlpx) -> None:
    schema = json.loads(nlpx("schema").out)
    assert schema == json.loads(json.dumps(json_schema(builtin_registry())))


def test_it_is_written_to_a_file(nlpx: Nlpx, tmp_path: Path) -> None:
    path = tmp_path / "nlpx.schema.json"
    done = nlpx("schema", "--output", path)
    assert (done.code, done.out) == (0, "")
    assert path.read_text(encoding="utf-8") == nlpx("schema").out


def test_a_plugin_that_is_read_is_not_written_over(nlpx: Nlpx, tmp_path: Path) -> None:
    plugin = tmp_path / "plugin.py"
    plugin.write_bytes(PLUGIN.read_bytes())
    done = nlpx("schema", "--include", plugin, "--output", plugin)
    assert (done.code, "is the same file as" in done.err) == (2, True)
    assert plugin.read_bytes() == PLUGIN.read_bytes()


def test_plugins(nlpx: Nlpx) -> None:
    schema = json.loads(nlpx("schema", "--include", PLUGIN).out)
    assert "reduction" in schema["$defs"]["SqueezeExcite"]["properties"]


def test_a_file_that_cannot_be_written(nlpx: Nlpx, tmp_path: Path) -> None:
    done = nlpx("schema", "--output", tmp_path / "no" / "s.json")
    assert done.code == 4
    assert "cannot be written" in done.err
