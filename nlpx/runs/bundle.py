"""The folder of an exported model: a bundle. `nlpx.runs.zipped` reads one that is a zip file.

BUNDLE/
  manifest.json   what it is, and the SHA-256 and size of every other file
  resolved.yaml   the parts of the config that predictions need
  vocabulary/     as in a run                   files/       files that the decoder and the metrics read
  graphs/         ONNX graphs                   golden.json  inputs with their predictions
  index/          as in a run                   golden/      images among the inputs
  tables/         large arrays                  README.md    model card

Opening one executes nothing from it. Only files that the manifest lists are read, and their hashes checked.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from nlpx.core.files import file_hash
from nlpx.errors import DamagedRun, UsageError
from nlpx.runs.directory import MANIFEST, RunDirectory
from nlpx.runs.files import read_file, refuse_links
from nlpx.runs.manifest import ADVICE, Manifest

FORMAT = 1
"""Version of the layout."""
CONFIG, GOLDEN, CARD = "resolved.yaml", "golden.json", "README.md"
VOCABULARY, GRAPHS, FILES, INDEX, TABLES = "vocabulary", "graphs", "files", "index", "tables"
KEYS = f"{VOCABULARY}/keys.u64"
SUFFIXES = {VOCABULARY: ".json", GRAPHS: ".onnx"}
CHANGED = "this is not the file that was exported (its SHA-256 differs)"


@dataclass(frozen=True)
class Bundle(RunDirectory):
    """A run without what only training needs, for reading."""

    manifest: Manifest

    @classmethod
    def open(cls, path: Path) -> Bundle:
        """An existing bundle.

        Raises:
            UsageError: it is from a newer nlpx.
            DamagedRun: its manifest is damaged.
        """
        try:
            manifest = Manifest.read(path / MANIFEST)
        except DamagedRun as error:
            raise DamagedRun(path / MANIFEST, error.reason, ADVICE) from None
        if manifest.format > FORMAT:
            raise UsageError(
                f"{path}: this bundle was written by nlpx {manifest.nlpx[:20]} (layout {manifest.format}; "
                f"this version supports up to {FORMAT}). Install a newer version to use it."
            )
        return cls(path, manifest)

    def __hash__(self) -> int:
        return hash(self.path)

    def read(self, name: str) -> bytes:
        """The content of a file; raises DamagedRun if it is not the file that was written."""
        path, record = self.path / name, self.manifest.files.get(name)
        if record is None:
            raise DamagedRun(self.path / MANIFEST, f"it lists no {name}", ADVICE)
        if path.parent != self.path and path.parent.is_symlink():
            raise DamagedRun(path.parent, "it is a symbolic link. A bundle must not contain links", ADVICE)
        try:
            content = read_file(path, record.bytes)
        except DamagedRun as error:
            raise DamagedRun(path, error.reason, ADVICE) from None
        if hashlib.sha256(content).hexdigest() != record.sha256:
            raise DamagedRun(path, CHANGED, ADVICE)
        return content

    def mapped(self, folder: str) -> list[str]:
        """The files of a folder, which are mapped into memory; raises DamagedRun if one has changed."""
        files = [name for name in self.manifest.files if name.startswith(f"{folder}/")]
        if files:
            refuse_links(self.path / folder)
        for name in files:
            try:
                same = file_hash(self.path / name, follow=False) == self.manifest.files[name].sha256
            except OSError as error:
                raise DamagedRun(self.path / name, error.strerror or str(error), ADVICE) from None
            if not same:
                raise DamagedRun(self.path / name, CHANGED, ADVICE)
        return files

    def names(self, folder: str) -> dict[str, str]:
        """The files of a folder, without their suffixes, and their full names."""
        files = (name for name in self.manifest.files if name.startswith(f"{folder}/"))
        return {Path(name).stem: name for name in files if name.endswith(SUFFIXES[folder])}
