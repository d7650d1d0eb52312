"""A bundle as one zip file, which is unpacked in the cache folder when it is used for the first time.

What a zip file contains is untrusted: only files that its manifest lists are written, under valid names.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from nlpx.core.files import Unreadable, sweep, sync_path
from nlpx.core.folders import user_cache
from nlpx.core.json_text import parse_json
from nlpx.core.zip_files import StoredFiles, open_stored
from nlpx.errors import DamagedRun, EnvironmentProblem
from nlpx.runs.bundle import CHANGED, Bundle
from nlpx.runs.directory import MANIFEST
from nlpx.runs.files import LARGEST_JSON
from nlpx.runs.manifest import ADVICE, Manifest

FOLDER = "bundles"
"""In the cache folder; contains a folder for every manifest, named by its hash."""
SHOWN = 100


def open_zipped(path: Path) -> Bundle:
    """The bundle in a zip file.

    Raises:
        DamagedRun: there is none, or it contains anything else.
        EnvironmentProblem: it cannot be unpacked.
    """
    try:
        with open_stored(path) as files:
            return Bundle.open(_unpacked(path, files))
    except FileNotFoundError:
        raise DamagedRun(path, "there is no such file", "Give a bundle or a run.") from None
    except Unreadable as error:
        raise DamagedRun(path, str(error), ADVICE) from None


def _unpacked(path: Path, files: StoredFiles) -> Path:
    """The folder with the files, which is made if it does not exist."""
    if files.sizes.get(MANIFEST, LARGEST_JSON + 1) > LARGEST_JSON:
        raise Unreadable(f"it is no bundle: it contains no {MANIFEST} of at most {LARGEST_JSON:,} bytes")
    text = b"".join(files.portions(MANIFEST))
    try:
        manifest = Manifest.of_json(parse_json(text), path / MANIFEST)
    except DamagedRun as error:
        raise DamagedRun(path / MANIFEST, error.reason, ADVICE) from None
    folder = user_cache() / FOLDER / hashlib.sha256(text).hexdigest()
    sizes = {name: record.bytes for name, record in manifest.files.items()} | {MANIFEST: len(text)}
    if different := {*sizes.items()} ^ {*files.sizes.items()}:
        raise Unreadable(f"its manifest lists other files: {min(different)[0][:SHOWN]!r} differs")
    if not _is_there(folder, sizes, text):
        try:
            _unpack(path, files, manifest, folder)
        except OSError as error:
            raise EnvironmentProblem(
                f"{folder.parent}: {path} cannot be unpacked here: {error.strerror or error}. Choose another "
                "folder with $NLPX_CACHE, or unpack it yourself and give the folder."
            ) from error
    return folder


def _is_there(folder: Path, sizes: Mapping[str, int], manifest: bytes) -> bool:
    """Whether a folder has these files; their content is checked when they are read."""
    try:
        same = all((folder / name).lstat().st_size == size for name, size in sizes.items())
        return same and (folder / MANIFEST).read_bytes() == manifest
    except OSError:
        return False


def _unpack(path: Path, files: StoredFiles, manifest: Manifest, folder: Path) -> None:
    """Write the files of a bundle to a folder, which appears when it is complete; raises OSError."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    sweep(folder.parent)
    temporary = Path(tempfile.mkdtemp(prefix=".", suffix=".tmp", dir=folder.parent))
    try:
        for name in files.sizes:
            target = temporary / name
            target.parent.mkdir(exist_ok=True)
            sha256 = _copied(files, name, target)
            if name != MANIFEST and sha256 != manifest.files[name].sha256:
                raise DamagedRun(path / name, CHANGED, ADVICE)
        for each in (*temporary.rglob("*"), temporary):
            sync_path(each)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            temporary.rename(folder)
        except OSError:
            if not folder.is_dir():  # otherwise another process finished first
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _copied(files: StoredFiles, name: str, target: Path) -> str:
    """Write a file; returns its SHA-256."""
    digest = hashlib.sha256()
    with target.open("xb") as output:
        for portion in files.portions(name):
            digest.update(portion)
            output.write(portion)
    return digest.hexdigest()
