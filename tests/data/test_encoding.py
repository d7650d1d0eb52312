"""From rows to arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import PrivateAttr

import nlpx.data.items
from nlpx.components.sources.base import SPLITS, Source
from nlpx.data.codec import Vocabularies
from nlpx.data.items import MAIN, Field
from nlpx.data.prepared import Prepared
from nlpx.data.records import BadRow, Pair, Record
from nlpx.errors import DataError, EnvironmentProblem
from nlpx.text.vocabulary import Vocabulary
from tests.data.conftest import PairCodec, Preparation


class ListSource(Source):
    """Rows from lists; counts how often a split is read."""

    type: Literal["list"] = "list"
    train: list[tuple[str, str]]
    valid: list[tuple[str, str]] | None = None
    test: list[tuple[str, str]] | None = None

    _reads: list[str] = PrivateAttr(default_factory=list)

    @property
    def reads(self) -> list[str]:
        return self._reads

    def splits(self) -> tuple[str, ...]:
        return tuple(split for split in SPLITS if getattr(self, split))

    def rows(self, split: str) -> Iterator[Record | BadRow]:
        self._reads.append(split)
        for number, (first, second) in enumerate(getattr(self, split), start=1):
            where = f"{split}.tsv:{number}"
            yield Pair(where, first, second) if first else BadRow(where, "the first text is empty")

    def fingerprint(self, split: str) -> str:
        return repr(getattr(self, split))


def decoded(prepared: Prepared) -> list[tuple[str, str]]:
    """The training items as texts."""
    items, token = prepared.items, prepared.vocabularies["char"].tokens.__getitem__
    texts = []
    for offset, length in zip(items.extents[MAIN].offsets.tolist(), items.lengths.tolist(), strict=True):
        ids = [items.arrays[name][offset : offset + length] for name in ("char", "target")]
        texts.append(("".join(map(token, ids[0])), "".join(map(token, ids[1]))))
    return texts


GOOD = [("甲乙", "丙丁"), ("甲", "戊"), ("己庚辛", "甲乙丙")]
LINES = st.lists(
    st.integers(1, 5).flatmap(lambda n: st.tuples(*[st.text("甲乙丙丁戊己", min_size=n, max_size=n)] * 2)),
    min_size=1,
    max_size=30,
)


@settings(max_examples=30, deadline=None)  # every example flushes files to the disk
@given(LINES)
def test_items_are_the_training_rows(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, str]]
) -> None:
    prepared = Preparation(tmp_path_factory.mktemp("cache"))(ListSource(train=lines, valid=GOOD))
    assert decoded(prepared) == lines
    assert prepared.items.lengths.tolist() == [len(first) for first, _ in lines]
    assert len(prepared.items) == len(lines)
    assert set(prepared.vocabularies["char"].tokens[1:]) == set("".join(map("".join, lines)))
    assert all(first in prepared.keys for first, _ in lines)
    assert len(prepared.keys) == len({first for first, _ in lines})


def test_items_are_written_some_at_a_time(preparation: Preparation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nlpx.data.items, "ITEMS_AT_ONCE", 2)
    lines = [*GOOD, *GOOD, ("甲", "乙")]
    assert decoded(preparation(ListSource(train=lines))) == lines


def test_large_items_are_written_one_at_a_time(
    preparation: Preparation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nlpx.data.items, "BYTES_AT_ONCE", 12)
    chunks = list(
        nlpx.data.items._chunks(({"a": np.zeros(size, np.int32)} for size in (1, 1, 5, 0, 1, 2, 2)), "a")
    )
    assert [[len(item["a"]) for item in chunk] for chunk in chunks] == [[1, 1, 5], [1, 2], [2]]
    lines = [*GOOD, *GOOD, ("甲", "乙")]
    assert decoded(preparation(ListSource(train=lines))) == lines


def test_vocabularies_know_the_training_rows_only(preparation: Preparation) -> None:
    prepared = preparation(ListSource(train=GOOD, valid=[("天", "地")], test=[("天", "地")]))
    assert "天" not in prepared.vocabularies["char"]
    assert "天" not in prepared.keys
    assert [f"{s} {c.rows} {c.used}" for s, c in prepared.counts.items()] == [
        "train 3 3",
        "valid 1 1",
        "test 1 1",
    ]


def test_rare_tokens_are_unknown(preparation: Preparation) -> None:
    prepared = preparation(ListSource(train=GOOD), PairCodec(min_count=2))
    assert prepared.vocabularies["char"].tokens == ("<unk>", "甲", "丙", "乙")
    assert decoded(prepared)[1] == ("甲", "<unk>")
    small = preparation(ListSource(train=GOOD), PairCodec(max_size=1))
    assert small.vocabularies["char"].tokens == ("<unk>", "甲")


def test_arrays_are_mapped_and_read_only(preparation: Preparation) -> None:
    items = preparation(ListSource(train=GOOD)).items
    for array in (items.lengths, *items.arrays.values()):
        assert isinstance(array.base, np.memmap)
        assert not array.flags.writeable
    assert {array.dtype for array in (items.lengths, *items.arrays.values())} == {np.dtype(np.int32)}


class TypedCodec(PairCodec):
    """Further sequences, and arrays of all types."""

    @property
    def fields(self) -> Mapping[str, Field]:
        more = {
            "length": Field(sequence=None),
            "half": Field("float32", sequence=None),
            "square": Field("uint8", (2, 2), sequence=None),
            "twice.even": Field("bool", (2,), sequence="twice"),
            "none.value": Field(sequence="none"),
        }
        return {**super().fields, **more}

    def encode(self, row: Pair, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        (item,) = super().encode(row, vocabularies)
        n = len(row.first)
        more = {
            "length": np.array(n),
            "half": np.array(n / 2, np.float32),
            "square": np.full((2, 2), n, np.uint8),
            "twice.even": np.arange(4 * n).reshape(-1, 2) % 2 == 0,
            "none.value": np.zeros(0, np.int32),
        }
        return [{**item, **more}]


def test_items_have_arrays_of_the_types_of_their_fields(preparation: Preparation) -> None:
    for cached in (False, True):
        prepared = preparation(ListSource(train=GOOD), TypedCodec())
        items = prepared.items
        assert prepared.cached == cached
        assert items.fields == TypedCodec().fields
        assert items.lengths.tolist() == [2, 1, 3]
        assert items.extents["twice"].lengths.tolist() == [4, 2, 6]
        assert items.extents["twice"].offsets.tolist() == [0, 4, 6]
        assert items.extents["none"].lengths.tolist() == [0, 0, 0]
        assert {name: (array.dtype.name, array.shape) for name, array in items.arrays.items()} == {
            "char": ("int32", (6,)),
            "target": ("int32", (6,)),
            "length": ("int32", (3,)),
            "half": ("float32", (3,)),
            "square": ("uint8", (3, 2, 2)),
            "twice.even": ("bool", (12, 2)),
            "none.value": ("int32", (0,)),
        }
        assert items.arrays["half"].tolist() == [1, 0.5, 1.5]
        assert items.arrays["square"][2].tolist() == [[3, 3], [3, 3]]


# Bad rows


def bad_source() -> ListSource:
    bad = [*GOOD, ("甲乙丙", "丁"), ("", ""), ("甲" * 9, "乙" * 9)]
    return ListSource(train=bad, valid=[*GOOD, ("甲", "乙丙")])


def test_bad_rows_of_all_splits_stop_everything(preparation: Preparation) -> None:
    with pytest.raises(DataError) as caught:
        preparation(bad_source())
    assert caught.value.exit_code == 3
    assert str(caught.value).splitlines() == [
        "train.tsv:4: 3 and 1 characters",
        "train.tsv:5: the first text is empty",
        "valid.tsv:4: 1 and 2 characters",
        "3 bad rows. Fix them, or set data.on_bad_line: skip to leave them out.",
    ]
    assert preparation.entries() == []


def test_bad_rows_can_be_skipped_and_are_listed(preparation: Preparation) -> None:
    prepared = preparation(bad_source(), on_bad_line="skip")
    train, valid = prepared.counts["train"], prepared.counts["valid"]
    assert (train.rows, train.bad, train.left_out, train.used) == (6, 2, 1, 3)
    assert (valid.rows, valid.bad, valid.left_out, valid.used) == (4, 1, 0, 3)
    assert decoded(prepared) == GOOD
    assert [str(row) for row in prepared.bad] == [
        "train.tsv:4: 3 and 1 characters",
        "train.tsv:5: the first text is empty",
        "valid.tsv:4: 1 and 2 characters",
    ]
    again = preparation(bad_source(), on_bad_line="skip")
    assert again.cached
    assert again.bad == prepared.bad
    assert again.counts == prepared.counts
    with pytest.raises(DataError, match=r"train\.tsv:4: 3 and 1 characters(.|\n)*3 bad rows"):
        preparation(bad_source(), on_bad_line="error")


def test_the_list_of_bad_rows_is_bounded(preparation: Preparation) -> None:
    source = ListSource(train=[("甲", "乙丙")] * 1200 + GOOD)
    with pytest.raises(DataError) as caught:
        preparation(source)
    lines = str(caught.value).splitlines()
    assert lines[49:51] == ["train.tsv:50: 1 and 2 characters", "... and 1150 more"]
    assert len(lines) == 52
    assert len(preparation(source, on_bad_line="skip").bad) == 1000


@pytest.mark.parametrize("split", ["train", "valid"])
def test_a_split_without_usable_rows_is_refused(preparation: Preparation, split: str) -> None:
    rows = {"train": GOOD, "valid": GOOD, split: [("甲" * 9, "乙" * 9), ("甲", "乙丙")]}
    message = f"the {split} split has no rows left: of 2 rows, 1 is bad and 1 longer"
    with pytest.raises(DataError, match=message):
        preparation(ListSource.model_validate({"type": "list", **rows}), on_bad_line="skip")


def test_limit(preparation: Preparation) -> None:
    prepared = preparation(ListSource(train=GOOD, valid=GOOD), limit=2)
    assert decoded(prepared) == GOOD[:2]
    assert [counts.rows for counts in prepared.counts.values()] == [2, 2]


# Items


class SplittingCodec(PairCodec):
    """One item a character, and an empty one in front; none for 戊."""

    def encode(self, row: Pair, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        whole = super().encode(row, vocabularies)[0]
        if row.second == "戊":
            return []
        return [{n: v[i : i + w] for n, v in whole.items()} for i, w in [(0, 0), *((i, 1) for i in range(9))]]


def test_a_row_may_give_several_items_or_none(preparation: Preparation) -> None:
    prepared = preparation(ListSource(train=GOOD), SplittingCodec())
    assert decoded(prepared) == [("甲", "丙"), ("乙", "丁"), ("己", "甲"), ("庚", "乙"), ("辛", "丙")]
    with pytest.raises(DataError, match="no training row gives anything to learn from"):
        preparation(ListSource(train=GOOD[1:2]), SplittingCodec())


class UnevenCodec(PairCodec):
    def encode(self, row: Pair, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        return [{"char": np.zeros(2, np.int32), "target": np.zeros(3, np.int32)}]


def test_fields_of_different_lengths_are_a_bug(preparation: Preparation) -> None:
    with pytest.raises(ValueError, match="target and other fields of an item have different lengths"):
        preparation(ListSource(train=GOOD), UnevenCodec())
    assert preparation.entries() == []


class DerivingCodec(PairCodec):
    derived = ("seconds",)

    def derive(self, rows: object, vocabularies: Vocabularies) -> Vocabularies:
        return {"seconds": Vocabulary(["<unk>", *(row.second for row in rows)])}  # type: ignore[attr-defined]  # pairs


def test_vocabularies_can_be_derived_from_a_second_reading(preparation: Preparation) -> None:
    for cached in (False, True):
        prepared = preparation(ListSource(train=GOOD), DerivingCodec())
        assert prepared.cached == cached
        assert prepared.vocabularies["seconds"].tokens == ("<unk>", "丙丁", "戊", "甲乙丙")
    assert decoded(prepared) == GOOD


# The cache


def same(first: Prepared, second: Prepared) -> bool:
    return (
        decoded(first) == decoded(second)
        and first.vocabularies["char"].sha256 == second.vocabularies["char"].sha256
        and first.counts == second.counts
        and first.fingerprints == second.fingerprints
        and len(first.keys) == len(second.keys)
    )


def test_a_second_start_reads_no_row(preparation: Preparation) -> None:
    first = preparation(ListSource(train=GOOD, valid=GOOD))
    assert not first.cached
    assert preparation.reports == ["checking and encoding the data (kept for the next start)"]
    source = ListSource(train=GOOD, valid=GOOD)
    second = preparation(source)
    assert second.cached
    assert source.reads == []
    assert preparation.reports == []
    assert same(first, second)


def test_everything_that_decides_the_arrays_is_in_the_key(preparation: Preparation) -> None:
    class OtherSource(ListSource):
        pass

    class OtherCodec(PairCodec):
        pass

    class NewCodec(PairCodec):
        version = 2

    calls = [
        (ListSource(train=GOOD), PairCodec(), None),
        (ListSource(train=GOOD[:2]), PairCodec(), None),
        (ListSource(train=GOOD, test=GOOD), PairCodec(), None),
        (OtherSource(train=GOOD), PairCodec(), None),
        (ListSource(train=GOOD), PairCodec(max_length=7), None),
        (ListSource(train=GOOD), PairCodec(min_count=2), None),
        (ListSource(train=GOOD), PairCodec(max_size=9), None),
        (ListSource(train=GOOD), OtherCodec(), None),
        (ListSource(train=GOOD), NewCodec(), None),
        (ListSource(train=GOOD), PairCodec(), 2),
    ]
    for source, codec, limit in calls:
        assert not preparation(source, codec, limit).cached
    assert len(preparation.entries()) == len(calls)
    for source, codec, limit in calls:
        assert preparation(source, codec, limit).cached


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("way", ["flip", "truncate", "remove", "empty"])
def test_a_damaged_entry_is_built_again(preparation: Preparation, way: str) -> None:
    source = ListSource(train=GOOD, valid=GOOD)
    first = preparation(source)
    expected = decoded(first)
    names = [path.name for path in preparation.entries()[0].iterdir()]
    assert len(names) == 7
    for name in names:
        path = preparation.entries()[0] / name
        if way == "flip":
            flip(path)
        elif way == "truncate":
            path.write_bytes(path.read_bytes()[:-4])
        elif way == "remove":
            path.unlink()
        else:
            path.write_bytes(b"")
        again = preparation(source)
        assert not again.cached, name
        assert "this cache entry is damaged" in preparation.reports[0]
        assert decoded(again) == expected
        assert preparation(source).cached


def test_an_entry_in_use_survives_its_removal(preparation: Preparation) -> None:
    source = ListSource(train=GOOD)
    used = preparation(source)
    flip(preparation.entries()[0] / "meta.json")
    preparation(source)
    assert decoded(used) == GOOD


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(EnvironmentProblem, match=r"cannot be written.*data\.cache or \$NLPX_CACHE") as caught:
        Preparation(tmp_path / "file")(ListSource(train=GOOD))
    assert caught.value.exit_code == 4
