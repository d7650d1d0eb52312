"""Write files of word vectors in the formats that nlpx.data.vectors reads."""

from __future__ import annotations

from io import BytesIO

import numpy as np

from nlpx.data.word_vectors import WordVectors

SUFFIXES = (".txt", ".vec", ".bin", ".npz")
"""Text of word2vec, twice; binary of word2vec; npz."""


def vector_file(vectors: WordVectors, suffix: str) -> bytes:
    """The content of a file with this suffix; text has nine significant digits, so that nothing is lost."""
    if suffix == ".npz":
        written = BytesIO()
        np.savez(written, tokens=np.array(vectors.tokens), vectors=vectors.vectors)
        return written.getvalue()
    rows = [f"{len(vectors.tokens)} {vectors.vectors.shape[1]}\n".encode()]
    for token, vector in zip(vectors.tokens, vectors.vectors, strict=True):
        if suffix == ".bin":
            rows.append(token.encode() + b" " + vector.astype("<f4").tobytes() + b"\n")
        else:
            rows.append(f"{token} {' '.join(f'{x:.9g}' for x in vector.tolist())}\n".encode())
    return b"".join(rows)
