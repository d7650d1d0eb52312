"""Problems of configs and how they are reported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nlpx.config.source import Mark
from nlpx.errors import ConfigError, DataError

CODES = {
    "C001": "the file cannot be read",
    "C002": "the file is not UTF-8",
    "C003": "the file is not a mapping",
    "C004": "the text is not YAML",
    "C005": "a tab where YAML requires blanks",
    "C006": "a duplicate key",
    "C007": "unused YAML features (tags, merge keys, several documents, keys that are not strings)",
    "C008": "the file is too large or too deeply nested",
    "C009": "`extends` is circular or names a file that cannot be read",
    "C010": "`${...}` refers to something that does not exist",
    "C011": "a `--set` that cannot be applied",
    "C012": "a plugin file that cannot be included",
    "C013": "a plugin that fails, or whose implementation is missing",
    "C014": "a config for a newer version of nlpx",
    "C101": "an unknown key",
    "C102": "a missing key",
    "C103": "a value of the wrong type",
    "C104": "a value that is not one of the allowed values",
    "C105": "a value out of range",
    "C106": "an unknown component",
    "C107": "a list of the wrong length",
    "C108": "a string of the wrong form",
    "C109": "a value that a component rejects",
    "C201": "the loss needs a value that the model does not give",
    "C202": "the decoder needs a value that the model does not give",
    "C203": "the metric needs a value that the task does not give",
    "C204": "the source gives records of another kind than the task reads",
    "C205": "an optional extra is not installed",
    "C206": "a file does not exist",
    "C207": "the monitored metric is not computed",
    "C208": "the monitored metric has the wrong direction",
    "C209": "length buckets that do not fit the data",
    "C210": "a duplicate item in a list",
    "C211": "tied weights without a shared vocabulary",
    "C212": "a warm-up that is longer than the training run",
    "C213": "a width that a block does not accept",
    "C214": "a holdout although there is a file for the same split",
    "C215": "no validation data to select the best checkpoint",
    "C216": "a sample that is longer than the task allows",
    "C217": "coverage without a pointer",
    "C218": "a component needs a value of another kind of record",
    "C220": "a training run or stage without a length, or with two",
    "C221": "an invalid file that a component reads",
    "C222": "pretrained vectors of another width than the embedding",
    "C223": "tricks that make no sense together, with the optimizer, or in this order",
    "C224": "a trick needs a value that the task does not give",
    "C225": "accumulation with a trick that needs the whole batch",
    "C226": "accumulation with an optimizer that needs the whole batch",
    "C227": "a trick that starts when training has ended",
    "C301": "a range of a sweep that contains no numbers, or no grid",
    "C302": "a condition of a sweep that is never met",
    "C303": "a key that a sweep cannot change, or changes twice",
    "C304": "a sweep that does not end",
}
"""All codes of problems. A code never changes its meaning."""

WRONG_FILE = "C221"
MOST_LISTED = 100
"""Maximum number of problems of a config that are listed; the others are counted."""

LONGEST_PART = 1000
"""Maximum number of characters of one part of a message."""


@dataclass(frozen=True)
class Problem:
    """A problem of a config.

    Attributes:
        code: a key of CODES.
        mark: its position.
        path: dotted path of the value; empty if the problem is in the text itself.
        what: what is wrong.
        got: the received value, unless `what` contains it.
        expected: the expected value, unless `what` contains it.
        advice: what to do, or the closest valid name.
    """

    code: str
    mark: Mark
    path: str
    what: str
    got: str = ""
    expected: str = ""
    advice: str = ""

    def __str__(self) -> str:
        """`file:line:col: error CODE: path: what; got ..., expected ...; advice`, source line, caret."""
        received = ", ".join(
            f"{word} {value}" for word, value in (("got", self.got), ("expected", self.expected)) if value
        )
        text = "; ".join(_shown(part) for part in (self.what, received, self.advice) if part)
        where = f"{_shown(self.path)}: " if self.path else ""
        return "\n".join([f"{self.mark}: error {self.code}: {where}{text}", *self.mark.excerpt()])

    def to_json(self) -> dict[str, str | int]:
        """Machine-readable form; `line` and `column` are 0 if the source has no lines."""
        has_place = self.mark.source.is_file and bool(self.mark.source.text)
        return {
            "source": self.mark.source.name,
            "line": self.mark.line if has_place else 0,
            "column": self.mark.column if has_place else 0,
            "code": self.code,
            "path": self.path,
            "what": self.what,
            "got": self.got,
            "expected": self.expected,
            "advice": self.advice,
        }


def _shown(text: str) -> str:
    """A part of a message, truncated to a readable length and without control characters."""
    cut = text if len(text) <= LONGEST_PART else text[:LONGEST_PART] + "…"
    return "".join(char if char.isprintable() or char == "\n" else "·" for char in cut)


class Refused(Exception):
    """A text that cannot be read any further; the arguments are its problems."""

    args: tuple[Problem, ...]


class ConfigProblems(ConfigError):
    """A config with problems; the message lists them in the order of their positions.

    Attributes:
        problems: the listed problems.
        more: number of further problems.
    """

    def __init__(self, problems: Sequence[Problem], more: int = 0) -> None:
        super().__init__("\n".join([*map(str, problems), *([and_more(more)] if more else [])]))
        self.problems = tuple(problems)
        self.more = more


class WrongFiles(ConfigProblems):
    """A valid config with invalid files that components read: exit code 3."""

    exit_code = DataError.exit_code


def how_to_see(problems: Iterable[Problem]) -> str:
    """The command that explains the first of some problems."""
    code = next(iter(problems)).code
    return f"nlpx describe error/{code} explains {code}"


def and_more(count: int) -> str:
    """The last line of a truncated list."""
    return f"... and {count:,} more problem{'' if count == 1 else 's'}"


class Report:
    """Problems found so far, and the number of further ones.

    Attributes:
        more: number of problems beyond MOST_LISTED.
        marks: positions with a problem, or with a consequence of one.
    """

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        self._problems: dict[Problem, None] = {}
        self.marks: set[Mark] = set()
        self.more = 0
        self.extend(problems)

    @property
    def full(self) -> bool:
        """Whether further problems are only counted, so that they need no text."""
        return len(self._problems) >= MOST_LISTED

    def add(self, problem: Problem) -> None:
        self.marks.add(problem.mark)
        if self.full:
            self.more += problem not in self._problems
        else:
            self._problems[problem] = None

    def extend(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.add(problem)

    def __len__(self) -> int:
        return len(self._problems) + self.more

    def __iter__(self) -> Iterator[Problem]:
        return iter(sorted(self._problems, key=lambda problem: problem.mark.order))

    def error(self) -> ConfigProblems:
        """The exception that contains the problems."""
        wrong_files = all(problem.code == WRONG_FILE for problem in self)
        return (WrongFiles if wrong_files else ConfigProblems)(tuple(self), self.more)
