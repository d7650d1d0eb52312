"""Explain PyYAML errors in plain words."""

from __future__ import annotations

import re

import yaml

from nlpx.config.problems import Problem
from nlpx.config.source import Mark, Source

FULL_WIDTH = {"：": ":", "，": ",", "【": "[", "】": "]", "｛": "{", "｝": "}", "“": '"', "”": '"', "　": " "}
"""Punctuation of Chinese input methods, and the punctuation of YAML."""

PLAIN_WORDS = (
    (
        "mapping values are not allowed",
        "a `key: value` cannot start here; indent it like the lines above, or quote a value with `: ` in it",
    ),
    ("could not find expected ':'", "this is not a `key: value`; is a colon or the blank after it missing?"),
    ("expected <block end>", "the indentation does not match the lines above"),
    ("expected ',' or ']'", "this list is not closed: a `,` or `]` is missing"),
    ("expected ',' or '}'", "this mapping is not closed: a `,` or `}` is missing"),
    ("unexpected end of stream", "the text ends inside quotes"),
    ("unknown escape character", "an unknown escape after a backslash; use single quotes"),
    ("unexpected ':'", "a `:` is not possible here"),
    ("expected the node content", "a value cannot start with this character; put it in quotes"),
    ("cannot start any token", "a value cannot start with this character; put it in quotes"),
    ("second occurrence", "two anchors with the same name"),
)


def explain(error: yaml.YAMLError, source: Source, start: int) -> Problem:
    """The problem for an exception that PyYAML raised for `source.text[start:]`."""
    if isinstance(error, yaml.reader.ReaderError):
        mark = Mark(source, start + error.position)
        code = ord(source.text[mark.index])
        return Problem(
            "C004",
            mark,
            "",
            f"the control character U+{code:04X} is not allowed in a text file",
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
            f"line {tab.line} is indented with a tab"
            if indents
            else "a tab is used where YAML requires a blank"
        )
        advice = "indent with blanks (two per level)" if indents else "write a blank"
        return Problem("C005", tab, "", what, advice=advice)
    what = next((plain for start_of, plain in PLAIN_WORDS if start_of in problem), problem)
    context = ""
    if error.context_mark is not None and error.context_mark.line != error.problem_mark.line:
        begun = Mark(source, start + error.context_mark.index)
        context = f", in the block that begins at {begun.line}:{begun.column}"
    return Problem("C004", mark, "", what + context, advice=_advice(source.text, mark))


def full_width_advice(line: str) -> str:
    """Advice if a line uses full-width punctuation as YAML syntax, or an empty string."""
    found = [char for char in FULL_WIDTH if char in line]
    if not found:
        return ""
    shown = " ".join(f"{char} ({FULL_WIDTH[char]})" if char != "　" else "U+3000 (a blank)" for char in found)
    return f"YAML requires half-width punctuation; this line has {shown}"


def _tab(text: str, mark: Mark) -> Mark | None:
    """The tab at a mark, or in the indentation of its line."""
    start = mark.index - mark.column + 1
    indentation = re.compile(r"[ \t]*").match(text, start)
    tab = -1 if indentation is None else text.find("\t", start, indentation.end())
    if tab < 0 and text[mark.index : mark.index + 1] == "\t":
        tab = mark.index
    return None if tab < 0 else Mark(mark.source, tab)


def _advice(text: str, mark: Mark) -> str:
    """Advice derived from the line at a mark, or the line above."""
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
