"""Files in another format than their source reads: the bad rows, what the file looks like, what to do."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.program import Finished, Nlpx, nlpx

__all__ = ["nlpx"]

COUPLETS = [
    ("晚风摇树", "晨露润花"),
    ("一江春水", "万里秋云"),
    ("天增岁月", "春满乾坤"),
    ("花开富贵", "竹报平安"),
]
TABBED = "".join(f"{first}\t{second}\n" for first, second in COUPLETS)
OBJECTS = [{"up": first, "low": second} for first, second in COUPLETS]
SCORES: dict[str, Any] = {
    "loss": "cosent",
    "metrics": ["correlation"],
    "checkpoint": {"monitor": "valid/spearman"},
}
TASKS = {
    "pairs": {"task": "couplet"},
    "articles": {"task": "title"},
    "segmented_text": {"task": "segmentation"},
    "groups": {"task": "similarity"},
    "scored_pairs": {"task": "similarity", **SCORES},
    "poems": {"task": "poem"},
    "labelled_texts": {"task": "sentiment"},
}


def config(folder: Path, source: str, name: str, content: str | bytes, **options: Any) -> Path:
    """A config of a source that holds one row out of one file."""
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    data = {"source": {"type": source, "train": name, "holdout": 1, **options}}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({**TASKS[source], "data": data}, allow_unicode=True), encoding="utf-8")
    return path


def lines(*rows: str) -> str:
    return "".join(f"{row}\n" for row in rows)


WRONG = [
    (
        "pairs",
        "a.csv",
        lines("up,low,label", *(f"{a},{b},1" for a, b in COUPLETS)),
        ["CSV: 3 columns", "up | low"],
    ),
    (
        "pairs",
        "a.csv",
        lines(*(f'"{a}";"{b}"' for a, b in COUPLETS)),
        ["CSV: 2 columns separated by semicolons"],
    ),
    ("pairs", "a.txt", lines(*(f"{a} {b}" for a, b in COUPLETS)), ["2 columns separated by spaces"]),
    ("pairs", "a.txt", lines(*(a for a, _ in COUPLETS)), ["one text per line", "[FIRST, SECOND]"]),
    (
        "pairs",
        "a.tsv",
        lines(*(f"{a}\t{b}\t1" for a, b in COUPLETS)),
        ["3 columns", "`columns: {first: 1, second: 2}`"],
    ),
    (
        "pairs",
        "a.json",
        json.dumps(OBJECTS),
        ["a JSON array with the fields up, low", "jq -c '.[] | '", "`columns: {first: up, second: low}`"],
    ),
    ("pairs", "a.json", json.dumps(OBJECTS, indent=2), ["a JSON array with the fields up, low"]),
    (
        "pairs",
        "a.jsonl",
        lines(*map(json.dumps, OBJECTS)),
        ["JSON with the fields up, low", "`columns: {first: up, second: low}`"],
    ),
    (
        "pairs",
        "a.txt",
        lines(*map(json.dumps, OBJECTS)),
        ["JSON lines", "`format: jsonl, columns: {first: up, "],
    ),
    ("pairs", "a.csv", TABBED, ["2 columns separated by tabs", "`format: tsv`"]),
    (
        "pairs",
        "a.xml",
        lines('<?xml version="1.0"?>', *(f"<c>{a}</c>" for a, _ in COUPLETS)),
        ["XML or HTML"],
    ),
    ("pairs", "a.txt", lines("晚风/n 摇/v 树/n", "一江/m 春水/n"), ["words with tags"]),
    (
        "pairs",
        "a.csv",
        lines("id,upper,lower", *(f"{i},{a},{b}" for i, (a, b) in enumerate(COUPLETS))),
        ["CSV: 3 columns", "`columns: {first: upper, second: lower}`"],
    ),
    (
        "pairs",
        "a.csv",
        lines(*(f"{b},{i},{a}" for i, (a, b) in enumerate([("second", "first"), *COUPLETS]))),
        ["`columns: {first: 1, second: 3}`"],
    ),
    (
        "groups",
        "a.tsv",
        lines("id\tsentence\tgroup", *(f"{i}\t{a}\t1" for i, (a, _) in enumerate(COUPLETS))),
        ["3 columns", "`columns: {group: group, sentence: sentence}`"],
    ),
    (
        "articles",
        "a.jsonl",
        json.dumps(OBJECTS),
        ["a JSON array with the fields up, low", "jq -c", "`columns: {title: up, content: low}`"],
    ),
    (
        "articles",
        "a.jsonl",
        lines(*map(json.dumps, OBJECTS)),
        ["JSON with the fields up, low", "`columns: {title: up, content: low}`"],
    ),
    ("articles", "a.jsonl", TABBED, ["lines with tabs", "`format: tsv`"]),
    (
        "articles",
        "a.txt",
        lines(*(json.dumps({"title": a, "content": b}) for a, b in COUPLETS)),
        ["JSON lines", "`format: jsonl`"],
    ),
    (
        "groups",
        "a.tsv",
        lines(*(f"{a}\t{i // 4}" for i, a in enumerate("甲乙丙丁戊己庚辛"))),
        ["sentence<TAB>group", "`columns: {group: 2, sentence: 1}`"],
    ),
    ("groups", "a.tsv", lines(*(f"{a}\t{b}\t0" for a, b in COUPLETS)), ["3 columns", "nlpx data groups"]),
    (
        "scored_pairs",
        "a.tsv",
        lines(*(f"1\t{a}\t{b}" for a, b in COUPLETS)),
        ["number is in column 1", "`columns: {first: 2, second: 3, score: 1}`"],
    ),
    ("scored_pairs", "a.tsv", TABBED, ["2 columns", "first<TAB>second<TAB>score"]),
    ("poems", "a.tsv", TABBED, ["2 columns", "form<TAB>title<TAB>author<TAB>text"]),
]


@pytest.mark.parametrize(("source", "name", "content", "expected"), WRONG)
def test_what_a_file_looks_like_is_said_behind_its_bad_rows(
    nlpx: Nlpx, tmp_path: Path, source: str, name: str, content: str, expected: list[str]
) -> None:
    path = config(tmp_path, source, name, content)
    done = nlpx("data", "check", path)
    assert done.code == 3
    assert done.out.startswith(f"{tmp_path / name}:1: ")
    assert [part for part in expected if part not in done.err] == [], done.err
    assert f"{tmp_path / name} looks like " in done.err
    assert "Lower it" not in done.err
    done = nlpx("train", path, "--output", tmp_path / "runs")
    message = done.err[done.err.index("error:") :]
    assert done.code == 3
    assert message.startswith(f"error: {tmp_path / name}:1: ")
    assert [part for part in expected if part not in message] == [], message
    assert message.index(", nearly all of the file") < message.index(" looks like ")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("source", "content"),
    [("pairs", "一,二\n三,四\n"), ("articles", "[1,\n2]\n"), ("poems", ""), ("groups", b"\xff\xfe\x00\x00")],
)
@pytest.mark.parametrize("action", ["check", "stats", "preview"])
def test_json_is_json_also_when_something_is_wrong(
    nlpx: Nlpx, tmp_path: Path, action: str, source: str, content: str | bytes
) -> None:
    done = nlpx("data", action, config(tmp_path, source, "a.txt", content), "--json")
    assert done.code == 3
    found = json.loads(done.out)
    assert str(tmp_path / "a.txt") in found["error"]
    if action == "check" and source == "pairs":
        assert found["splits"]["train"] == {"rows": 2, "bad": 2, "left_out": 0}
        assert [row["where"] for row in found["bad"]] == [f"{tmp_path / 'a.txt'}:{line}" for line in (1, 2)]


def test_json_of_a_config_that_is_wrong(nlpx: Nlpx, tmp_path: Path) -> None:
    done = nlpx("data", "check", config(tmp_path, "pairs", "a.txt", TABBED, blank=True), "--json")
    assert done.code == 2
    assert "data.source.blank" in json.loads(done.out)["error"]


def test_few_bad_rows_among_good_ones_are_no_other_format(nlpx: Nlpx, tmp_path: Path) -> None:
    path = config(tmp_path, "pairs", "a.tsv", TABBED * 5 + "一,二\n")
    done = nlpx("data", "check", path)
    assert (done.code, "looks like" in done.err) == (3, False)
    assert "set data.on_bad_line: skip" in nlpx("train", path, "--output", tmp_path / "runs").err


def test_what_a_file_looks_like_is_said_also_where_bad_rows_are_skipped(nlpx: Nlpx, tmp_path: Path) -> None:
    rows = lines(*(f"{a},{b}" for a, b in COUPLETS * 8)) + TABBED[:10] + "好\t坏\n"
    path = config(tmp_path, "pairs", "a.tsv", rows)
    for _ in range(2):  # encoded, and from the cache
        done = nlpx("data", "preview", path, "--set", "data.on_bad_line=skip")
        assert done.code == 0
        assert (
            f"warning: nearly all rows are bad and left out. {tmp_path / 'a.tsv'} looks like CSV" in done.err
        )


def test_too_many_rows_held_out_beside_bad_ones(nlpx: Nlpx, tmp_path: Path) -> None:
    path = config(tmp_path, "pairs", "a.tsv", TABBED + "一\n", holdout=4)
    done = nlpx("train", path, "--output", tmp_path / "runs")
    assert done.code == 3
    message = done.err[done.err.index("error:") :].splitlines()
    assert message[0] == f"error: {tmp_path / 'a.tsv'}:5: 0 tabs; expected one, between the two texts"
    assert message[-1].endswith(
        "data.source.holdout takes 4 of 4 rows and leaves none to train on. Lower it."
    )


@pytest.mark.parametrize(
    ("encoding", "text", "name", "advice"),
    [
        ("gb18030", TABBED, "GB18030 (GBK)", "iconv -f GB18030 "),
        ("big5", "晚風搖樹\t晨露潤花\n一江春水\t萬里秋雲\n", "Big5", "iconv -f BIG5 "),
        ("utf-16-le", TABBED, "UTF-16", "iconv -f UTF-16LE "),
        ("utf-16-be", TABBED, "UTF-16", "iconv -f UTF-16BE "),
    ],
)
def test_other_character_sets(
    nlpx: Nlpx, tmp_path: Path, encoding: str, text: str, name: str, advice: str
) -> None:
    done = nlpx("data", "check", config(tmp_path, "pairs", "a.tsv", text.encode(encoding)))
    assert done.code == 3
    assert f"{tmp_path / 'a.tsv'}:1: byte " in done.err
    assert f"looks like {name}. Expected UTF-8 text" in done.err
    assert advice in done.err
    option = re.findall(r"set (data\.source\.encoding): ([\w-]+), or convert", done.err)[0]
    done = nlpx("data", "check", tmp_path / "config.yaml", "--set", "=".join(option))
    assert (done.code, done.err) == (0, ""), done.err


def advised(nlpx: Nlpx, path: Path, done: Finished) -> None:
    """Set the advised options in a config, with which its data has no bad rows and no warnings."""
    found = set(re.findall("set in data.source: `(.*?)`", done.err))
    assert len(found) == 1, done.err
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    written["data"]["source"] |= yaml.safe_load(f"{{{found.pop()}}}")
    path.write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
    again = nlpx("data", "check", path)
    assert (again.code, "warning" in again.err) == (0, False), again.err


def warned(done: Finished) -> str:
    assert done.err.count("warning: ") == 1, done.err
    return done.err[done.err.index("warning: ") :]


@pytest.mark.parametrize(
    ("source", "content"),
    [
        ("pairs", "upper\tlower\n" + TABBED),
        ("pairs", "上联\t下联\n" + TABBED),
        ("articles", "title\tcontent\n" + TABBED),
        ("groups", "group_id\tquestion_text\n" + lines(*(f"{i // 2}\t句{i}" for i in range(6)))),
        ("poems", "form\ttitle\tauthor\ttext\n" + lines("五绝\t题\t人\t云开山月出，风定夜潮平。") * 2),
        ("scored_pairs", "sentence1\tsentence2\tlabel\n" + lines(*(f"{a}\t{b}\t1" for a, b in COUPLETS))),
    ],
)
def test_a_header_is_warned_about(nlpx: Nlpx, tmp_path: Path, source: str, content: str) -> None:
    done = nlpx("data", "check", config(tmp_path, source, "a.tsv", content))
    assert warned(done).startswith(f"warning: {tmp_path / 'a.tsv'}:1: this line looks like a header")
    # Nothing is left to train on here, so that nothing heavy is imported.
    ends = ("--set", "data.source.holdout=99", "--output", tmp_path / "runs")
    assert "this line looks like a header" in warned(nlpx("train", tmp_path / "config.yaml", *ends))
    advised(nlpx, tmp_path / "config.yaml", done)


@pytest.mark.parametrize(
    "content", [TABBED, "a\tb\n" * 3, "OK\t好的\n" + TABBED, "iPhone\t苹果\n" + TABBED, "甲\n"]
)
def test_rows_are_no_header(nlpx: Nlpx, tmp_path: Path, content: str) -> None:
    assert "like a header" not in nlpx("data", "check", config(tmp_path, "pairs", "a.tsv", content)).err


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "今天天气不错\n我喜欢读书\n",
            "text that is not segmented: none of its first 2 lines contains a space",
        ),
        ("今天/t 天气/n 不错/a\n我/r 喜欢/v\n", "words with tags (词/n). Set data.source.tagged: true"),
        ("今天_NN  天气_NN\n我_PN 喜欢_VV\n", "words with tags (词_n). Remove the tags: `sed -E 's,_"),
        (
            "今天/天气/不错/\n我/喜欢/读书\n",
            "words separated by slashes (今天/天气). Separate words by spaces",
        ),
        (
            lines(*(f"{c} {t}" for c, t in zip("今天天气", "BEBE", strict=True))),
            "one character per line with its tag",
        ),
        (
            lines(*(f"{c}\t{t}" for c, t in zip("今天天气", "BIBI", strict=True))),
            "one character per line with its tag",
        ),
        (lines(*map(json.dumps, OBJECTS)), "JSON lines with the fields up, low"),
        ("<doc>\n今天 天气\n</doc>\n", "XML or HTML"),
    ],
)
def test_what_does_not_look_segmented_is_warned_about(
    nlpx: Nlpx, tmp_path: Path, content: str, expected: str
) -> None:
    done = nlpx("data", "check", config(tmp_path, "segmented_text", "a.txt", content), "--json")
    assert warned(done).startswith(f"warning: {tmp_path / 'a.txt'} looks like {expected}")
    assert json.loads(done.out)["warnings"] == [warned(done).removeprefix("warning: ").splitlines()[0]]


def test_quotes_of_a_spreadsheet_are_warned_about_where_rows_can_be_read(nlpx: Nlpx, tmp_path: Path) -> None:
    content = TABBED * 9 + '"晚,""风"""\t"晨""露"",润"\n'
    done = nlpx("data", "check", config(tmp_path, "pairs", "a.tsv", content))
    assert warned(done).startswith(f"warning: {tmp_path / 'a.tsv'} looks like text of a spreadsheet")


