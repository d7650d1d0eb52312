"""The sample of entity linking, what a run knows of names, features of pairs, and the order of training."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from nlpx.components.sources.linked_texts import LinkedText, LinkedTexts, Mention
from nlpx.data.batching import BatchPlan
from nlpx.data.grammar import read_sections
from nlpx.data.items import EncodedItems
from nlpx.data.knowledge import NIL, Entity, Fact
from nlpx.data.samples import find
from nlpx.tasks.linking.batches import LinkBatches
from nlpx.tasks.linking.codec import LinkingCodec
from nlpx.tasks.linking.config import Linking
from nlpx.tasks.linking.sample.linking import GAP, HERE, MARKED, knowledge
from nlpx.text.vocabulary import Vocabulary

ENTITIES = {
    "a": Entity(
        "a",
        "Apple（公司）",
        ("苹果", "Apple"),
        ("Company",),
        (Fact("产品", "手机"), Fact("总部", "库比蒂诺")),
    ),
    "b": Entity("b", "苹果", (), ("Food",), (Fact("产地", "烟台"), Fact("品种", "红富士"))),
    "c": Entity("c", "今天", ("《今天》",), ("Song",)),
}


def row(text: str, *mentions: tuple[str, int, str]) -> LinkedText:
    return LinkedText("here", text, tuple(Mention(*mention) for mention in mentions), ENTITIES)


ROWS = [
    row("苹果出手机", ("苹果", 0, "a")),
    row("ＡＰＰＬＥ好", ("ＡＰＰＬＥ", 0, "a")),
    row("苹果手机", ("苹果", 0, "a")),
    row("烟台苹果甜", ("苹果", 2, "b")),
    row("烟台苹果红", ("苹果", 2, "b")),
    row("唱今天", ("今天", 1, "c")),
    *[row(f"今天{i}", *([("苹果", 9, NIL)] * 0)) for i in "一二三四五六七八九"],
]


@pytest.fixture(scope="module")
def codec() -> LinkingCodec:
    return Linking.model_validate({"task": "linking", "vocabulary": {"min_count": 1}}).codec()


@pytest.fixture(scope="module")
def vocabularies(codec: LinkingCodec) -> dict[str, Vocabulary]:
    counts = Counter(char for one in ROWS for char in codec.count(one)["char"])
    return {"char": Vocabulary.build(counts), **codec.derive(ROWS, {})}


def test_what_a_run_knows(codec: LinkingCodec, vocabularies: dict[str, Vocabulary]) -> None:
    lookup = codec.lookup(vocabularies)
    assert lookup is codec.lookup(dict(vocabularies))
    assert [entity.kb_id for entity in lookup.entities] == ["a", "b", "c"]
    # (9 + 1) / (1 + 1) = 5: 今天 is dropped.
    assert set(vocabularies["name"].tokens[1:]) == {"apple(公司)", "苹果", "apple"}
    assert "今天" in lookup.whole_dictionary and "今天" not in lookup.dictionary
    assert lookup.named["苹果"] == [0, 1]
    assert (lookup.links("苹果"), lookup.links("apple")) == ({0: 2, 1: 2}, {0: 1})
    assert lookup.candidates("苹果") == [0, 1] and lookup.candidates("apple") == [0]
    assert (lookup.most_frequent("苹果"), lookup.most_frequent("今天"), lookup.most_frequent("x")) == (
        0,
        2,
        None,
    )
    assert (
        dict(zip(vocabularies["entity"].tokens, vocabularies["entity"].counts, strict=True))[
            ENTITIES["a"].line
        ]
        == 3
    )


def test_without_cleaning_and_with_other_limits(vocabularies: dict[str, Vocabulary]) -> None:
    config = {"task": "linking", "data": {"cleaning": None, "min_links": 3, "description_length": 8}}
    codec = Linking.model_validate(config).codec()
    made = codec.derive(ROWS, {})
    assert "今天" in made["name"]
    lookup = codec.lookup({**vocabularies, **made})
    assert lookup.candidates("苹果") == [0, 1]  # neither has three links
    assert [len(entity.facts) for entity in lookup.entities] == [1, 1, 0]
    assert set(codec.derived) == made.keys()


def test_features_of_a_pair(codec: LinkingCodec, vocabularies: dict[str, Vocabulary]) -> None:
    pairs = codec.pairs(vocabularies)
    text, words = "烟台苹果手机红富", ["烟台", "苹果", "手机", "红富"]
    found = pairs.query(text, words, (2, 4), 1)
    description, objects, ids = pairs.description(1)
    assert description == "产地:烟台\n品种:红富士\n名称:苹果" and objects is not None
    np.testing.assert_array_equal(ids, vocabularies["char"].ids(description))
    np.testing.assert_array_equal(found[:, 0], [0, 0, 1, 1, 0, 0, 0, 0])
    np.testing.assert_array_equal(found[:, 1], [1, 1, 1, 1, 0, 0, 1, 1])
    np.testing.assert_array_equal(found[:, 2], [1, 1, 1, 1, 0, 0, 1, 1])
    np.testing.assert_array_equal(found[:, 3], [1, 1, 0, 0, 0, 0, 0, 0])
    assert pairs.query("手机", ["手", "机"], (0, 0), 0)[:, 3].tolist() == [1, 1]


def batches(
    codec: LinkingCodec, vocabularies: dict[str, Vocabulary], size: int, count: int = 1
) -> LinkBatches:
    encoded = [item for one in ROWS for item in codec.encode(one, vocabularies)]
    items = EncodedItems.of(encoded, codec.fields)
    return LinkBatches(
        BatchPlan(items.lengths, size, [8], 3),
        items,
        size,
        count,
        lookup=codec.lookup(vocabularies),
        pairs=codec.pairs(vocabularies),
        seed=3,
        length=codec.description_length,
    )


def test_samples_are_functions_of_seed_epoch_and_row(
    codec: LinkingCodec, vocabularies: dict[str, Vocabulary]
) -> None:
    def of(made: LinkBatches, epoch: int) -> dict[int, list[bytes]]:
        found: dict[int, list[bytes]] = {}
        for index in range(made.updates_per_epoch):
            for batch, rows in zip(made.update(epoch, index), made.rows(epoch, index), strict=True):
                for place, number in enumerate(rows):
                    found[number] = [batch[name][place].tobytes() for name in sorted(batch)]
        return found

    large, small = batches(codec, vocabularies, 15), batches(codec, vocabularies, 2, 3)
    for epoch in (0, 1):
        one, two = of(large, epoch), of(small, epoch)
        # Mentions are padded to the most of the bucket, the same for all sizes.
        assert one == two
    samples = [large.sample(0, epoch) for epoch in range(40)]
    assert {sample[1:] for sample in samples if sample} == {(0, True), (1, False)}
    assert large.sample(8, 0) is None  # a text without mentions
    (batch,) = large.update(0, 0)
    place = large.rows(0, 0)[0].index(8)
    assert not batch["sampled"][place] and batch["sampled"].sum() == 6
    assert {"code", "word"}.isdisjoint(batch)


def test_long_texts_are_split(vocabularies: dict[str, Vocabulary]) -> None:
    codec = Linking.model_validate({"task": "linking", "data": {"max_length": 4}}).codec()
    first, second = codec.encode(row("烟台苹果苹果红", ("苹果", 2, "b"), ("苹果", 4, "b")), vocabularies)
    assert first["mention"].tolist() == [[2, 4, 1]] and second["mention"].tolist() == [[0, 2, 1]]
    assert first["matches"].tolist() == [[0, 0], [0, 0], [1, 0], [0, 1]]
    assert codec.encode(row("烟台红苹果", ("苹果", 3, "b")), vocabularies)[0]["mention"].shape == (0, 3)


def test_the_sample_is_consistent() -> None:
    sample = find("linking")
    texts: dict[str, set[str]] = {}
    for split, generated, written in (("train", 400, 0), ("valid", 40, 44), ("test", 60, 78)):
        rows = sample.rows(split)
        assert Counter(row.group for row in rows) == {
            "generated": generated,
            **({"written": written} if written else {}),
        }
        records = [sample.make("here", row) for row in rows]
        texts[split] = {record.texts[0] for record in records}
        for record in records:
            assert isinstance(record, LinkedText)
            for mention in record.mentions:
                assert record.text[mention.offset : mention.end] == mention.text
                assert mention.kb_id == NIL or mention.text in knowledge()[mention.kb_id].names
            assert split == "train" or record.group == "generated" or record.linked
    assert not texts["train"] & (texts["valid"] | texts["test"]) and not texts["valid"] & texts["test"]
    assert any(m.kb_id == NIL for r in sample.rows("train") for m in sample.make("", r).mentions)  # type: ignore[attr-defined]
    linked = {kb_id for row in sample.rows("test") for _, kb_id in MARKED.findall(row.parts[0])}
    assert len(linked) >= 60


def test_patterns_can_be_filled_and_do_not_make_what_was_written_by_hand() -> None:
    sections = read_sections(HERE / "patterns.txt")
    patterns = {name: [line.items[0] for line in lines] for name, lines in sections.items()}
    predicates: dict[str, set[str]] = {}
    for entity in knowledge().values():
        predicates.setdefault(entity.types[0], set()).update(fact.predicate for fact in entity.facts)
        fitting = [
            p for p in patterns[entity.types[0]] if set(GAP.findall(p)) <= {f.predicate for f in entity.facts}
        ]
        assert len(fitting) >= 3, entity.subject
    for name, gaps in predicates.items():
        assert all(set(GAP.findall(pattern)) <= gaps for pattern in patterns[name]), name
    fixed = {
        part for lines in patterns.values() for line in lines for part in GAP.sub("〈〉", line).split("〈〉")
    }
    pieces = {part[i : i + 5] for part in fixed for i in range(len(part) - 4)}
    for split in ("valid", "test"):
        for row in find("linking").rows(split):
            if row.group == "written":
                text = MARKED.sub("〈〉", row.parts[0])
                assert not pieces & {text[i : i + 5] for i in range(len(text))}, text


def test_exported_files_are_read_again(tmp_path: Path) -> None:
    sample = find("linking")
    records = [sample.make("x", row) for row in sample.rows("test")]
    assert type(records[0]).write(tmp_path / "test.jsonl", iter(records)) == 138
    source = LinkedTexts(kb="kb.jsonl", train="test.jsonl").open(tmp_path)
    again = list(source.rows("train"))
    assert [record.line for record in again] == [record.line for record in records]  # type: ignore[union-attr]
    assert isinstance(again[0], LinkedText) and again[0].knowledge == knowledge()
