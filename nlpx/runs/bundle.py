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
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, JsonValue

from nlpx.core.files import delete_leftovers, file_hash, sync_path
from nlpx.core.zip_files import is_zip, zip_folder
from nlpx.errors import DamagedRun, EnvironmentProblem, UsageError
from nlpx.runs.directory import MANIFEST, RunDirectory
from nlpx.runs.files import read_file, refuse_links
from nlpx.runs.record import Record

FORMAT = 1
"""Version of the layout."""
CONFIG, GOLDEN, CARD = "resolved.yaml", "golden.json", "README.md"
VOCABULARY, GRAPHS, FILES, INDEX, TABLES = "vocabulary", "graphs", "files", "index", "tables"
KEYS = f"{VOCABULARY}/keys.u64"
SUFFIXES = {VOCABULARY: ".json", GRAPHS: ".onnx"}
LARGEST = 1 << 31
"""Maximum size of a file in bytes."""
NAME = re.compile(r"(?:\w[\w.-]*/)?\w[\w.-]*")
"""Names of files: no folder of a bundle begins with a dot, or contains another one."""
ADVICE = "Export the run again."
CHANGED = "this is not the file that was exported (its SHA-256 differs)"


def _name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError(f"{name[:40]!r} is not a valid name of a file")
    return name


class FileRecord(Record):
    """A file: SHA-256 in hexadecimal digits, and size."""

    sha256: str
    bytes: Annotated[int, Field(ge=0, le=LARGEST)]


class Quantization(Record):
    """What other weights than float32 change, on validation rows.

    Attributes:
        rows, equal: how many were compared, and how many have the same prediction.
        before, after: metrics.
        bytes: of the graphs, before and after.
    """

    weights: Literal["int8"]
    rows: Annotated[int, Field(gt=0)]
    equal: int
    before: dict[str, float]
    after: dict[str, float]
    bytes: tuple[int, int]


class Manifest(Record):
    """The content of manifest.json.

    Attributes:
        nlpx: version of the program that wrote it.
        run, step: the run and its checkpoint.
        origin: what the predictions follow from, see `nlpx.runs.origin`; empty if settings were changed.
        includes: SHA-256 of plugin files by name.
        calibration: values chosen on the validation split.
        constants: arrays as nested lists, which are float32.
        quantization: null for float32 weights, whose predictions are those of the run.
        files: all other files, by name.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: int
    nlpx: str
    task: str
    run: str
    step: int
    origin: str = ""
    includes: dict[str, str] = {}
    calibration: dict[str, float] = {}
    constants: dict[str, JsonValue] = {}
    quantization: Quantization | None = None
    files: dict[Annotated[str, AfterValidator(_name)], FileRecord]


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


def write_bundle(path: Path, manifest: Manifest, files: Mapping[str, bytes | Path]) -> int:
    """Write a bundle, as `write_files`; returns its size in bytes.

    Args:
        manifest: without `files`.
    """
    records = {_name(name): _record(content) for name, content in files.items()}
    whole = manifest.model_copy(update={"files": records})
    return write_files(path, {**files, MANIFEST: whole.model_dump_json(indent=1).encode()})


def _record(content: bytes | Path) -> FileRecord:
    if isinstance(content, Path):
        return FileRecord(sha256=file_hash(content), bytes=content.stat().st_size)
    return FileRecord(sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))


def write_files(path: Path, files: Mapping[str, bytes | Path]) -> int:
    """Write a new folder, or a zip file, which appears when it is complete; returns its size in bytes.

    Args:
        path: the folder, or FILE.zip.
        files: contents by name, or files to copy.

    Raises:
        UsageError: the path exists.
        EnvironmentProblem: it cannot be written; nothing is left.
    """
    expect_free(path)
    temporary = _temporary(path)
    try:
        delete_leftovers(path)
        shutil.rmtree(temporary, ignore_errors=True)
        for name, content in files.items():
            _write(temporary / name, content)
        size = sum(file.stat().st_size for file in temporary.rglob("*") if file.is_file())
        for folder in (temporary, *(child for child in temporary.rglob("*") if child.is_dir())):
            sync_path(folder)
        if is_zip(path):
            return zip_folder(temporary, path)
        temporary.rename(path)
        sync_path(path.parent)
    except OSError as error:
        raise EnvironmentProblem(
            f"{path}: cannot be written: {error.strerror or error}. Free space, or choose another --output."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return size


def _write(path: Path, content: bytes | Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, Path):
        shutil.copyfile(content, path)
    else:
        path.write_bytes(content)
    sync_path(path)


def expect_free(path: Path) -> None:
    """Check that a folder can be created at a path, before the work for it begins.

    Raises:
        UsageError: the path exists.
        EnvironmentProblem: it cannot be written.
    """
    if os.path.lexists(path):
        raise UsageError(f"{path}: already exists. Choose another --output, or delete it.")
    reason = ""
    try:
        _temporary(path).lstat()
    except FileNotFoundError:
        above = next(folder for folder in path.absolute().parents if folder.exists())
        if not os.access(above, os.W_OK | os.X_OK):
            reason = f"the folder {above} is read-only"
    except OSError as error:
        reason = error.strerror or str(error)
    if reason:
        raise EnvironmentProblem(f"{path}: cannot be written: {reason}. Choose another --output.")


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}-{os.getpid()}.tmp")
