"""Whether the first line of a file names its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from nlpx.data.looks_like import first_lines

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
    """The names of columns in the first line of a file, where it is no row; empty where it is one."""
    rows = [[cell.strip().lower() for cell in line.split("\t")] for line in first_lines(path)]
    if not rows or len(rows[0]) < 2:
        return ""
    known = [sum(cell in HEADINGS for cell in row) for row in rows]
    if known[0] == len(rows[0]):
        named = not any(count == len(row) for count, row in zip(known[1:], rows[1:], strict=True))
    else:
        named = known[0] > 0 and _are_names(rows[0]) and not any(map(_are_names, rows[1:]))
    return " | ".join(rows[0]) if named else ""


def _are_names(cells: Sequence[str]) -> bool:
    return all(IDENTIFIER.fullmatch(cell) or cell in HEADINGS for cell in cells)
