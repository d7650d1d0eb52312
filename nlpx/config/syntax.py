"""PyYAML's complaints in plain words."""

from __future__ import annotations

import re

import yaml

from nlpx.config.problems import Problem
from nlpx.config.source import Mark, Source

FULL_WIDTH = {"：": ":", "，": ",", "【": "[", "】": "]", "｛": "{", "｝": "}", "“": '"', "”": '"', "　": " "}
"""Punctuation that a Chinese keyboard types, and what YAML wants instead."""

PLAIN_WORDS = (
    (
        "mapping values are not allowed",
        "a `key: value` cannot start here; indent it as the lines above, or quote a value that holds `: `",
    ),
    ("could not find expected ':'", "this is no `key: value`; is a colon or the blank after it missing?"),
    ("expected <block end>", "the indentation does not fit the lines above"),
    ("expected ',' or ']'", "this list is not closed: a `,` or `]` is missing"),
    ("expected ',' or '}'", "this mapping is not closed: a `,` or `}` is missing"),
    ("unexpected end of stream", "the text ends inside quotes"),
    ("unknown escape character", "an unknown escape after a backslash; use single quotes"),
    ("unexpected ':'", "a `:` stands where it cannot"),
    ("expected the node content", "a value cannot start with this character; put it in quotes"),
    ("cannot start any token", "a value cannot start with this character; put it in quotes"),
    ("second occurrence", "two anchors of the same name"),
)


def explain(error: yaml.YAMLError, source: Source, start: int) -> Problem:
    """The problem behind an exception that PyYAML raised on `source.text[start:]`."""
    if isinstance(error, yaml.reader.ReaderError):
        mark = Mark(source, start + error.position)
        code = ord(source.text[mark.index])
        return Problem(
            "C004",
            mark,
            "",
            f"the control character U+{code:04X} does not belong into a text file",
            advice="remove it",
        )
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return Problem("C004", Mark(source, start), "", str(error))
    mark = Mark(source, start + error.problem_mark.index)
    problem = str(error.problem)
    tab = _tab(source.text, mark)
    if tab is not None:
        indents = not source.text[tab.index - tab.column + 1 : tab.index].strip()
        what = (
            f"line {tab.line} is indented with a tab" if indents else "a tab stands where YAML wants a blank"
        )
        advice = "indent with blanks (two a level)" if indents else "write a blank"
        return Problem("C005", tab, "", what, advice=advice)
    what = next((plain for start_of, plain in PLAIN_WORDS if start_of in problem), problem)
    context = ""
    if error.context_mark is not None and error.context_mark.line != error.problem_mark.line:
        begun = Mark(source, start + error.context_mark.index)
        context = f", in what begins at {begun.line}:{begun.column}"
    return Problem("C004", mark, "", what + context, advice=_advice(source.text, mark))


def full_width_advice(line: str) -> str:
    """Advice where a line uses the punctuation of a Chinese keyboard as YAML; empty where it does not."""
    found = [char for char in FULL_WIDTH if char in line]
    if not found:
        return ""
    shown = " ".join(f"{char} ({FULL_WIDTH[char]})" if char != "　" else "U+3000 (a blank)" for char in found)
    return f"YAML wants half-width punctuation; this line has {shown}"


def _tab(text: str, mark: Mark) -> Mark | None:
    """The tab at a mark, or in the indentation of its line."""
    start = mark.index - mark.column + 1
    indentation = re.compile(r"[ \t]*").match(text, start)
    tab = -1 if indentation is None else text.find("\t", start, indentation.end())
    if tab < 0 and text[mark.index : mark.index + 1] == "\t":
        tab = mark.index
    return None if tab < 0 else Mark(mark.source, tab)


def _advice(text: str, mark: Mark) -> str:
    """What the line at a mark, or the one above, lets one guess."""
    start = mark.index - mark.column + 1
    line = text[start:].split("\n", 1)[0]
    if re.search(r"[\[{,].*\$\{", line):
        return 'inside [ ] and { } put ${...} in quotes: "${vars.x}"'
    above = text[:start].rstrip()
    line_above = above[above.rfind("\n") + 1 :]
    advice = full_width_advice(line) or full_width_advice(line_above)
    if not advice and re.fullmatch(r"\s*[^\s:#-][^:#]*(:\S[^:#]*)?", line_above):
        number = above.count("\n") + 1
        advice = f"line {number} has no colon with a blank after it"
    return advice