@pytest.mark.parametrize("row", ['"晚风"\t晨露\n', '"晚风\t晨露\n', '晚"风\t"晨"露\n', '晚""风\t晨""露\n'])
def test_quotes_of_texts_are_not_those_of_a_spreadsheet(nlpx: Nlpx, tmp_path: Path, row: str) -> None:
    done = nlpx("data", "check", config(tmp_path, "pairs", "a.tsv", TABBED * 9 + row + TABBED))
    assert "spreadsheet" not in done.err


def test_advice_fits_the_task(nlpx: Nlpx, tmp_path: Path) -> None:
    rows = lines(*(f"{a}\t{b}\t1" for a, b in COUPLETS))
    assert "scored_pairs" not in nlpx("data", "check", config(tmp_path, "pairs", "a.tsv", rows)).err
    assert "scored_pairs" in nlpx("data", "check", config(tmp_path, "groups", "a.tsv", rows)).err


@pytest.mark.parametrize("content", ["今天 天气\n不错\n", "今天\n天气\n", "1/2 km/h 今天\n"])
def test_what_looks_segmented_is_not(nlpx: Nlpx, tmp_path: Path, content: str) -> None:
    assert "warning" not in nlpx("data", "check", config(tmp_path, "segmented_text", "a", content)).err


def test_one_of_something_is_told_in_the_singular(nlpx: Nlpx, tmp_path: Path) -> None:
    path = config(tmp_path, "pairs", "a.tsv", TABBED + "\n一,二\n")
    done = nlpx("data", "check", path)
    assert f"{tmp_path / 'a.tsv'}: 1 blank line is skipped" in done.err
    done = nlpx("train", path, "--output", tmp_path / "runs")
    assert "1 bad row. Fix it, or set data.on_bad_line: skip to leave it out." in done.err
