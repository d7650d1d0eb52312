"""Expressions: against Python, and what is refused, with its place."""

from __future__ import annotations

import math
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.tasks.ode.expression import ARITY, DEEPEST, LONGEST, ExpressionError, parse
from nlpx.tasks.ode.system import FUNCTIONS

VALUES = {"x": 0.7, "y": -1.3, "人口": 2.5}
PYTHON = {name: getattr(math, name, None) or {"abs": abs, "max": max, "min": min}[name] for name in ARITY}


def texts() -> st.SearchStrategy[str]:
    """Expressions that Python reads too, with ** for ^."""
    atoms = st.sampled_from(["x", "y", "人口", "2", ".5", "3.", "1e-1", "2.5E+0"])
    # Without variables in exponents, powers stay real.
    return st.recursive(
        atoms,
        lambda part: st.one_of(
            st.builds("{} {} {}".format, part, st.sampled_from("+-*"), part),
            st.builds("{}/(4 + abs({}))".format, part, part),
            st.builds("({})".format, part),
            st.builds("{}{}".format, st.sampled_from(["-", "+", "--"]), part),
            st.builds("abs({})**{}".format, part, st.sampled_from(["2", "-1**2", "0.5"])),
            st.builds("{}({})".format, st.sampled_from(["sin", "cos", "tanh", "abs"]), part),
            st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), part, part),
        ),
        max_leaves=12,
    )


@given(texts())
def test_expressions_mean_what_they_mean_in_python(text: str) -> None:
    expected = eval(text, {"__builtins__": {}}, {**PYTHON, **VALUES})
    for written in (text, text.replace("**", "^").replace(" ", "")):
        found = parse(written, VALUES)({name: np.float64(x) for name, x in VALUES.items()}, FUNCTIONS)
        assert float(found) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_order_of_operations() -> None:
    for text, value in (
        ("2 - 3 - 4", -5),
        ("2 / 4 / 2", 0.25),
        ("-2^2", -4),
        ("2^3^2", 512),
        ("2^-1", 0.5),
        ("2 * -3", -6),
        ("-(-2)", 2),
        ("max(min(3, 2), 1) * exp(log(2)) - sqrt(4) + tan(0)", 2),
    ):
        assert float(parse(text, ())({}, FUNCTIONS)) == pytest.approx(value), text


def test_long_sums_do_not_recurse() -> None:
    text = "+".join(["x"] * (LONGEST // 2))
    assert float(parse(text, ["x"])({"x": 1.0}, FUNCTIONS)) == LONGEST // 2
    nested = f"{'(' * DEEPEST}x{')' * DEEPEST}"
    assert parse(nested, ["x"]).names == {"x"}


def test_numbers_that_overflow_are_not_errors() -> None:
    with np.errstate(all="ignore"):
        assert math.isinf(float(parse("10^400", ())({}, FUNCTIONS)))
        assert math.isinf(float(parse("1 / (1 - 1)", ())({}, FUNCTIONS)))
        assert math.isnan(float(parse("(0 - 1)^0.5", ())({}, FUNCTIONS)))


@pytest.mark.parametrize(
    ("text", "place", "told"),
    [
        ("", 1, "found the end, expected a number"),
        ("  ", 3, "found the end"),
        ("x *", 4, "found the end"),
        ("2 x", 3, "found `x`, expected an operator such as *"),
        ("x y", 3, "expected an operator"),
        ("x(1 - x)", 1, "`x` is not a function; write * before ("),
        ("x + z", 5, "no variable or parameter `z`; expected x or rate"),
        ("rat * x", 1, "did you mean rate?"),
        ("sine(x)", 1, "`sine` is no function; did you mean sin?"),
        ("exp * x", 1, "`exp` is a function; write exp(...)"),
        ("exp(x, x)", 1, "`exp` has 1 argument, found 2"),
        ("max(x)", 1, "`max` has 2 arguments, found 1"),
        ("exp()", 5, "found `)`"),
        ("(x + 1", 7, "found the end, expected ) for the ( of character 1"),
        ("x + 1)", 6, "found `)`, expected an operator"),
        ("x / 0", 3, "division by zero"),
        ("x / (0.0)", 3, "division by zero"),
        ("x / -0", 3, "division by zero"),
        ("1e999", 1, "the number 1e999 is too large"),
        ("x（1）", 2, "the sign '（' has no meaning here; write ("),
        ("x × 2", 3, "write *"),
        ("x [1]", 3, "write ("),
        ("x = 2", 3, "the sign '=' has no meaning here"),
        ("x if x else 1", 3, "found `if`"),
        ("__import__('os')", 1, "`__import__` is no function"),
        ("x.real", 2, "the sign '.' has no meaning here"),
        ("x 😀", 3, "the sign '😀' has no meaning here"),
        ("lambda x: x", 1, "no variable or parameter `lambda`"),
        ("1_000", 2, "found `_000`"),
        ("x // 2", 4, "found `/`"),
        ("x" + "+x" * LONGEST, LONGEST + 1, "longer than 2000 characters"),
        ("(" * (DEEPEST + 1) + "x", DEEPEST + 2, "more than 50 parentheses or powers"),
        ("^".join("x" * (DEEPEST + 2)), 2 * DEEPEST + 3, "more than 50 parentheses or powers"),
    ],
)
def test_what_is_refused(text: str, place: int, told: str) -> None:
    with pytest.raises(ExpressionError) as error:
        parse(text, ["x", "rate"])
    assert str(error.value).startswith(f"character {place}: ") and told in str(error.value)


@given(st.text(max_size=40))
def test_any_text_is_an_expression_or_an_error(text: str) -> None:
    with suppress(ExpressionError):
        parse(text, ["x"])
