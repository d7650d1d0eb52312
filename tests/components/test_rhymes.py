"""Classes of rhyme: tables and Mandarin."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from nlpx.components.rhymes.pinyin import CLASS_OF, PinyinRhymes
from nlpx.components.rhymes.table import RhymeTable
from nlpx.core.extras import EXTRAS
from nlpx.errors import DataError, EnvironmentProblem


def table(folder: Path, content: str | bytes) -> RhymeTable:
    path = folder / "rhymes.tsv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return RhymeTable(file=str(path))


def test_a_table(tmp_path: Path) -> None:
    content = "\ufeff# 自用\r\n东\t东 同\u3000风\r\n\r\n江\t江双风双\r\n"
    rhymes = table(tmp_path, content).prepare()
    assert rhymes.name == str(tmp_path / "rhymes.tsv")
    assert {c: set(rhymes.classes(c)) for c in "东江风双山"} == {
        "东": {"东"},
        "江": {"江"},
        "风": {"东", "江"},
        "双": {"江"},
        "山": set(),
    }
    assert rhymes.rhyme("东", "同")
    assert rhymes.rhyme("双", "风")
    assert not rhymes.rhyme("东", "江")
    assert not rhymes.rhyme("东", "东")
    assert not rhymes.rhyme("山", "山")


def test_every_wrong_line_is_named(tmp_path: Path) -> None:
    lines = [
        "东\t东同",
        "东同风",
        "\t东同",
        "空\t ",
        "东\t风",
        "支\t知，之",
        "微\t微e\u0301",
        "鱼\t鱼葛\U000e0100",
    ]
    rhymes = table(tmp_path, "\n".join(lines))
    with pytest.raises(DataError) as caught:
        rhymes.prepare()
    report = str(caught.value).splitlines()
    assert [line.split(": ")[0] for line in report] == [f"{rhymes.file}:{number}" for number in range(2, 9)]
    expected = [
        "expected the name of a class, a tab and its characters",
        "expected the name of a class, a tab and its characters",
        "the class 空 is empty; give its characters, or leave out the line",
        "the class 东 has a line above already; join the two lines",
        "， is a mark; expected characters",
        "is of several code points; expected characters of one",
        "is of several code points; expected characters of one",
    ]
    for line, part in zip(report, expected, strict=True):
        assert part in line


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "there is no class of rhymes"),
        ("# 东\n\n", "there is no class"),
        (b"\xb6\xab\t", "byte 1 is not UTF-8"),
    ],
)
def test_a_file_that_is_no_table(tmp_path: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        table(tmp_path, content).prepare()


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.tsv: the rhyme table cannot be read: No such file"):
        RhymeTable(file=str(tmp_path / "gone.tsv")).prepare()


MANDARIN = "麻花家瓜 波多我歌车 街月爷雪 来开怀 微归飞谁 高桥老 楼秋愁 山烟船元 人心云春 阳江窗 风翁同穷声青 西鱼绿儿 知时日思词 湖书竹"


def test_mandarin() -> None:
    """Characters of one class rhyme with one another, and with none of another class."""
    rhymes, rows = PinyinRhymes(), MANDARIN.split()
    for one, other in product(rows, rows):
        assert all(rhymes.rhyme(a, b) == (one is other) for a, b in product(one, other) if a != b), (
            one,
            other,
        )


def test_without_pypinyin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXTRAS, "pinyin", ("no_such_module",))
    with pytest.raises(EnvironmentProblem, match=r"Install it: pip install -e '\.\[pinyin\]'"):
        PinyinRhymes().prepare()


def test_mandarin_has_fourteen_classes_and_leaves_out_what_has_no_reading() -> None:
    assert len(set(CLASS_OF.values())) == 14
    rhymes = PinyinRhymes()
    assert [set(rhymes.classes(c)) for c in "A，□"] == [set()] * 3
