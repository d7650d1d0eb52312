"""Arithmetic expressions: parsed into a program in postfix order, which is evaluated for numbers of any kind.

    sum     = product { ("+" | "-") product }
    product = signed { ("*" | "/") signed }
    signed  = { "+" | "-" } power
    power   = atom [ ("^" | "**") signed ]
    atom    = number | name | function "(" sum { "," sum } ")" | "(" sum ")"

Nothing but these signs, numbers and names is accepted, and nothing of the text is ever executed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nlpx.core.counted import counted
from nlpx.core.suggest import did_you_mean, listed, one_of

ARITY: Mapping[str, int] = {
    **dict.fromkeys(("abs", "cos", "exp", "log", "sin", "sqrt", "tan", "tanh"), 1),
    **dict.fromkeys(("max", "min"), 2),
}
"""The functions, with the number of their arguments."""
NAME = re.compile(r"[^\W\d]\w*")
TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<name>{NAME.pattern})|(?P<sign>\*\*|[-+*/^(),])|(?P<end>$)|(?P<other>.))",
    re.DOTALL,
)
LONGEST, DEEPEST = 2000, 50
"""Most characters of an expression, and most parentheses and powers within each other."""
MEANT = {"×": "*", "÷": "/", "·": "*", "−": "-", "［": "(", "］": ")", "[": "(", "]": ")", "{": "(", "}": ")"}
"""Signs that have another form here."""

Operation = tuple[str, "float | str | int"]


class ExpressionError(ValueError):
    """An expression is invalid; the message has the position and the reason."""

    def __init__(self, place: int, reason: str) -> None:
        super().__init__(f"character {place + 1}: {reason}")


@dataclass(frozen=True)
class Expression:
    """A parsed expression.

    Attributes:
        text: as written.
        program: operations in postfix order: `number` and its value, `name`, `negative`, a sign, a function.
    """

    text: str
    program: tuple[Operation, ...]

    @property
    def names(self) -> frozenset[str]:
        """The names that it contains."""
        return frozenset(str(value) for kind, value in self.program if kind == "name")

    def __call__(self, values: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> Any:
        """The value for those of the names, which may be arrays, tensors or numbers.

        Args:
            values: by name.
            functions: those of ARITY for such values, and `number`, which makes one of a number.
        """
        stack: list[Any] = []
        for kind, value in self.program:
            if kind == "number":
                stack.append(functions["number"](value))
            elif kind == "name":
                stack.append(values[str(value)])
            elif kind == "negative":
                stack.append(-stack.pop())
            elif kind in SIGNS:
                right = stack.pop()
                stack.append(SIGNS[kind](stack.pop(), right))
            else:
                count = ARITY[kind]
                arguments = stack[-count:]
                del stack[-count:]
                stack.append(functions[kind](*arguments))
        return stack[0]


SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: a**b,
}


def parse(text: str, names: Iterable[str]) -> Expression:
    """The expression that a text is.

    Args:
        text: e.g. `r * x * (1 - x / n)`.
        names: that it may contain.

    Raises:
        ExpressionError: it is none.
    """
    if len(text) > LONGEST:
        raise ExpressionError(LONGEST, f"the expression is longer than {LONGEST} characters")
    parser = _Parser(text, tuple(names))
    parser.sum(0)
    if parser.kind != "end":
        raise ExpressionError(parser.place, f"found {parser.found}, expected an operator such as *")
    return Expression(text, tuple(parser.program))


class _Parser:
    """Appends to `program` what it has read; `kind`, `token` and `place` are those of the next token."""

    def __init__(self, text: str, names: tuple[str, ...]) -> None:
        self._text, self._names = text, names
        self._next = 0
        self.program: list[Operation] = []
        self._advance()

    @property
    def found(self) -> str:
        return "the end" if self.kind == "end" else f"`{self.token}`"

    def sum(self, depth: int) -> None:
        self._chain("+-", self._product, depth)

    def _product(self, depth: int) -> None:
        self._chain("*/", self._signed, depth)

    def _chain(self, signs: str, operand: Callable[[int], None], depth: int) -> None:
        operand(depth)
        while self.token and self.token in signs:
            sign, place, start = self.token, self.place, len(self.program)
            self._advance()
            operand(depth)
            if sign == "/" and {*self.program[start:]} <= {("number", 0.0), ("negative", 1)}:
                raise ExpressionError(place, "division by zero")
            self.program.append((sign, 2))

    def _signed(self, depth: int) -> None:
        negative = False
        while self.token and self.token in "+-":
            negative ^= self.token == "-"
            self._advance()
        self._power(depth)
        if negative:
            self.program.append(("negative", 1))

    def _power(self, depth: int) -> None:
        self._atom(depth)
        if self.token in ("^", "**"):
            self._advance()
            self._signed(self._deeper(depth))
            self.program.append(("^", 2))

    def _atom(self, depth: int) -> None:
        kind, token, place = self.kind, self.token, self.place
        if kind == "number":
            value = float(token)
            if value == float("inf"):
                raise ExpressionError(place, f"the number {token:.20} is too large")
            self.program.append(("number", value))
            self._advance()
        elif kind == "name":
            self._advance()
            if self.token == "(":
                self._call(token, place, depth)
            else:
                self._name(token, place)
        elif token == "(":
            self._advance()
            self.sum(self._deeper(depth))
            self._close(place)
        else:
            raise ExpressionError(place, f"found {self.found}, expected a number, a name or (")

    def _name(self, name: str, place: int) -> None:
        if name in ARITY:
            raise ExpressionError(place, f"`{name}` is a function; write {name}(...)")
        if name not in self._names:
            near = did_you_mean(name, self._names) or f"expected {one_of(self._names)}"
            raise ExpressionError(place, f"there is no variable or parameter `{name:.40}`; {near}")
        self.program.append(("name", name))

    def _call(self, name: str, place: int, depth: int) -> None:
        if name not in ARITY:
            near = did_you_mean(name, ARITY) or f"there are {listed(ARITY)}"
            known = (
                "is not a function; write * before (" if name in self._names else f"is no function; {near}"
            )
            raise ExpressionError(place, f"`{name:.40}` {known}")
        opened, count = self.place, 0
        while not count or self.token == ",":
            self._advance()
            self.sum(self._deeper(depth))
            count += 1
        self._close(opened)
        if count != ARITY[name]:
            raise ExpressionError(place, f"`{name}` has {counted(ARITY[name], 'argument')}, found {count}")
        self.program.append((name, count))

    def _close(self, opened: int) -> None:
        if self.token != ")":
            what = f"expected ) for the ( of character {opened + 1}, or an operator"
            raise ExpressionError(self.place, f"found {self.found}, {what}")
        self._advance()

    def _deeper(self, depth: int) -> int:
        if depth == DEEPEST:
            raise ExpressionError(self.place, f"more than {DEEPEST} parentheses or powers within each other")
        return depth + 1

    def _advance(self) -> None:
        found = TOKEN.match(self._text, self._next)
        assert found is not None and found.lastgroup is not None  # one of the groups matches anything
        self.kind, self.token = found.lastgroup, found[found.lastgroup]
        self.place, self._next = found.start(found.lastgroup), found.end()
        if self.kind == "other":
            meant = MEANT.get(self.token, unicodedata.normalize("NFKC", self.token))
            advice = f"; write {meant}" if meant != self.token and TOKEN.fullmatch(meant) else ""
            raise ExpressionError(self.place, f"the sign {self.token!r} has no meaning here{advice}")
