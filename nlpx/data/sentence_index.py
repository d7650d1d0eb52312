"""The sentences that a model has read, with their vectors: files that are written once and mapped."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

TEXTS = "sentences.txt"


@dataclass(frozen=True)
class SentenceIndex:
    """Sentences, each once, and their vectors.

    Attributes:
        texts: the sentences.
        vectors: (n, D) float32.
    """

    texts: Sequence[str]
    vectors: np.ndarray


def open_index(
    folder: Path,
    name: str,
    dim: int,
    texts: Callable[[], Sequence[str]],
    encode: Callable[[Sequence[str]], np.ndarray],
) -> SentenceIndex:
    """The index of a folder, made where it is missing or of another size; where it cannot be kept, only made.

    The sentences are kept beside the vectors, so that vectors of other weights need no corpus.

    Args:
        folder: of the files.
        name: of the weights that the vectors are made with.
        dim: D.
        texts: reads the sentences of the corpus, each once.
        encode: sentences -> vectors (n, D) float32.
    """
    known = _read_texts(folder / TEXTS)
    found = texts() if known is None else known
    path = folder / f"{name}.f32"
    mapped = _map_vectors(path, (len(found), dim))
    if mapped is not None:
        return SentenceIndex(found, mapped)
    vectors = np.ascontiguousarray(encode(found), np.float32)
    # A folder that is read-only, or full, still has answers: they are only slower the next time.
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        if known is None:
            _write(folder / TEXTS, "".join(f"{text}\n" for text in found).encode("utf-8", "surrogatepass"))
        _write(path, vectors.data)
    return SentenceIndex(found, vectors)


def _map_vectors(path: Path, shape: tuple[int, int]) -> np.ndarray | None:
    rows, dim = shape
    if not rows or not path.is_file() or path.stat().st_size != 4 * rows * dim:
        return None
    return np.asarray(np.memmap(path, np.float32, "r", shape=shape))


def _read_texts(path: Path) -> list[str] | None:
    try:
        text = path.read_bytes().decode("utf-8", "surrogatepass")
    except (OSError, UnicodeDecodeError):
        return None
    # Not splitlines: other characters than \n that may end a line are part of sentences.
    return re.split("\n", text)[:-1]


def _write(path: Path, content: bytes | memoryview) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
