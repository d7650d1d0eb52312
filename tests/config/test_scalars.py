"""Plain scalars by the core schema of YAML 1.2 (chapter 10.3.2 of the specification)."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.config.scalars import LONGEST_NUMBER, resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("NULL", None),
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("0", 0),
        ("012", 12),
        ("-7", -7),
        ("+7", 7),
        ("0o14", 12),
        ("0x1F", 31),
        ("1e-4", 1e-4),
        ("1e3", 1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-1.5E+2", -150.0),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        # Everything that YAML 1.1 would make of these is wrong here.
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("0b11", "0b11"),
        ("-0x1", "-0x1"),
        ("2001-12-14", "2001-12-14"),
        ("nULL", "nULL"),
        ("tRUE", "tRUE"),
        (".iNF", ".iNF"),
        ("e3", "e3"),
        (".", "."),
        ("-", "-"),
        ("１２", "１２"),
        ("12\n", "12\n"),
    ],
)
def test_core_schema(text: str, value: object) -> None:
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


def test_nan() -> None:
    assert all(math.isnan(float(str(resolve(text)))) for text in (".nan", ".NaN", ".NAN"))


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none()))
def test_json_is_yaml(value: object) -> None:
    """YAML 1.2 reads JSON: what json writes is read as json reads it."""
    text = json.dumps(value)
    if len(text) <= LONGEST_NUMBER:
        assert resolve(text) == json.loads(text)
        assert type(resolve(text)) is type(value)


def test_endless_digits_are_text() -> None:
    digits = "9" * 5000
    assert resolve(digits) == digits
