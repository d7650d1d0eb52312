"""What all embedded samples have in common."""

from __future__ import annotations

import hashlib

import pytest

from nlpx.data.samples import find, names

HASHES = {
    "competition": "4bd50251b7628374",
    "couplet": "b7e6f0dacdcc8aa1",
    "digits": "eba2fe2f98dc15b7",
    "dogs": "877a4a42afbc71fe",
    "epidemic": "5a05d7d7b85ff874",
    "lines": "162edda5e00d13ea",
    "linking": "53edb6b9ef6ee93a",
    "poem": "f7dcbcff7dcea749",
    "ring": "37114b61e8d2df51",
    "segmentation": "ece6d7a7819b73be",
    "sentiment": "4975c0fa43953cb6",
    "similarity": "7c81c46da3904aa6",
    "similarity_pairs": "2add2250acdacc5a",
    "strokes": "6a05203ecc441fed",
    "title": "0b21e4273c106d0f",
    "vectors": "2f83a9b7fb93492c",
}


def test_every_sample_is_known() -> None:
    assert list(names()) == list(HASHES)


@pytest.mark.parametrize("name", HASHES)
def test_rows_are_the_same_everywhere(name: str) -> None:
    digest = hashlib.sha256()
    for split in ("train", "valid", "test"):
        for row in find(name).rows(split):
            digest.update("\t".join((row.group, *row.parts)).encode())
    assert digest.hexdigest()[:16] == HASHES[name]
