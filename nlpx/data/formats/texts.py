"""Recognize JSON, markup and tagged words in files that should contain lines of text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from nlpx.data.formats.columns import no_columns, other_columns, quoted, separated, swapped
from nlpx.data.formats.headings import named_columns
from nlpx.data.formats.look import NEARLY, Detector, Look, most
from nlpx.data.formats.options import set_options
from nlpx.data.json_lines import read_object

TAGGED = re.compile(r"\S+([/_])[A-Za-z]{1,5}")
SLASHED = re.compile(r"[^\s/]+(/[^\s/]+)+/?")
TAG = re.compile(r"[BMESIO](-\w+)?", re.IGNORECASE)
UNSEGMENTED = 5
"""Mean number of characters per line above which a line is unlikely to be a single word."""


def _json(look: Look) -> str:
    if re.match(r'\[\s*[\[{"]', look.text):
        kind, each = "a JSON array", ".[] | "
    elif re.match(r"\{\s*[\"}]", look.text):
        is_line = most(isinstance(read_object(line), dict) for line in look.lines)
        kind, each = "JSON lines" if is_line else "JSON over several lines", ""
    else:
        return ""
    names = look.fields
    what = f"{kind}{_listed(names)}"
    if not look.columns:
        return f"{what}. Extract the text."
    if look.layout is not None:
        if kind == "JSON lines":
            return f"{what}. Expected {look.expected} per line; {set_options(_fields(look, True))}."
        options = _fields(look, False)
        renaming = f", and {set_options(options)}" if options else ""
        return f"{what}. Expected one object per line; `jq -c '{each or '.'}' OLD > NEW.jsonl`{renaming}."
    chosen = ", ".join(f'."{name}"' for name in names[: len(look.columns)]) or "..."
    return (
        f"{what}. Expected {look.expected} per line; choose fields: "
        f"`jq -r '{each}[{chosen}] | @tsv' OLD > NEW`."
    )


def _fields(look: Look, with_format: bool) -> dict[str, object]:
    """The options that read JSON lines with these fields."""
    names = look.fields
    places = named_columns(names, look.parts) or range(min(len(names), len(look.parts)))
    columns = {part: names[at] for part, at in zip(look.parts, places, strict=False)}
    options: dict[str, object] = {"format": "jsonl"} if with_format else {}
    if any(part != name for part, name in columns.items()):
        options["columns"] = columns
    return options


def _no_json_lines(look: Look) -> str:
    if not look.text.startswith(("{", "[")):
        tabbed = most("\t" in line for line in look.lines)
        if tabbed and look.layout is not None:
            return f"lines with tabs; {set_options({'format': 'tsv'})}."
        return "lines with tabs. Rename it to end in neither .jsonl nor .json." if tabbed else ""
    if look.layout is not None:
        return _json(look) if look.text[0] == "[" else _other_fields(look)
    names = look.fields
    chosen = ", ".join(f'{want}: ."{name}"' for want, name in zip(look.columns, names, strict=False)) or "..."
    each = ".[]" if look.text[0] == "[" else "."
    program = each if set(look.columns) <= set(names) else f"{each} | {{{chosen}}}"
    return (
        f"{'JSON' if each == '.' else 'a JSON array'}{_listed(names)}. Expected one object "
        f"per line with the fields {' and '.join(look.columns)}: `jq -c '{program}' OLD > NEW.jsonl`."
    )


def _other_fields(look: Look) -> str:
    options = _fields(look, False)
    what = f"JSON{_listed(look.fields)}. Expected one object per line with {' and '.join(look.parts)}"
    return f"{what}; {set_options(options)}." if options else f"{what}."


def _listed(names: Sequence[str]) -> str:
    return f" with the fields {', '.join(names[:10])}" if names else ""


def _markup(look: Look) -> str:
    if not re.match(r"\s*<[?!/A-Za-z]", look.lines[0]):
        return ""
    wanted = look.expected or "words separated by spaces"
    return f"XML or HTML. Expected {wanted}, one row per line; extract the text."


def tags_of(lines: Sequence[str]) -> str:
    """The mark between words and their tags, / or _; empty if words have no tags."""
    words = [word for line in lines for word in line.split()]
    marks = Counter(found[1] for found in map(TAGGED.fullmatch, words) if found)
    mark, count = marks.most_common(1)[0] if marks else ("", 0)
    return mark if count and count >= NEARLY * len(words) else ""


def _tagged(look: Look) -> str:
    mark = tags_of(look.lines)
    if not mark:
        return ""
    remove = f"sed -E 's,{mark}[A-Za-z]+([[:space:]]|$),\\1,g' OLD > NEW"
    return f"words with tags (词{mark}n). Remove the tags: `{remove}`."


def _tagged_words(look: Look) -> str:
    found = _tagged(look)
    if "词/n" in found:
        return "words with tags (词/n). Set data.source.tagged: true, which drops them."
    return found


def _slashed(look: Look) -> str:
    if not most(SLASHED.fullmatch(line.strip()) is not None for line in look.lines):
        return ""
    return "words separated by slashes (今天/天气). Separate words by spaces: `sed 's,/, ,g' OLD > NEW`."


def _tag_per_line(look: Look) -> str:
    cells = [line.split() for line in look.lines]
    if not most(len(row) == 2 and len(row[0]) == 1 and bool(TAG.fullmatch(row[1])) for row in cells):
        return ""
    return "one character per line with its tag (B, M, E, S). Expected a sentence per line, with spaces."


def _unsegmented(look: Look) -> str:
    count = len(look.lines)
    if any(len(line.split()) > 1 for line in look.lines) or len("".join(look.lines)) < UNSEGMENTED * count:
        return ""
    return (
        f"text that is not segmented: none of its first {count} lines contains a space, so each is read "
        "as one word. Separate words by spaces."
    )


COLUMNS: Sequence[Detector] = (
    _json,
    _markup,
    _tagged,
    _tag_per_line,
    quoted,
    separated,
    other_columns,
    swapped,
    no_columns,
)
"""For files that should contain columns separated by tabs."""
NAMED_JSON: Sequence[Detector] = (_no_json_lines,)
"""For files that should contain JSON lines."""
WORDS: Sequence[Detector] = (_json, _markup, _tagged_words, _slashed, _tag_per_line, _unsegmented)
"""For files that should contain words separated by spaces."""
