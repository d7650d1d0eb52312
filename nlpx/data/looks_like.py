"""What a file looks like that is not in the format of its source, and what to do about it: for messages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from nlpx.data.files import filled_lines
from nlpx.data.json_lines import read_object
from nlpx.data.separated import NEARLY, chosen_columns, expected, most, quoted, separated, shown_row
from nlpx.errors import DataError

LINES = 200
LONGEST = 10_000
NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
NAME = re.compile(r'"(\w{1,40})"\s*:')
TAGGED = re.compile(r"\S+([/_])[A-Za-z]{1,5}")
SLASHED = re.compile(r"[^\s/]+(/[^\s/]+)+/?")
TAG = re.compile(r"[BMESIO](-\w+)?", re.IGNORECASE)
UNSEGMENTED = 5
"""Characters a line, on average, from which on a line is hardly a single word."""


def looks_like(path: Path, columns: Sequence[str]) -> str:
    """What the first lines of a file look like, with advice; empty where nothing is recognised.

    Args:
        path: a text file; one that cannot be read gives nothing.
        columns: what its source reads from a line; a name that ends in # is that of a number.
    """
    lines = first_lines(path)
    detectors: tuple[Callable[[Sequence[str], Sequence[str]], str], ...] = (
        _json,
        _markup,
        _tagged,
        _tag_a_line,
        quoted,
        separated,
        _other_columns,
        _swapped,
        _no_columns,
    )
    found = next(filter(None, (detect(lines, columns) for detect in detectors)), "") if lines else ""
    return f"{path} looks like {found}" if found else ""


def articles_look_like(path: Path, columns: Sequence[str], *, named_json: bool) -> str:
    """The same for a file of articles, which are JSON lines where the name of the file says so.

    Args:
        path, columns: as in `looks_like`; the columns are the fields of JSON lines as well.
        named_json: whether the name says so.
    """
    lines = first_lines(path)
    start = "".join(lines)[:LONGEST].lstrip()
    names = list(dict.fromkeys(NAME.findall(start)))
    if not named_json and start.startswith("{") and set(columns) <= set(names):
        return f"{path} looks like JSON lines. Give it a name that ends in .jsonl."
    if not named_json:
        return looks_like(path, columns)
    chosen = ", ".join(f'{want}: ."{name}"' for want, name in zip(columns, names, strict=False)) or "..."
    if not start.startswith(("{", "[")):
        tabbed = lines and most("\t" in line for line in lines)
        return f"{path} looks like lines with tabs. Give it a name without .jsonl or .json." if tabbed else ""
    if set(columns) <= set(names):
        chosen = ""
    fields = f" with the fields {', '.join(names[:10])}" if names else ""
    each = ".[]" if start[0] == "[" else "."
    program = f"{each} | {{{chosen}}}" if chosen else each
    return (
        f"{path} looks like {'JSON' if each == '.' else 'a JSON array'}{fields}. Expected one object "
        f"a line, with the fields {' and '.join(columns)}: `jq -c '{program}' OLD > NEW.jsonl`."
    )


def quoted_cells(path: Path, columns: Sequence[str]) -> str:
    """What a file looks like whose quotes are those of a spreadsheet, not of its texts; empty otherwise."""
    found = quoted(first_lines(path), columns)
    return f"{path} looks like {found}" if found else ""


def not_segmented(path: Path) -> str:
    """What a file looks like whose lines are to be words between blanks, and are not; empty if they are."""
    lines = first_lines(path)
    if not lines:
        return ""
    found = (
        _json(lines, ())
        or _markup(lines, ())
        or _tagged(lines, ())
        or _slashed(lines)
        or _tag_a_line(lines, ())
    )
    if not found and not any(len(line.split()) > 1 for line in lines):
        if sum(map(len, lines)) < UNSEGMENTED * len(lines):
            return ""
        found = (
            f"text that is not segmented: none of its first {len(lines)} lines has a blank, so each is taken "
            "for one word. Put blanks between words."
        )
    return f"{path} looks like {found}" if found else ""


def first_lines(path: Path) -> list[str]:
    """The first filled lines of a file, cut off where they are long; none of one that cannot be read."""
    lines: list[str] = []
    with suppress(DataError):
        for _, line in filled_lines(path):
            lines.append(line[:LONGEST])
            if len(lines) == LINES:
                break
    return lines


def _json(lines: Sequence[str], columns: Sequence[str]) -> str:
    start = "".join(lines)[:LONGEST].lstrip()
    names = list(dict.fromkeys(NAME.findall(start)))
    if re.match(r'\[\s*[\[{"]', start):
        kind, each = "a JSON array", ".[] | "
    elif re.match(r"\{\s*[\"}]", start):
        kind, each = (
            ("JSON lines", "")
            if most(isinstance(read_object(line), dict) for line in lines)
            else (
                "JSON over several lines",
                "",
            )
        )
    else:
        return ""
    fields = f" with the fields {', '.join(names[:10])}" if names else ""
    if not columns:
        return f"{kind}{fields}. Take the text out of it."
    chosen = ", ".join(f'."{name}"' for name in names[: len(columns)]) or "..."
    return (
        f"{kind}{fields}. Expected {expected(columns)} a line; choose fields: "
        f"`jq -r '{each}[{chosen}] | @tsv' OLD > NEW`."
    )


def _markup(lines: Sequence[str], columns: Sequence[str]) -> str:
    if not re.match(r"\s*<[?!/A-Za-z]", lines[0]):
        return ""
    wanted = expected(columns) or "words between blanks"
    return f"XML or HTML. Expected {wanted} a line; take the texts out of it."


def _tagged(lines: Sequence[str], columns: Sequence[str]) -> str:
    words = [word for line in lines for word in line.split()]
    marks = Counter(found[1] for found in map(TAGGED.fullmatch, words) if found)
    if not marks:
        return ""
    mark, count = marks.most_common(1)[0]
    if count < NEARLY * len(words):
        return ""
    remove = f"sed -E 's,{mark}[A-Za-z]+([[:space:]]|$),\\1,g' OLD > NEW"
    return f"words with tags (词{mark}n). Remove the tags: `{remove}`."


def _slashed(lines: Sequence[str]) -> str:
    if not most(SLASHED.fullmatch(line.strip()) is not None for line in lines):
        return ""
    return "words between slashes (今天/天气). Put blanks between words: `sed 's,/, ,g' OLD > NEW`."


def _tag_a_line(lines: Sequence[str], columns: Sequence[str]) -> str:
    cells = [line.split() for line in lines]
    if not most(len(row) == 2 and len(row[0]) == 1 and bool(TAG.fullmatch(row[1])) for row in cells):
        return ""
    return "one character a line with its tag (B, M, E, S). Expected a sentence a line, blanks between words."


def _other_columns(lines: Sequence[str], columns: Sequence[str]) -> str:
    rows = [line.split("\t") for line in lines]
    size, _ = Counter(map(len, rows)).most_common(1)[0]
    if size in (1, len(columns)) or not most(len(row) == size for row in rows):
        return ""
    rows = [row for row in rows if len(row) == size]
    if size > len(columns):
        places = [at + 1 for at in chosen_columns(rows, columns)]
        command = f"cut -f {','.join(map(str, places))}"
        if places != sorted(places):
            command = f"awk -F'\\t' -v OFS='\\t' '{{print {', '.join(f'${at}' for at in places)}}}'"
        advice = f"choose columns: `{command} OLD > NEW`"
    else:
        advice = "add the columns that are missing"
    if (
        size == 3
        and columns == ("group", "sentence")
        and most(NUMBER.fullmatch(row[-1].strip()) is not None for row in rows[1:])
    ):
        advice += ", or read them as `scored_pairs`, or make groups of them: `nlpx data groups`"
    wanted = f"{len(columns)}, {expected(columns)}"
    return f"{size} columns between tabs, {shown_row(rows[0])}. Expected {wanted}; {advice}."


def _swapped(lines: Sequence[str], columns: Sequence[str]) -> str:
    rows = [[cell.strip() for cell in line.split("\t")] for line in lines]
    rows = [row for row in rows if len(row) == len(columns)]
    if len(rows) < NEARLY * len(lines):
        return ""
    numbers = [at for at in range(len(columns)) if most(bool(NUMBER.fullmatch(row[at])) for row in rows[1:])]
    if columns[-1].endswith("#") and rows[1:] and numbers and numbers[-1] != len(columns) - 1:
        order = [at for at in range(len(columns)) if at != numbers[-1]] + [numbers[-1]]
        printed = ", ".join(f"${at + 1}" for at in order)
        return (
            f"{expected(columns)} in another order: the number is in column {numbers[-1] + 1}, "
            f"{shown_row(rows[0])}. Change the order: "
            f"`awk -F'\\t' -v OFS='\\t' '{{print {printed}}}' OLD > NEW`."
        )
    first, second = (len({row[at] for row in rows}) for at in (0, 1))
    if columns[0] == "group" and first == len(rows) > 2 * second:
        return (
            "sentence<TAB>group: the second column repeats and the first does not. Change the order: "
            "`awk -F'\\t' -v OFS='\\t' '{print $2, $1}' OLD > NEW`."
        )
    return ""


def _no_columns(lines: Sequence[str], columns: Sequence[str]) -> str:
    if len(columns) < 2 or not most("\t" not in line for line in lines):
        return ""
    more = (
        "; two parallel files are written as a list, [FIRST, SECOND]"
        if columns == ("first", "second")
        else ""
    )
    return f"one text a line, without tabs. Expected {expected(columns)}{more}."
