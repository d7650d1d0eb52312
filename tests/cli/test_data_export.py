"""`nlpx data export`: what it writes, and that sources read it back as it was."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import yaml

from nlpx.components.sources.base import Source
from nlpx.components.sources.line_images import LineImage
from nlpx.config.load import load_experiment
from nlpx.core.component import builtin_registry
from nlpx.data.images import read_image, write_image
from nlpx.data.records import LabelledImage, Record
from nlpx.workflow.corpus import open_corpus
from tests.cli.program import Nlpx, nlpx

__all__ = ["nlpx"]
CONFIGS: dict[str, dict[str, Any]] = {
    "couplet": {"task": "couplet"},
    "segmentation": {"task": "segmentation"},
    "title": {"task": "title"},
    "similarity": {"task": "similarity"},
    "scored pairs": {
        "task": "similarity",
        "data": {"source": {"type": "builtin", "name": "similarity_pairs"}},
        "loss": "cosent",
        "metrics": ["correlation"],
        "checkpoint": {"monitor": "valid/spearman"},
    },
    "poem": {"task": "poem"},
    "sentiment": {"task": "sentiment"},
    "linking": {"task": "linking"},
    "dogs": {"task": "image_classification"},
    "points": {"task": "gan"},
    "observations": {"task": "ode"},
    "lines": {"task": "ocr_lines", "data": {"limit": 6}},
}


def config(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / f"{content['task']}.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def rows(path: Path, split: str) -> list[Record]:
    return list(open_corpus(load_experiment(path).experiment).rows(split))


def content(row: Record) -> tuple[object, ...]:
    """What a row says, whatever its place is called."""
    if isinstance(row, LineImage):
        seen = read_image(Path(row.where), None) if row.pixels is None else row.pixels
        return row.text, seen.tobytes()
    if not isinstance(row, LabelledImage):
        return (row.line,)
    pixels = read_image(Path(row.where), 48) if row.pixels is None else row.pixels
    return row.label, pixels.tobytes()


def test_every_kind_of_record_is_read_by_its_source() -> None:
    for kind in Record.__subclasses__():
        if kind.__module__ == Record.__module__:
            source = builtin_registry().find("source", kind.source).component
            assert issubclass(source, Source)
            assert source.record == kind.kind


def test_a_new_kind_of_record_writes_itself(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Point(Record):
        kind: ClassVar[str] = "point"
        source: ClassVar[str] = "points"

        x: float

        @property
        def line(self) -> str:
            return f"{self.x}"

    assert Point.write(tmp_path / "points", (Point("", x) for x in (0.5, 2))) == 2
    assert (tmp_path / "points").read_text() == "0.5\n2\n"
    assert (Point("", 1).reader(), Point.suffix) == ("points", ".tsv")


@pytest.mark.parametrize("name", CONFIGS)
def test_what_was_exported_is_read_as_it_was(nlpx: Nlpx, tmp_path: Path, name: str) -> None:
    sample = config(tmp_path, CONFIGS[name])
    done = nlpx("data", "export", sample, "--output", tmp_path / "made", "--rows", "40")
    assert (done.code, done.err) == (0, "")
    assert f"{tmp_path / 'made' / 'test'}" in done.out
    (tmp_path / "mine").mkdir()
    printed = yaml.safe_load(done.out[done.out.index("data:") :])
    mine = config(tmp_path / "mine", {**CONFIGS[name], **printed})
    for split in ("train", "valid", "test"):
        known, read = rows(sample, split)[:40], rows(mine, split)
        assert len(known) == len(read) > 0
        assert sorted(map(content, known)) == sorted(map(content, read))


def test_quatrains(nlpx: Nlpx, tmp_path: Path) -> None:
    text = "云开山月出，风定夜潮平。灯远人声静，舟归水气清。"
    (tmp_path / "poems.tsv").write_text(f"五绝\t无题\t某\t{text}\n", encoding="utf-8")
    source = {"type": "poems", "train": "poems.tsv", "valid": "poems.tsv", "unit": "quatrain"}
    path = config(tmp_path, {"task": "poem", "data": {"source": source, "length": 20}})
    done = nlpx("data", "export", path, "--output", tmp_path / "made")
    assert "source: {type: poems, unit: quatrain, train: train.tsv, valid: valid.tsv}" in done.out
    assert (tmp_path / "made" / "train.tsv").read_text(encoding="utf-8") == f"\t\t\t{text}\n"


def test_images_of_files_are_copied(nlpx: Nlpx, tmp_path: Path) -> None:
    from PIL import Image

    for name in ("小狗/1.png", "小狗/2.png", "狐/3.png", "狐/4.png"):
        (tmp_path / "dogs" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((9, 9, 3), int(name[-5]), np.uint8)).save(tmp_path / "dogs" / name)
    source = {"type": "folders", "train": "dogs", "holdout_share": 0.5}
    path = config(tmp_path, {"task": "image_classification", "data": {"source": source}})
    assert nlpx("data", "export", path, "--output", tmp_path / "made").code == 0
    for label in ("小狗", "狐"):
        copied = [file.read_bytes() for file in (tmp_path / "made").glob(f"*/{label}/*.png")]
        assert sorted(copied) == sorted(file.read_bytes() for file in (tmp_path / "dogs" / label).iterdir())


def test_a_part(nlpx: Nlpx, tmp_path: Path) -> None:
    sample = config(tmp_path, {"task": "couplet"})
    done = nlpx("data", "export", sample, "--split", "test", "--rows", "3", "--output", tmp_path / "a" / "b")
    assert done.out == f"{tmp_path / 'a' / 'b' / 'test.tsv'}: 3 rows\n"
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["test.tsv"]


def test_what_cannot_be_exported_leaves_nothing(nlpx: Nlpx, tmp_path: Path) -> None:
    sample = config(tmp_path, {"task": "couplet"})
    (tmp_path / "file").write_text("kept")
    before = sorted(tmp_path.iterdir())
    for arguments, code, message in (
        (["--output", tmp_path / "new", "--split", "dev"], 2, "no split 'dev'"),
        (
            ["--output", tmp_path / "new", "--set", "data.max_length=1"],
            3,
            "train has no row that can be used",
        ),
        (["--output", tmp_path / "file"], 2, "already exists"),
        (["--output", tmp_path / "file" / "below"], 4, "--output"),
        (["--output", tmp_path / "new", "--rows", "0"], 2, "--rows"),
    ):
        done = nlpx("data", "export", sample, *arguments)
        assert (done.code, message in " ".join(done.err.split())) == (code, True), done.err
        assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "file").read_text() == "kept"


def test_nothing_is_made_where_the_extra_for_images_is_missing(
    nlpx: Nlpx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = config(tmp_path, {"task": "image_classification"})
    monkeypatch.setattr("nlpx.data.images.missing_modules", lambda extra: ["PIL"])
    made: list[str] = []
    monkeypatch.setattr("nlpx.cli.data_export.mkdtemp", lambda **_: made.append("folder"))
    done = nlpx("data", "export", path, "--split", "test", "--output", tmp_path / "a" / "images")
    assert (done.code, done.out) == (4, "")
    assert "Install it: pip install -e '.[images]' in the checkout of nlpx" in done.err
    assert made == []
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["image_classification.yaml"]


def test_a_class_is_no_path_out_of_the_folder(nlpx: Nlpx, tmp_path: Path) -> None:
    write_image(tmp_path / "1.png", np.zeros((9, 9, 3), np.uint8))
    (tmp_path / "list.tsv").write_text("1.png\t../../out\n" * 2, encoding="utf-8")
    source = {"type": "folders", "train": "list.tsv", "valid": "list.tsv"}
    path = config(tmp_path, {"task": "image_classification", "data": {"source": source}})
    done = nlpx("data", "export", path, "--output", tmp_path / "a" / "made")
    assert (
        done.code,
        "the class '../../out' cannot be the name of a folder" in " ".join(done.err.split()),
    ) == (3, True)
    assert not (tmp_path / "out").exists()
    assert list((tmp_path / "a").iterdir()) == []


@pytest.mark.parametrize("name", ["made", "my: rows #1"])
def test_the_printed_root_is_good_from_every_folder(
    nlpx: Nlpx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    sample = config(tmp_path, {"task": "couplet"})
    monkeypatch.chdir(tmp_path)
    done = nlpx("data", "export", sample, "--rows", "1", "--output", name)
    printed = yaml.safe_load(done.out[done.out.index("data:") :])
    assert printed["data"]["root"] == str(tmp_path / name)
    assert f"{name}/train.tsv: 1 row\n" in done.out
