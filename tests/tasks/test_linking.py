"""Entity linking from the command line: learning, references, predictions, wrong input, exact resume."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from nlpx.workflow.model import open_model
from tests.resume.runs import same
from tests.tasks.conftest import Command
from tests.trained import TrainOnce

TINY = """\
task: linking
data: {limit: 200, max_length: 48, description_length: 48}
vocabulary: {min_count: 1}
model:
  embedding: {dim: 16, dropout: 0.1}
  encoder: [{type: conv, filters: 16}]
  pointer: 8
  query: [{type: conv, filters: 16}]
  description: [{type: conv, filters: 16}]
  attention: {heads: 2, head_dim: 8}
  hidden: 16
optimizer: {type: adam, learning_rate: 1e-2}
tricks: [{type: ema, momentum: 0.9}]
train: {epochs: 12, batch_size: 32, buckets: [48], log_every: 20, evaluate_every: 42}
samples: [烟台的苹果丰收了]
"""
KB = [
    {"subject_id": "1", "subject": "春风", "alias": ["春风酒"], "type": ["Food"], "data": []},
    {
        "subject_id": 2,
        "subject": "春风（歌）",
        "alias": ["春风", "《风》"],
        "data": [{"predicate": "唱", "object": "丁"}],
    },
]
TEXTS = [
    {"text_id": "1", "text": "丁唱春风", "mention_data": [{"kb_id": "2", "mention": "春风", "offset": "2"}]},
    {"text": "喝春风酒😀吹春风", "mention_data": [
        {"kb_id": "1", "mention": "春风酒", "offset": "1"}, {"kb_id": "NIL", "mention": "春风", "offset": 6}]},
    {"text": "风", "mention_data": []},
]  # fmt: skip
FILES = """\
extends: tiny.yaml
data: {source: {type: linked_texts, kb: kb_data, train: train.json, valid: train.json}, limit: 100}
train: {epochs: 1}
"""


@pytest.fixture(scope="module")
def trained(trained_once: TrainOnce) -> Path:
    return trained_once(TINY).path


@pytest.fixture
def own(trained: Path, tmp_path: Path) -> Path:
    """A copy that a test may break."""
    return Path(shutil.copytree(trained, tmp_path / "tiny"))


def lines(rows: Sequence[object], end: str = "\n") -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + end for row in rows).encode()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a config of files in the format of CCKS 2019."""
    (tmp_path / "kb_data").write_bytes(lines(KB))
    (tmp_path / "train.json").write_bytes(lines(TEXTS))
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")
    (tmp_path / "c.yaml").write_text(FILES, encoding="utf-8")
    return tmp_path


def test_it_learns_and_beats_the_prior(nlpx: Command, own: Path) -> None:
    before = json.loads((own / "eval" / "test.json").read_text("utf-8"))["metrics"]
    assert before["mention_f1"] > 0.85 and before["link_f1"] <= before["mention_f1"]
    shown = nlpx("eval", own, "--reference", "--errors", "2", "--json")
    assert shown.code == 0, shown.err
    result = json.loads(shown.out)
    assert result["metrics"] == pytest.approx(before)
    raw, cleaned, similar = result["references"].values()
    assert [*result["references"]][1:] == ["cleaned dictionary + prior", "cleaned dictionary + TF-IDF"]
    assert similar["mention_f1"] == cleaned["mention_f1"] and similar["link_f1"] > cleaned["link_f1"] + 0.2
    assert result["signatures"]["cleaned dictionary + TF-IDF"].startswith("weight of the prior 0.")
    assert raw["mention_f1"] < cleaned["mention_f1"]
    assert before["written/link_accuracy"] > cleaned["written/link_accuracy"] + 0.05
    assert result["worst"]["badness_is"] == "missing and wrong mentions"
    records = [json.loads(line) for line in (own / "metrics.jsonl").read_text("utf-8").splitlines()]
    assert any({"train/start", "train/end", "train/link"} <= record.keys() for record in records)
    prior = json.loads(nlpx("eval", own, "--set", "decode.ranking=prior", "--json").out)["metrics"]
    assert prior["link_accuracy"] == cleaned["link_accuracy"]


def test_predictions_have_entities(nlpx: Command, own: Path) -> None:
    (own.parent / "in.txt").write_bytes("\ufeff烟台的苹果丰收了\r\n\r\n😀龘\r\n".encode())
    shown = nlpx("predict", own, "--input", own.parent / "in.txt", "--format", "jsonl")
    assert shown.code == 0, shown.err
    first, blank, strange = map(json.loads, shown.out.splitlines())
    assert blank["mentions"] == strange["mentions"] == []
    (mention,) = first["mentions"]
    assert (mention["mention"], mention["offset"]) == ("苹果", 3)
    assert mention["kb_id"] in ("1001", "1002", "1003") and 0.1 <= mention["score"] <= 1
    assert mention["description"] and mention["subject"]


def test_a_prediction_does_not_depend_on_its_batch(trained: Path) -> None:
    texts = [
        "烟台的苹果丰收了",
        "李娜在法网拿了冠军，后来她去了巴黎看埃菲尔铁塔",
        f"{'天' * 47}苹果{'天' * 60}苹果",
    ]
    predictor = open_model(trained.parent, str(trained), "best").predictor
    for text, answer in zip(texts, predictor.predict(texts), strict=True):
        found, expected = (one.fields["mentions"] for one in (predictor.predict([text])[0], answer))
        assert isinstance(found, list) and isinstance(expected, list)
        assert [m["kb_id"] for m in found] == [m["kb_id"] for m in expected]
        assert [m["score"] for m in found] == pytest.approx([m["score"] for m in expected], abs=1e-5)
        assert all(text[m["offset"] :].startswith(m["mention"]) for m in found)
        for one in found:
            about = f"{one['subject']}，{one['description']}"
            assert f"{one['mention']}@{one['offset']}={one['kb_id']}（{about}）" in answer.text


