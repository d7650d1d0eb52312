"""YAML text -> tree."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nlpx.config.parse
from nlpx.config.nodes import MappingNode, Plain, descend, key_mark
from nlpx.config.parse import parse
from nlpx.config.problems import Problem, Refused
from nlpx.config.source import Source


def read(text: str) -> tuple[Plain, list[Problem]]:
    try:
        tree, problems = parse(Source("c.yaml", text, Path()))
    except Refused as refused:
        return None, list(refused.args)
    return tree.plain(), problems


def only(text: str) -> Problem:
    """The one problem of a text."""
    _, problems = read(text)
    assert len(problems) == 1, problems
    return problems[0]


def test_values() -> None:
    plain, problems = read("a: [1, 1e-4, no, '1', \"x\\ty\"]\nb:\n  c: |\n    line\n  d: ~\n")
    assert plain == {"a": [1, 1e-4, "no", "1", "x\ty"], "b": {"c": "line\n", "d": None}}
    assert not problems


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_marks_count_lines_and_characters(newline: str) -> None:
    text = newline.join(["标题: x", "模型:", "  名字: 晚风", ""])
    tree, _ = parse(Source("c.yaml", text, Path()))
    assert isinstance(tree, MappingNode)
    key = key_mark(tree, ("模型", "名字"))
    value = descend(tree, ("模型", "名字"))[0].mark
    assert (key.line, key.column) == (3, 3)
    assert (value.line, value.column) == (3, 7)


def test_duplicate_key_names_both_places() -> None:
    problem = only("a:\n  x: 1\n  y: 2\n  x: 3\n")
    assert problem.code == "C006"
    assert (problem.mark.line, problem.mark.column) == (4, 3)
    assert problem.path == "a.x"
    assert "2:3" in problem.what


def test_every_duplicate_is_reported() -> None:
    _, problems = read("a: 1\na: 2\nb: {c: 1, c: 2}\na: 3\n")
    assert [problem.mark.line for problem in problems] == [2, 3, 4]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a:\n\tb: 1\n", 2),
        ("a:\n  b: 1\n\tc: 2\n", 3),
        ("a:\n  b: 1\n  \tc: 2\n", 3),
        ("a:\n\t- 1\n", 2),
    ],
)
def test_tab_indentation_is_explained(text: str, line: int) -> None:
    problem = only(text)
    assert problem.code == "C005"
    assert problem.mark.line == line
    assert problem.mark.source.text[problem.mark.index] == "\t"
    assert "blanks" in problem.advice


@pytest.mark.parametrize("text", ["a: 1\nb:\t2\n", "a: 1 \t# comment\n", "a: x\ty\n"])
def test_tab_between_values_is_explained(text: str) -> None:
    problem = only(text)
    assert problem.code == "C005"
    assert problem.mark.source.text[problem.mark.index] == "\t"
    assert problem.advice == "write a blank"


@pytest.mark.parametrize("text", ["a: |\n  x\n  \ty\n", "# \t\na: '\t'\n"])
def test_other_tabs_are_fine(text: str) -> None:
    assert not read(text)[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: !!str 1\n", "!!str"),
        ("a: !mine {x: 1}\n", "!mine"),
        ("a: !!python/object/apply:os.system [ls]\n", "python"),
        ("!x a: 1\n", "!x"),
        ("a: 1\n---\nb: 2\n", "second document"),
        ("base: &b {x: 1}\na: {<<: *b}\n", "merge keys"),
        ("1: x\n", "not a string"),
        ("true: x\n", "not a string"),
        ("~: x\n", "not a string"),
        ("? [a, b]\n: x\n", "not a string"),
        ("&k a: 1\n*k : 2\n", "not a string"),
    ],
)
def test_parts_of_yaml_that_are_not_used(text: str, words: str) -> None:
    problem = only(text)
    assert problem.code == "C007"
    assert words in problem.what
    assert problem.advice


def test_quoted_numbers_are_keys() -> None:
    assert read("'1': x\n\"true\": y\n'<<': z\n") == ({"1": "x", "true": "y", "<<": "z"}, [])


def test_aliases() -> None:
    assert read("a: &x [1, 2]\nb: *x\nc: {d: *x}\n")[0] == {"a": [1, 2], "b": [1, 2], "c": {"d": [1, 2]}}


@pytest.mark.parametrize("text", ["a: *x\n", "a: &x [*x]\n"])
def test_alias_of_nothing(text: str) -> None:
    assert only(text).code == "C004"


def test_billion_laughs() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 15)]
    assert only("\n".join(lines)).code == "C008"


@pytest.mark.parametrize(
    "text", ["[" * 10_000, "a: " + "[" * 500 + "]" * 500, "".join(f"{' ' * i}a:\n" for i in range(500))]
)
def test_depth(text: str) -> None:
    assert only(text).code == "C008"


def test_chained_aliases_cannot_nest_without_end() -> None:
    lines = ["a0: &a0 [x]", *(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 3000))]
    assert only("\n".join(lines)).code == "C008"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: [1, 2\nb: 3\n", 2, "not closed"),
        ("a: {x: 1\nb: 3\n", 2, "not closed"),
        ("a: 'x\n", 2, "inside quotes"),
        ("a: 1\n b: 2\n", 2, "cannot start here"),
        ("a:\n  b: 1\n c: 2\n", 3, "indentation"),
        ("a\nb: 1\n", 2, "cannot start here"),
        ("a: @x\n", 1, "quotes"),
        ('a: "\\q"\n', 1, "escape"),
        ("a: x\x07y\n", 1, "U+0007"),
        ('a: "\\U00110000"\n', 1, "out of range"),
        ('a: "\\ud800"\n', 1, "lone surrogate"),
        ("%YAML 99999999999.1\n---\na: 1\n", 1, ""),
    ],
)
def test_no_yaml(text: str, line: int, words: str) -> None:
    problem = only(text)
    assert problem.code == "C004"
    assert problem.mark.line == line
    assert words in problem.what


def test_interpolation_in_a_flow_mapping_needs_quotes() -> None:
    assert '"${vars.x}"' in only("a: {b: ${vars.lr}, c: 1}\n").advice


def test_full_width_punctuation_is_named() -> None:
    assert "：" in only("task：couplet\ntrain: {epochs: 1}\n").advice


@pytest.mark.parametrize("text", ["a\nb: 1\n", "a:1\nb: 1\n"])
def test_a_missing_colon_is_found_on_the_line_above(text: str) -> None:
    assert only(text).advice == "line 1 has no colon with a blank after it"


def test_nothing_is_null() -> None:
    for text in ("", "# comment\n", "---\n", "---\n# x\n...\n"):
        assert read(text) == (None, [])


TEXTS = (
    "a: 1\nb: [x, {c: d, e: [-1, ~]}]  # 注\n名: '春 风'\nf:\n  - g\n  -   h: i\n",
    'a: &x [1, "晚\\u98ce"]\nb: *x\nc: d\n  e\nf: http://x\ng: {h: i:j, "k":l}\n',
    "a: ['it''s', b]\r\nc:\r\n- d: 🎉 e\r\n  f: 1e-3\r\n",
)


@settings(max_examples=300)
@given(st.data())
def test_both_scanners_read_the_same(data: st.DataObject) -> None:
    """What libyaml reads, PyYAML's own scanner reads as well, with the same places."""
    text = data.draw(st.sampled_from(TEXTS))
    for _ in range(data.draw(st.integers(0, 2))):
        start = data.draw(st.integers(0, len(text)))
        inserted = data.draw(st.text("ab:-[]{}&*!'\"#,\\@`~<|>?%\n\r\t \x85\u2028\ufeff$3晚🎉", max_size=3))
        text = text[:start] + inserted + text[start + data.draw(st.integers(0, 3)) :]
    source = Source("c.yaml", text, Path())
    with pytest.MonkeyPatch.context() as patch:
        found = _everything(source)
        patch.setattr(nlpx.config.parse, "FAST", None)
        assert _everything(source) == found


def _everything(source: Source) -> tuple[object, object]:
    try:
        return parse(source)
    except Refused as refused:
        return None, refused.args


def test_sound_texts_are_scanned_by_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("yaml._yaml")
    monkeypatch.delattr("yaml.SafeLoader")
    assert [len(read(text)[1]) for text in TEXTS] == [0, 0, 0]
