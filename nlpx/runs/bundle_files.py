"""Write a bundle: a folder, or a zip file, that appears when it is complete."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from nlpx.core.files import delete_leftovers, file_hash, sync_path
from nlpx.core.zip_files import is_zip, zip_folder
from nlpx.errors import EnvironmentProblem, UsageError
from nlpx.runs.directory import MANIFEST
from nlpx.runs.manifest import FileRecord, Manifest, checked_name


def write_bundle(path: Path, manifest: Manifest, files: Mapping[str, bytes | Path]) -> int:
    """Write a bundle, as `write_files`; returns its size in bytes.

    Args:
        manifest: without `files`.
    """
    records = {checked_name(name): _record(content) for name, content in files.items()}
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
