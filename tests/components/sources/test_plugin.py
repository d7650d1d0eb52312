"""A source and a kind of records of a plugin: one file, and nothing that exists is edited."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.program import Nlpx, nlpx

__all__ = ["nlpx"]

PLUGIN = '''
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from nlpx.components.sources.base import FileSource
from nlpx.data.records import BadRow, Pair, Record


class Slashed(FileSource):
    """Pairs of texts with a slash between them.

    Options:
        train: file.
        valid: file of the split valid; empty takes `holdout` rows of train.
        test: file of the split test; empty means there is none.
        holdout: rows taken out of training as the split valid.
        slash: what is between the texts.
    Shapes: pairs.
    Data: UTF-8.
    Relations: for couplet.
    Reference: none.
    Example:
        data: {source: {type: slashed, train: a.txt, holdout: 1}}
    """

    record: ClassVar[str] = Pair.kind
    type: Literal["slashed"] = "slashed"
    slash: str = "/"

    def read(self, paths: list[Path]) -> Iterator[Record | BadRow]:
        for where, line in self.lines(paths):
            first, slash, second = line.partition(self.slash)
            yield Pair(where, first, second) if slash else BadRow(where, "no slash")


@dataclass(frozen=True)
class Song(Record):
    kind: ClassVar[str] = "song"
    parts: ClassVar[tuple[str, ...]] = ("text",)
    read: ClassVar[tuple[str, ...]] = parts
    source: ClassVar[str] = "songs"

    text: str


class Songs(Slashed):
    __doc__ = Slashed.__doc__.replace("slashed", "songs")

    record: ClassVar[str] = Song.kind
    type: Literal["songs"] = "songs"

    def read(self, paths: list[Path]) -> Iterator[Record | BadRow]:
        return (Song(where, line) for where, line in self.lines(paths))
'''


def config(folder: Path, source: str) -> Path:
    (folder / "plugin.py").write_text(PLUGIN, encoding="utf-8")
    (folder / "a.txt").write_text("甲乙/丙丁\n\n戊/己\n庚\n辛/壬\n", encoding="utf-8")
    path = folder / "config.yaml"
    path.write_text(f"include: plugin.py\ntask: couplet\ndata: {{source: {source}}}\n", encoding="utf-8")
    return path


def test_a_source_of_a_plugin(nlpx: Nlpx, tmp_path: Path) -> None:
    path = config(tmp_path, "{type: slashed, train: a.txt, holdout: 1}")
    done = nlpx("data", "check", path, "--json")
    found = json.loads(done.out)
    assert done.code == 3
    assert found["bad"] == [{"where": f"{tmp_path / 'a.txt'}:4", "reason": "no slash"}]
    assert found["splits"]["valid"] == {"rows": 1, "bad": 0, "left_out": 0}
    assert found["blank_lines"] == {str(tmp_path / "a.txt"): 1}
    shown = nlpx("data", "preview", path, "--set", "data.on_bad_line=skip", "--split", "valid")
    assert (shown.code, "item 1 target:" in shown.out) == (0, True), shown.err
    exported = nlpx("data", "export", path, "--output", tmp_path / "made")
    assert (exported.code, "source: {type: pairs" in exported.out) == (0, True), exported.err


def test_a_kind_of_records_of_a_plugin(nlpx: Nlpx, tmp_path: Path) -> None:
    done = nlpx("check", config(tmp_path, "{type: songs, train: a.txt, holdout: 1}"))
    assert (done.code, "C204" in done.out + done.err) == (2, True)
    assert "the source songs gives song records, but the task reads pair records" in done.out + done.err
