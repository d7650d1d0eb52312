"""Recognize headers, and which column has which role, by the names that columns usually have."""

from __future__ import annotations

import re
from collections.abc import Sequence

USUAL = {
    "first": "first upper a s1 q1 question1 sentence1 text1 text_a source src input query 上联 上句 上片 "
    "句子1 句子一 文本1 问题1",
    "second": "second lower b s2 q2 question2 sentence2 text2 text_b target tgt output 下联 下句 下片 "
    "句子2 句子二 文本2 问题2",
    "score": "score similarity label 分数 得分 相似度 标签",
    "label": "label class category 标签 类别 情感",
    "title": "title headline summary 标题 题目 摘要",
    "content": "content body text article 正文 内容 文本",
    "group": "group group_id 组 组号 分组",
    "sentence": "sentence question text query 句子 问题 问句 文本",
    "form": "form 体裁 诗体",
    "author": "author 作者",
    "text": "text review content sentence poem 文本 评论 句子 内容 正文 诗",
    "path": "path 路径",
    "class": "class label category 标签 类别",
}
"""By the part of a row: names of its column, the most telling first."""
USUAL_NAMES = {part: names.split() for part, names in USUAL.items()}
IDS = frozenset(["id", "index", "no", "number", "guid", "uuid", "pair_id", "qid", "编号", "序号"])
"""Headings of columns that are not read by any source."""
HEADINGS = IDS.union(*USUAL_NAMES.values()) - {"no", "number", "index"}
NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
SEVERAL = 2
"""Number of known names that make a header of a row with others."""
FEWEST = 5
"""Minimum number of rows with a number below a name."""
IDENTIFIER = re.compile(r"[a-z_][\w .-]{0,30}")


def is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns of the others."""
    rows = [[cell.strip().lower() for cell in row] for row in rows]
    if not rows or len(rows[0]) < 2:
        return False
    known = [sum(cell in HEADINGS for cell in row) for row in rows]
    if known[0] == len(rows[0]):
        return not any(count == len(row) for count, row in zip(known[1:], rows[1:], strict=True))
    if any(map(NUMBER.fullmatch, rows[0])):
        return False
    if (known[0] >= SEVERAL and max(known[1:], default=0) < SEVERAL) or _above_numbers(rows):
        return True
    return known[0] > 0 and _are_names(rows[0]) and not any(map(_are_names, rows[1:]))


def named_columns(heading: Sequence[str], parts: Sequence[str]) -> list[int]:
    """The indices of the columns of all parts by their usual names, each once; empty if one is missing."""
    names = [cell.strip().lower() for cell in heading]
    places: list[int] = []
    for part in parts:
        usual = [part, *USUAL_NAMES.get(part, [])]
        found = (names.index(name) for name in usual if name in names and names.index(name) not in places)
        place = next(found, None)
        if place is None:
            return []
        places.append(place)
    return places


def chosen_columns(rows: Sequence[Sequence[str]], columns: Sequence[str]) -> list[int]:
    """The indices of the columns to read: by name if the header has all, else the first without IDs."""
    named = named_columns(rows[0], [name.removesuffix("#") for name in columns])
    if named:
        return named
    places = [at for at in range(len(rows[0])) if not _holds_ids(rows, at)]
    return (places if len(places) >= len(columns) else list(range(len(rows[0]))))[: len(columns)]


def _are_names(cells: Sequence[str]) -> bool:
    return all(IDENTIFIER.fullmatch(cell) or cell in HEADINGS for cell in cells)


def _above_numbers(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a column has numbers in all rows but the first."""
    body = [row for row in rows[1:] if len(row) == len(rows[0])]
    return len(body) >= FEWEST and any(
        name and all(NUMBER.fullmatch(row[at]) for row in body) for at, name in enumerate(rows[0])
    )


def _holds_ids(rows: Sequence[Sequence[str]], at: int) -> bool:
    """Whether a column is named like an ID, or is the first and has a different integer in every row."""
    if rows[0][at].strip().lower() in IDS:
        return True
    values = [row[at].strip() for row in rows[1:]] if not at else []
    return len(values) > 2 and all(map(str.isdecimal, values)) and len(set(values)) == len(values)
