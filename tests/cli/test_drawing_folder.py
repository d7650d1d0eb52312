"""The folder of `--draw`."""

from __future__ import annotations

from pathlib import Path

from nlpx.cli.drawing_folder import DrawingFolder


def test_every_input_has_files_of_its_own(tmp_path: Path) -> None:
    """Also the one whose name is that of a second file with the stem of another."""
    folder = DrawingFolder(tmp_path / "drawn")
    inputs = ["page.png", "page.gif", "page-2.png", "../..", "b/page.png"]
    for number, name in enumerate(inputs):
        folder.write(name, {"1-ink.png": bytes([number])})
    found = {file.name: file.read_bytes() for file in (tmp_path / "drawn").iterdir()}
    names = ["page", "page-2", "page-2-2", "..", "page-3"]
    assert found == {f"{name}.1-ink.png": bytes([i]) for i, name in enumerate(names)}
    assert [path.name for path in tmp_path.iterdir()] == ["drawn"]


def test_long_names_are_shortened(tmp_path: Path) -> None:
    folder = DrawingFolder(tmp_path)
    for name in ("页" * 83 + ".png", "页" * 83 + ".gif"):
        folder.write(name, {"1-levels.png": b"", "7-boxes.png": b""})
    stems = {file.name.split(".")[0] for file in tmp_path.iterdir()}
    assert stems == {"页" * 66, "页" * 66 + "-2"}
