"""Classes of rhyme from a file."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Literal, Self

from pydantic import PrivateAttr

from nlpx.components.rhymes.base import Rhymes
from nlpx.core.files import Unreadable, read_regular
from nlpx.core.options import InputFile
from nlpx.errors import DataError
from nlpx.text.punctuation import is_punctuation

LARGEST = 1 << 24
"""Bytes of a table: hundreds of times all characters there are."""


class RhymeTable(Rhymes):
    """Your own table, of 平水韵 or of a dialect: two characters rhyme if one of its classes has both.

    Options:
        file: UTF-8, a class a line, `name<TAB>characters`; blanks between characters, blank lines and lines
            that begin with # are ignored. A character may be in several classes.
    Shapes: character -> names of its classes.
    Data: characters in the script of the corpus; one without a class rhymes with nothing.
    Relations: for decoder/verse and metric/rhyme.
    Reference: the format is nlpx's own.
    Example:
        data: {length: 20}
        decode: {type: verse, rhymes: {type: table, file: rhymes.tsv}}
    """

    type: Literal["table"] = "table"
    file: InputFile

    _classes: dict[str, frozenset[str]] = PrivateAttr()

    @property
    def name(self) -> str:
        return self.file

    def prepare(self) -> Self:
        ready = super().prepare()
        ready._classes = read_classes(self.file)
        return ready

    def classes(self, character: str) -> frozenset[str]:
        return self._classes.get(character, frozenset())


def read_classes(file: str) -> dict[str, frozenset[str]]:
    """The classes of every character of a table.

    Raises:
        DataError: the file cannot be read, has no class, or lines are wrong: every one is named as
            `path:line: reason`.
    """
    try:
        text = read_regular(Path(file), LARGEST).decode("utf-8-sig")
    except (FileNotFoundError, Unreadable) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise DataError(f"{file}: the rhyme table cannot be read: {reason}. Check `rhymes`.") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{file}: byte {error.start + 1} is not UTF-8. Save the file as UTF-8.") from None
    found: dict[str, str] = {}
    problems = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, tab, rest = line.partition("\t")
        name, characters = name.strip(), "".join(rest.split())
        problem = _problem_with(name, tab, characters)
        if name in found:
            problem = f"the class {name} has a line above already; join the two lines"
        if problem:
            problems.append(f"{file}:{number}: {problem}")
        found[name] = characters
    if problems:
        raise DataError("\n".join(problems))
    if not found:
        raise DataError(f"{file}: there is no class of rhymes in it. Expected name<TAB>characters.")
    of: dict[str, set[str]] = {}
    for name, characters in found.items():
        for character in characters:
            of.setdefault(character, set()).add(name)
    return {character: frozenset(names) for character, names in of.items()}


def _problem_with(name: str, tab: str, characters: str) -> str | None:
    """What is wrong with a line of a table."""
    if not (name and tab):
        return "expected the name of a class, a tab and its characters"
    if not characters:
        return f"the class {name} is empty; give its characters, or leave out the line"
    for at, character in enumerate(characters):
        category = unicodedata.category(character)
        if category[0] == "M" or category == "Cf":
            whole = characters[max(0, at - 1) : at + 1]
            return f"{whole!r} is of several code points; expected characters of one, as a corpus has them"
        if is_punctuation(character):
            return f"{character} is a mark; expected characters, with or without blanks between them"
    return None