def test_resume_is_exact(trained: Path, trained_once: TrainOnce, tmp_path: Path, nlpx: Command) -> None:
    killed = trained_once(TINY).killed(44, tmp_path)
    assert nlpx("train", "--resume", killed).code == 0
    same(killed, trained)


def test_files_of_ccks(nlpx: Command, files: Path) -> None:
    (files / "kb_data").write_bytes(gzip.compress(b"\xef\xbb\xbf" + lines(KB, "\r\n")))
    shown = nlpx("data", "check", files / "c.yaml")
    assert (shown.code, shown.err) == (0, "")
    shown = nlpx("data", "preview", files / "c.yaml", "--json")
    assert shown.code == 0, shown.err
    rows = json.loads(shown.out)
    assert [row["items"][0]["mention"] for row in rows] == [[2, 4, 1], [1, 4, 0], []]
    # 春风酒 is one name, and 😀 one character.
    assert rows[1]["items"][0]["matches"] == [0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("没有", "not JSON: Expecting value at character 1"),
        ("[]", 'no JSON object; expected {"text": ..., "mention_data": [...]}'),
        ({"mention_data": []}, "the field text is missing; expected a text"),
        ({"text": " ", "mention_data": []}, "the text is empty"),
        ('{"text": "\\ud800", "mention_data": []}', "an escape names half a character"),
        ({"text": "风"}, "the field mention_data is missing; expected a list of mentions, empty if there are none"),
        ({"text": "风", "mention_data": [1]}, "mention 1: it is no JSON object"),
        ({"kb_id": None}, "mention 1: the field kb_id is missing"),
        ({"kb_id": "9"}, 'mention 1: the knowledge base has no entity "9"'),
        ({"mention": 3}, "mention 1: the field mention is 3; expected a text"),
        ({"mention": "春"}, 'mention 1: the text has "风" at the offset 0, not "春"; expected the offset in characters'),
        ({"offset": "x"}, 'mention 1: the offset is "x"; expected a number from 0'),
        ({"offset": -1}, "mention 1: the offset is -1; expected a number from 0"),
        ({"offset": True}, "mention 1: the offset is true; expected a number from 0"),
        ({"offset": "1"}, 'mention 1: the text has "" at the offset 1, not "风"'),
    ],
)  # fmt: skip
def test_bad_texts(nlpx: Command, files: Path, row: object, reason: str) -> None:
    if isinstance(row, dict) and "text" not in row and "mention_data" not in row:
        row = {"text": "风", "mention_data": [{"kb_id": "2", "mention": "风", "offset": "0", **row}]}
    line = row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)
    (files / "train.json").write_bytes(lines(TEXTS[:1]) + f"{line}\n".encode())
    shown = nlpx("data", "check", files / "c.yaml", "--json")
    assert shown.code == 3
    (bad,) = json.loads(shown.out)["bad"]
    assert bad["where"] == str(files / "train.json") + ":2"
    assert bad["reason"].startswith(reason)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("1", 'no JSON object; expected {"subject_id": ..., "subject": ..., ...}'),
        ('{"subject": "x"}', "the field subject_id is missing; expected a text"),
        ('{"subject_id": "3", "subject": " "}', 'the field subject is " "; expected a text'),
        ('{"subject_id": "NIL", "subject": "x"}', "the subject_id is NIL"),
        ('{"subject_id": "2", "subject": "x"}', 'the subject_id "2" occurs a second time'),
        ('{"subject_id": "3", "subject": "x", "alias": "y"}', 'the field alias is "y"; expected a list of texts'),
        ('{"subject_id": "3", "subject": "x", "data": 1}', "the field data is 1"),
        ('{"subject_id": "3", "subject": "x", "data": [{}]}', "fact 1 of the field data has no text"),
        ('{"subject_id": "3", "subject": "\\ud800"}', "an escape names half a character"),
    ],
)  # fmt: skip
def test_bad_entities(nlpx: Command, files: Path, line: str, reason: str) -> None:
    (files / "kb_data").write_bytes(lines(KB) + f"{line}\n".encode())
    shown = nlpx("data", "check", files / "c.yaml", "--json")
    assert shown.code == 3
    (bad,) = json.loads(shown.out)["bad"]
    assert bad["where"] == str(files / "kb_data") + ":3"
    assert bad["reason"].startswith(reason)


def test_files_that_are_wrong_as_a_whole(nlpx: Command, files: Path) -> None:
    for name in ("kb_data", "train.json"):
        kept = (files / name).read_bytes()
        for content, words in ((b"", "the file is empty"), ("风".encode("gb18030"), "is not UTF-8")):
            (files / name).write_bytes(content)
            shown = nlpx("data", "check", files / "c.yaml")
            assert shown.code == 3 and words in shown.text and str(files / name) in shown.text
        (files / name).unlink()
        shown = nlpx("train", files / "c.yaml", "--output", files)
        assert shown.code == 2 and f"there is no file {files / name}" in shown.text
        (files / name).write_bytes(kept)
