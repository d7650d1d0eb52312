"""JSON, markup, and words with tags: what is read as lines of text, and is something else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from nlpx.data.formats.columns import no_columns, other_columns, quoted, separated, swapped
from nlpx.data.formats.look import NEARLY, Detector, Look, most
from nlpx.data.json_lines import read_object

TAGGED = re.compile(r"\S+([/_])[A-Za-z]{1,5}")
SLASHED = re.compile(r"[^\s/]+(/[^\s/]+)+/?")
TAG = re.compile(r"[BMESIO](-\w+)?", re.IGNORECASE)
UNSEGMENTED = 5
"""Characters per line, on average, from which on a line is hardly a single word."""


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
        return f"{what}. Take the text out of it."
    chosen = ", ".join(f'."{name}"' for name in names[: len(look.columns)]) or "..."
    return (
        f"{what}. Expected {look.expected} per line; choose fields: "
        f"`jq -r '{each}[{chosen}] | @tsv' OLD > NEW`."
    )


def _unnamed_json(look: Look) -> str:
    if look.text.startswith("{") and set(look.columns) <= set(look.fields):
        return "JSON lines. Give it a name that ends in .jsonl."
    return ""


def _no_json_lines(look: Look) -> str:
    if not look.text.startswith(("{", "[")):
        tabbed = most("\t" in line for line in look.lines)
        return "lines with tabs. Give it a name without .jsonl or .json." if tabbed else ""
    names = look.fields
    chosen = ", ".join(f'{want}: ."{name}"' for want, name in zip(look.columns, names, strict=False)) or "..."
    each = ".[]" if look.text[0] == "[" else "."
    program = each if set(look.columns) <= set(names) else f"{each} | {{{chosen}}}"
    return (
        f"{'JSON' if each == '.' else 'a JSON array'}{_listed(names)}. Expected one object "
        f"per line, with the fields {' and '.join(look.columns)}: `jq -c '{program}' OLD > NEW.jsonl`."
    )


def _listed(names: Sequence[str]) -> str:
    return f" with the fields {', '.join(names[:10])}" if names else ""


def _markup(look: Look) -> str:
    if not re.match(r"\s*<[?!/A-Za-z]", look.lines[0]):
        return ""
    wanted = look.expected or "words between blanks"
    return f"XML or HTML. Expected {wanted} per line; take the texts out of it."


def _tagged(look: Look) -> str:
    words = [word for line in look.lines for word in line.split()]
    marks = Counter(found[1] for found in map(TAGGED.fullmatch, words) if found)
    if not marks:
        return ""
    mark, count = marks.most_common(1)[0]
    if count < NEARLY * len(words):
        return ""
    remove = f"sed -E 's,{mark}[A-Za-z]+([[:space:]]|$),\\1,g' OLD > NEW"
    return f"words with tags (词{mark}n). Remove the tags: `{remove}`."


def _slashed(look: Look) -> str:
    if not most(SLASHED.fullmatch(line.strip()) is not None for line in look.lines):
        return ""
    return "words between slashes (今天/天气). Put blanks between words: `sed 's,/, ,g' OLD > NEW`."


def _tag_per_line(look: Look) -> str:
    cells = [line.split() for line in look.lines]
    if not most(len(row) == 2 and len(row[0]) == 1 and bool(TAG.fullmatch(row[1])) for row in cells):
        return ""
    return (
        "one character per line with its tag (B, M, E, S). "
        "Expected a sentence per line, blanks between words."
    )


def _unsegmented(look: Look) -> str:
    count = len(look.lines)
    if any(len(line.split()) > 1 for line in look.lines) or len("".join(look.lines)) < UNSEGMENTED * count:
        return ""
    return (
        f"text that is not segmented: none of its first {count} lines has a blank, so each is taken "
        "for one word. Put blanks between words."
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
"""What lines with columns between tabs could be instead."""
NAMED_JSON: Sequence[Detector] = (_no_json_lines,)
"""What JSON lines could be instead."""
NO_JSON: Sequence[Detector] = (_unnamed_json, *COLUMNS)
"""What lines with columns could be instead that may also be JSON lines, by their name."""
WORDS: Sequence[Detector] = (_json, _markup, _tagged, _slashed, _tag_per_line, _unsegmented)
"""What words between blanks could be instead."""
