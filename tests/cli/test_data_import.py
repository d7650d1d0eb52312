"""`nlpx data import`: what files seem to be, and the configs that read them."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.program import Nlpx, nlpx

__all__ = ["nlpx"]

LINES = ["晚风摇绿树", "晨露润红花", "一江春水暖", "万里白云秋", "天增新岁月"]
TEXTS = [f"{LINES[n % 5]}{chr(0x4E00 + n)}" for n in range(40)]
PAIRS = list(zip(TEXTS, reversed(TEXTS), strict=True))
VERSES = [f"云开山月{chr(0x4E00 + n)}，风定夜潮平。" for n in range(40)]


def table(rows: Iterable[Sequence[object]], *header: str, between: str = ",") -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=between).writerows([header, *rows] if header else rows)
    return file.getvalue()


def objects(*names: str) -> str:
    rows = (dict(zip(names, (n, *pair), strict=True)) for n, pair in enumerate(PAIRS))
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


NUMBERED = [(n, *pair, "某人") for n, pair in enumerate(PAIRS)]
LABELLED = [(f"{text}，好。", "好评差评"[n % 2 * 2 :][:2]) for n, text in enumerate(TEXTS)]
FOUND: dict[str, tuple[str, str, str | bytes, dict[str, Any], str]] = {
    "a spreadsheet in GBK": (
        "couplet",
        "a.csv",
        table(NUMBERED, "编号", "上联", "下联", "作者").encode("gb18030"),
        {"type": "pairs", "encoding": "gb18030", "columns": {"first": "上联", "second": "下联"}},
        "medium",
    ),
    "Unicode text of Excel": (
        "couplet",
        "a.txt",
        table([(*row[:3], 'a "b"') for row in NUMBERED], "编号", "上联", "下联", "说明", between="\t").encode(
            "utf-16"
        ),
        {"type": "pairs", "format": "csv", "separator": "\t", "columns": {"first": "上联", "second": "下联"}},
        "high",
    ),
    "semicolons without a header": (
        "couplet",
        "a b.csv",
        table(NUMBERED, between=";"),
        {"type": "pairs", "separator": ";", "columns": {"first": 2, "second": 3}},
        "medium",
    ),
    "two columns": (
        "couplet",
        "a.gz",
        gzip.compress(table(PAIRS, between="\t").encode()),
        {"type": "pairs"},
        "medium",
    ),
    "blanks between characters": (
        "couplet",
        "a.tsv",
        table([[*map(" ".join, pair)] for pair in PAIRS], between="\t"),
        {"type": "pairs", "blanks": True},
        "medium",
    ),
    "JSON lines": (
        "couplet",
        "a.jsonl",
        objects("id", "上联", "下联"),
        {"type": "pairs", "columns": {"first": "上联", "second": "下联"}},
        "high",
    ),
    "JSON lines, named otherwise": (
        "title",
        "a",
        objects("id", "title", "content"),
        {"type": "articles", "format": "jsonl"},
        "high",
    ),
    "words with tags": (
        "segmentation",
        "a",
        "今天/t 天气/n\n我/r 喜欢/v\n" * 20,
        {"type": "segmented_text", "tagged": True},
        "high",
    ),
    "words": ("segmentation", "a", "今天 天气\n我 喜欢\n" * 20, {"type": "segmented_text"}, "high"),
    "no words": ("segmentation", "a", "今天天气不错\n我喜欢\n" * 20, {"type": "segmented_text"}, "low"),
    "labels behind texts": (
        "sentiment",
        "a.csv",
        table(LABELLED),
        {"type": "labelled_texts", "columns": {"label": 2, "text": 1}},
        "medium",
    ),
    "labels by name": (
        "sentiment",
        "a.csv",
        table(LABELLED, "review", "label"),
        {"type": "labelled_texts", "columns": {"label": "label", "text": "review"}},
        "high",
    ),
    "scores": (
        "similarity",
        "a.tsv",
        table([(*pair, n % 2) for n, pair in enumerate(PAIRS)], between="\t"),
        {"type": "scored_pairs"},
        "medium",
    ),
    "groups": (
        "similarity",
        "a.tsv",
        table([(n // 2, text) for n, text in enumerate(TEXTS)], between="\t"),
        {"type": "groups"},
        "medium",
    ),
    "verses alone": ("poem", "a.txt", "\n".join(VERSES), {"type": "poems", "columns": {"text": 1}}, "medium"),
    "poems among other columns": (
        "poem",
        "a.csv",
        table([("唐", verse, 3) for verse in VERSES], "朝代", "诗", "x"),
        {"type": "poems", "columns": {"text": "诗"}},
        "high",
    ),
    "title and text": (
        "title",
        "a.csv",
        table([(text, text * 9, 2020) for text in TEXTS]),
        {"type": "articles", "columns": {"title": 1, "content": 2}},
        "medium",
    ),
    "names that would be references": (
        "couplet",
        "${HOME}.jsonl",
        objects("id", "${a}", "second").replace('"id"', '"number"'),
        {"type": "pairs", "columns": {"first": "$${a}", "second": "second"}},
        "medium",
    ),
    "texts whose order decides": (
        "similarity",
        "a.tsv",
        table([(a, b + b, a + a + a, n % 2) for n, (a, b) in enumerate(PAIRS)], between="\t"),
        {"type": "scored_pairs", "columns": {"first": 1, "second": 2, "score": 4}},
        "low",
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_file_becomes_a_config_that_reads_it(nlpx: Nlpx, tmp_path: Path, name: str) -> None:
    task, file, content, options, confidence = FOUND[name]
    path, config = tmp_path / file, tmp_path / "made.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    done = nlpx("data", "import", path, "--task", task, "--output", config, "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    written = json.dumps({**options, "train": file.replace("$", "$$")})
    assert found["source"] == json.loads(written.replace("$$", "$"))
    assert found["confidence"].startswith(confidence)
    rows = 40
    assert found["rows"] == {"rows": rows, "bad": 0, "left_out": 0, "held_out": 4, "complete": True}
    made = yaml.safe_load(config.read_text(encoding="utf-8"))
    assert made["task"] == task
    assert made["data"]["source"] == {**json.loads(written), "holdout": 4}
    assert nlpx("check", config).code == 0
    done = nlpx("data", "check", config, "--json")
    assert done.code == 0
    assert {name: split["rows"] for name, split in json.loads(done.out)["splits"].items()} == {
        "train": 36,
        "valid": 4,
    }


def test_what_is_shown(nlpx: Nlpx, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(table(NUMBERED, "编号", "上联", "下联", "作者") + "9,一,,\r\n", encoding="utf-8")
    done = nlpx("data", "import", path, "--task", "couplet")
    assert done.code == 3
    assert (
        f"{path}: CSV with commas; UTF-8\nheader: 编号, 上联, 下联, 作者\nfirst: column 2 (上联), by its name"
        in done.out
    )
    assert "41 rows: 40 used, 1 bad" in done.out
    assert f"bad: {path}:42: the second text is empty" in done.out
    assert "    train: a.csv\n    columns: {first: 上联, second: 下联}\n    holdout: 4\n" in done.out
    assert "1 row is bad; fix it, or set data.on_bad_line: skip to leave it out" in done.err
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_of_classes(nlpx: Nlpx, tmp_path: Path) -> None:
    for n in range(20):
        file = tmp_path / "texts" / "好差"[n % 2] / f"{n}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"文字{n}", encoding="utf-8")
    done = nlpx("data", "import", tmp_path / "texts", "--task", "sentiment")
    assert (done.code, "20 rows: 20 used" in done.out) == (0, True), done.err


WRONG = {
    "no row that fits": (
        "couplet",
        table([(a, b + b) for a, b in PAIRS], between="\t"),
        3,
        ["a: none of 40 rows can be used; the first bad row is", "a:1: "],
    ),
    "a JSON array": ("title", json.dumps([{"a": 1}]), 3, ["a JSON array", "jq -c '.[]' OLD > NEW.jsonl"]),
    "one column": ("couplet", "\n".join(TEXTS), 3, ["one text per line; pairs needs first and second"]),
    "other columns": (
        "similarity",
        objects("id", "a1", "b1"),
        3,
        ["scored_pairs needs first and second and score", "groups needs"],
    ),
    "columns instead of words": (
        "segmentation",
        objects("id", "a", "b"),
        3,
        ["Expected one sentence per line"],
    ),
    "a header alone": ("couplet", "first,second\n", 3, ["a header (first, second), and no row below it"]),
    "one row": (
        "couplet",
        "first,second\n春风,秋月\n",
        3,
        ["1 of 1 rows can be used; one of them is held out for validation"],
    ),
    "an empty file": ("poem", "", 3, ["the file is empty"]),
    "blank lines": ("poem", "\n \n", 3, ["no line can be read"]),
    "bytes": (
        "poem",
        bytes(range(256)) * 9,
        3,
        ["is not UTF-8, and the file does not look like Chinese text"],
    ),
    "an unknown task": ("poems", "a", 2, ["did you mean poem?"]),
    "a task of images": ("dogs", "a", 2, ["--task dogs", "expected one of couplet"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_imported(nlpx: Nlpx, tmp_path: Path, name: str) -> None:
    task, content, code, expected = WRONG[name]
    path = tmp_path / "a"
    path.write_bytes(content if isinstance(content, bytes) else str(content).encode())
    done = nlpx("data", "import", path, "--task", task, "--output", tmp_path / "made.yaml")
    assert done.code == code
    assert [part for part in expected if part not in done.err] == [], done.err
    assert not (tmp_path / "made.yaml").exists()


def test_the_first_rows_of_many_are_read(nlpx: Nlpx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlpx.workflow.import_file.MOST", 20)
    path = tmp_path / "a.tsv"
    path.write_text("".join(f"春风{n}\t秋月{n}\n" for n in range(20)) + "bad\n", encoding="utf-8")
    done = nlpx("data", "import", path, "--task", "couplet")
    assert done.code == 0, done.err
    assert "the first 20 rows: 20 used, 0 bad, 0 left out by the lengths in data; 2 held out" in done.out


def test_another_character_set_than_the_file_has(nlpx: Nlpx, tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(table(PAIRS, between="\t"), encoding="utf-8")
    done = nlpx("data", "import", path, "--task", "couplet", "--encoding", "gb18030")
    assert (done.code, "this file is UTF-8, but --encoding is gb18030. Remove" in done.err) == (3, True)


def test_a_name_that_is_not_utf_8(nlpx: Nlpx, tmp_path: Path) -> None:
    path = tmp_path / "\udcff.csv"
    path.write_text("first,second\n春风,秋月\n", encoding="utf-8")
    done = nlpx("data", "import", path, "--task", "couplet")
    assert (done.code, "this path is not UTF-8" in done.err) == (2, True)


def test_nothing_is_overwritten(nlpx: Nlpx, tmp_path: Path) -> None:
    (tmp_path / "made.yaml").write_text("mine", encoding="utf-8")
    (tmp_path / "a.tsv").write_text(table(PAIRS, between="\t"), encoding="utf-8")
    done = nlpx("data", "import", tmp_path / "a.tsv", "--task", "couplet", "--output", tmp_path / "made.yaml")
    assert (done.code, "already exists and was not changed" in done.err) == (2, True)
    assert (tmp_path / "made.yaml").read_text(encoding="utf-8") == "mine"
    assert "there is no such file" in nlpx("data", "import", tmp_path / "b", "--task", "couplet").err
