"""Resolve plain scalars by the core schema of YAML 1.2.

PyYAML follows YAML 1.1, in which `1e-4` is a string, `no` is false and `012` is ten. Here `1e-4` is a number,
`no` is a string and `012` is twelve.
"""

from __future__ import annotations

import re

from nlpx.config.nodes import ScalarValue

NULL = re.compile(r"(?:~|null|Null|NULL|)")
BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)")
DECIMAL = re.compile(r"[-+]?[0-9]+")
OCTAL = re.compile(r"0o[0-7]+")
HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
INFINITY = re.compile(r"[-+]?(?:\.inf|\.Inf|\.INF)")
NAN = re.compile(r"(?:\.nan|\.NaN|\.NAN)")

LONGEST_NUMBER = 300
"""Maximum number of digits of a number; Python converts these in reasonable time."""


def resolve(text: str) -> ScalarValue:
    """The value of a scalar without quotes."""
    if NULL.fullmatch(text):
        return None
    if BOOL.fullmatch(text):
        return text[0] in "tT"
    if len(text) > LONGEST_NUMBER:
        return text
    for pattern, base in ((DECIMAL, 10), (OCTAL, 8), (HEXADECIMAL, 16)):
        if pattern.fullmatch(text):
            return int(text.removeprefix("0o").removeprefix("0x"), base)
    if FLOAT.fullmatch(text):
        return float(text)
    if INFINITY.fullmatch(text):
        return float("-inf") if text.startswith("-") else float("inf")
    return float("nan") if NAN.fullmatch(text) else text
