"""What can be wrong with a config, and how it is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from nlpx.config.source import Mark
from nlpx.errors import ConfigError, DataError

CODES = {
    "C001": "the file cannot be read",
    "C002": "the file is not UTF-8",
    "C003": "the file holds no mapping",
    "C004": "the text is not YAML",
    "C005": "a tab where YAML wants blanks",
    "C006": "a key is given twice",
    "C007": "YAML that configs do not use (tags, merge keys, several documents, keys that are not text)",
    "C008": "the file is too large or too deeply nested",
    "C009": "`extends` leads in a circle or to a file that cannot be read",
    "C010": "`${...}` names nothing that exists",
    "C011": "a `--set` that cannot be applied",
    "C012": "a plugin file cannot be included",
    "C013": "a plugin fails, or what it names is not there",
    "C101": "an unknown key",
    "C102": "a key is missing",
    "C103": "a value of the wrong type",
    "C104": "a value that is not one of the allowed ones",
    "C105": "a value out of range",
    "C106": "an unknown component",
    "C107": "a list of the wrong length",
    "C108": "a text of the wrong form",
    "C109": "a value that the component's own check refuses",
    "C201": "the loss needs what the model does not give",
    "C202": "the decoder needs what the model does not give",
    "C203": "the metric needs what the task does not give",
    "C204": "the source gives rows of another task",
    "C205": "an optional extra is not installed",
    "C206": "a file does not exist",
    "C207": "the monitored number is not measured",
    "C208": "the monitored number is ranked the wrong way round",
    "C209": "length buckets that cannot hold the rows",
    "C210": "something is listed twice",
    "C211": "tied weights without a shared vocabulary",
    "C212": "a warm-up that is longer than the training",
    "C213": "a width that a block cannot take",
    "C214": "a holdout beside a file of the same split",
    "C215": "no rows to choose the best checkpoint by",
    "C216": "a sample that is longer than the rows of the task",
    "C217": "coverage without a pointer",
    "C218": "a part needs what other records give",
    "C220": "a training or a stage that does not say how long it is, or says it twice",
    "C221": "a file that a component reads is wrong",
}
"""Every code a report can hold. Codes are never given a new meaning."""

WRONG_FILE = "C221"
MOST_TOLD = 100
"""Problems of a config that are told; the others are counted."""

LONGEST_PART = 1000
"""Characters of one part of a message."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        code: a key of CODES.
        mark: where it was written.
        path: dotted path of the value; empty where the text itself is at fault.
        what: what is wrong.
        got: what was received; empty where `what` says it.
        expected: what would have been right; empty where `what` says it.
        advice: what to do, or the nearest valid name; empty where there is none.
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
        told = "; ".join(_shown(part) for part in (self.what, received, self.advice) if part)
        where = f"{_shown(self.path)}: " if self.path else ""
        return "\n".join([f"{self.mark}: error {self.code}: {where}{told}", *self.mark.excerpt()])

    def to_json(self) -> dict[str, str | int]:
        """For programs; `line` and `column` are 0 where the source has none."""
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
    """A part of a message, cut to a readable length, without what a terminal would obey."""
    cut = text if len(text) <= LONGEST_PART else text[:LONGEST_PART] + "…"
    return "".join(char if char.isprintable() or char == "\n" else "·" for char in cut)


class ConfigProblems(ConfigError):
    """A config with problems; the message holds them, sorted by place.

    Attributes:
        problems: those that are told.
        more: how many others there are.
    """

    def __init__(self, problems: Sequence[Problem], more: int = 0) -> None:
        super().__init__("\n".join([*map(str, problems), *([and_more(more)] if more else [])]))
        self.problems = tuple(problems)
        self.more = more


class WrongFiles(ConfigProblems):
    """A config that is right, with files that a component reads and that are wrong: exit 3."""

    exit_code = DataError.exit_code


def and_more(count: int) -> str:
    """What ends a list that is cut."""
    return f"... and {count:,} more problem{'' if count == 1 else 's'}"


@dataclass
class Report:
    """Problems found so far: the first of them, and the number of the others.

    Attributes:
        more: problems beyond MOST_TOLD.
    """

    _problems: dict[Problem, None] = field(default_factory=dict)
    _covered: set[Mark] = field(default_factory=set)
    more: int = 0

    @property
    def full(self) -> bool:
        """Whether further problems are counted only; the words for them need not be found."""
        return len(self._problems) >= MOST_TOLD

    def add(self, problem: Problem) -> None:
        self._covered.add(problem.mark)
        if self.full:
            self.more += problem not in self._problems
        else:
            self._problems[problem] = None

    def cover(self, mark: Mark) -> None:
        """What is wrong at a place is a consequence of something reported elsewhere."""
        self._covered.add(mark)

    def covers(self, mark: Mark) -> bool:
        """Whether what is wrong at a place is already reported."""
        return mark in self._covered

    def __len__(self) -> int:
        return len(self._problems) + self.more

    def __iter__(self) -> Iterator[Problem]:
        return iter(sorted(self._problems, key=lambda problem: problem.mark.order))

    def error(self) -> ConfigProblems:
        """The error that tells the problems."""
        wrong_files = all(problem.code == WRONG_FILE for problem in self)
        return (WrongFiles if wrong_files else ConfigProblems)(tuple(self), self.more)
