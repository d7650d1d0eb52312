"""Recognize CSV files, quoted cells, headers, and columns of another number or order."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from nlpx.data.formats.look import NEARLY, Look, most, most_common_size, shown_row

SEPARATORS = {",": "commas", ";": "semicolons", "|": "bars"}
TAB = r"\t"
QUOTED = re.compile(r'"(?:[^"]|"")*"')
NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
IDS = frozenset(["id", "index", "no", "number", "guid", "uuid", "pair_id", "qid", "编号", "序号"])
"""Headings of columns that are not read by any source."""
KNOWN_HEADINGS = """
    a b author body category class content first form group group_id headline id input label lower output poem
    q1 q2 query question question1 question2 s1 s2 score second sentence sentence1 sentence2 similarity source
    src summary target text text1 text2 text_a text_b tgt title upper
    上联 下联 上句 下句 上片 下片 文本 文本1 文本2 句子 句子1 句子2 句子一 句子二 标签 类别 分数 得分 相似度
    标题 题目 正文 内容 摘要 作者 体裁 诗体 诗 组 组号 分组 编号 序号 问题 问题1 问题2 问句 路径
"""
HEADINGS = frozenset(KNOWN_HEADINGS.split())
IDENTIFIER = re.compile(r"[a-z_][\w .-]{0,30}")


def header(path: Path) -> str:
    """The column names if the first line of a file is a header, else an empty string."""
    rows = [[cell.lower() for cell in row] for row in Look(path).rows]
    if not rows or len(rows[0]) < 2:
        return ""
    known = [sum(cell in HEADINGS for cell in row) for row in rows]
    if known[0] == len(rows[0]):
        named = not any(count == len(row) for count, row in zip(known[1:], rows[1:], strict=True))
    else:
        named = known[0] > 0 and _are_names(rows[0]) and not any(map(_are_names, rows[1:]))
    return " | ".join(rows[0]) if named else ""


def separated(look: Look) -> str:
    """Recognize CSV and columns separated by spaces."""
    columns = look.columns
    if not columns or most("\t" in line for line in look.lines):
        return ""
    for separator, name in SEPARATORS.items():
        rows = _csv_rows(look.lines, separator, len(columns))
        if rows:
            return (
                f"CSV: {len(rows[0])} columns separated by {name}, {shown_row(rows[0])}. Expected tabs, "
                f"{look.expected}; {_conversion(rows, columns, separator)}."
            )
    if most("\t" not in line and len(line.split()) == len(columns) for line in look.lines):
        return (
            f"{len(columns)} columns separated by spaces. Expected {look.expected}, with tabs: "
            "`sed -E 's,[[:blank:]]+,\\t,g' OLD > NEW`."
        )
    return ""


def quoted(look: Look) -> str:
    """Recognize text with tabs in which a cell with a quote, a comma or a line break is quoted."""
    lines, columns = look.lines, look.columns
    if not columns or not any("\t" in line for line in lines):
        return ""
    rows = _csv_rows(lines, "\t", len(columns), strict=True)
    cells = [cell for line in lines for cell in line.split("\t") if QUOTED.fullmatch(cell)]
    telling = (
        any('""' in cell[1:-1] or "," in cell for cell in cells)
        or any("\n" in cell for row in rows for cell in row)
        or len(cells) >= NEARLY * sum(map(len, rows))
    )
    if not rows or not telling:
        return ""
    return (
        f"text of a spreadsheet with quoted cells: {len(rows[0])} columns separated by tabs, "
        f"{shown_row(rows[0])}. Expected {look.expected}, without quotes around a text or line breaks "
        f"in it; {_conversion(rows, columns, TAB)}."
    )


def other_columns(look: Look) -> str:
    """Recognize text with more or fewer columns."""
    columns, size = look.columns, most_common_size(look.rows)
    rows = [line.split("\t") for line in look.lines if line.count("\t") == size - 1]
    if size in (1, len(columns)) or len(rows) < NEARLY * len(look.lines):
        return ""
    if size > len(columns):
        places = [at + 1 for at in chosen_columns(rows, columns)]
        command = f"cut -f {','.join(map(str, places))}" if places == sorted(places) else _awk(places)
        advice = f"choose columns: `{command} OLD > NEW`"
    else:
        advice = "add the missing columns"
    labelled = size == 3 and most(NUMBER.fullmatch(row[-1].strip()) is not None for row in rows[1:])
    if labelled and tuple(columns) == ("group", "sentence"):
        advice += ", or read them as `scored_pairs`, or convert them to groups: `nlpx data groups`"
    wanted = f"{len(columns)}, {look.expected}"
    return f"{size} columns separated by tabs, {shown_row(rows[0])}. Expected {wanted}; {advice}."


def swapped(look: Look) -> str:
    """Recognize the expected columns in another order."""
    columns = look.columns
    rows = [row for row in look.rows if len(row) == len(columns)]
    if len(rows) < NEARLY * len(look.lines):
        return ""
    last = len(columns) - 1
    numbers = [at for at in range(len(columns)) if most(bool(NUMBER.fullmatch(row[at])) for row in rows[1:])]
    if columns[-1].endswith("#") and rows[1:] and numbers and numbers[-1] != last:
        order = [at + 1 for at in range(len(columns)) if at != numbers[-1]] + [numbers[-1] + 1]
        return (
            f"{look.expected} in another order: the number is in column {numbers[-1] + 1}, "
            f"{shown_row(rows[0])}. Change the order: `{_awk(order)} OLD > NEW`."
        )
    first, second = (len({row[at] for row in rows}) for at in (0, 1))
    if columns[0] == "group" and first == len(rows) > 2 * second:
        return (
            "sentence<TAB>group: the second column repeats and the first does not. Change the order: "
            f"`{_awk([2, 1])} OLD > NEW`."
        )
    return ""


def no_columns(look: Look) -> str:
    """Recognize text without tabs."""
    if len(look.columns) < 2 or not most("\t" not in line for line in look.lines):
        return ""
    parallel = "; two parallel files are given as a list, [FIRST, SECOND]"
    more = parallel if tuple(look.columns) == ("first", "second") else ""
    return f"one text per line, without tabs. Expected {look.expected}{more}."


def chosen_columns(rows: Sequence[Sequence[str]], columns: Sequence[str]) -> list[int]:
    """The indices of the columns to read: by name if the header has all names, else the first without IDs."""
    heading = [cell.strip().lower() for cell in rows[0]]
    names = [name.removesuffix("#") for name in columns]
    if set(names) <= set(heading):
        return [heading.index(name) for name in names]
    places = [at for at in range(len(heading)) if not _holds_ids(rows, at)]
    return (places if len(places) >= len(columns) else list(range(len(heading))))[: len(columns)]


def _are_names(cells: Sequence[str]) -> bool:
    return all(IDENTIFIER.fullmatch(cell) or cell in HEADINGS for cell in cells)


def _awk(places: Sequence[int]) -> str:
    """The command that prints these columns (numbered from 1)."""
    return f"awk -F'\\t' -v OFS='\\t' '{{print {', '.join(f'${at}' for at in places)}}}'"


def _csv_rows(lines: Sequence[str], delimiter: str, least: int, *, strict: bool = False) -> list[list[str]]:
    """The rows of a CSV file with at least max(2, `least`) columns; empty if it is not such a file."""
    rows: list[list[str]] = []
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, strict=strict)
    try:
        rows.extend(reader)
    except csv.Error:
        if reader.line_num < len(lines):  # not only the last row, which is perhaps cut
            return []
    size = most_common_size(rows) if rows else 0
    alike = [row for row in rows if len(row) == size]
    return alike if size >= max(2, least) and len(alike) >= NEARLY * len(rows) else []


def _holds_ids(rows: Sequence[Sequence[str]], at: int) -> bool:
    """Whether a column is named like an ID, or is the first and has a different integer in every row."""
    if rows[0][at].strip().lower() in IDS:
        return True
    values = [row[at].strip() for row in rows[1:]] if not at else []
    return len(values) > 2 and all(map(str.isdecimal, values)) and len(set(values)) == len(values)


def _conversion(rows: Sequence[Sequence[str]], columns: Sequence[str], delimiter: str) -> str:
    """A command that converts CSV to columns separated by tabs, without line breaks in a cell."""
    places = chosen_columns(rows, columns)
    # A row that is too short gets empty cells, so that it is found again as a bad row.
    program = (
        f"import csv; [print(*(' '.join((row + {max(places) + 1} * [''])[at].split()) for at in {places}), "
        "sep='\\t') for row in csv.reader(open(0, encoding='utf-8-sig', newline=''), "
        f"delimiter='{delimiter}') if row]"
    )
    return f'choose columns: `python3 -X utf8 -c "{program}" < OLD > NEW`'
