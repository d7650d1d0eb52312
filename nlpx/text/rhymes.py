"""Classes of characters that rhyme: from a table, or from their sound in Mandarin."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from nlpx.core.extras import how_to_install, missing_modules
from nlpx.core.files import Unreadable, read_regular
from nlpx.errors import DataError, EnvironmentProblem
from nlpx.text.punctuation import is_punctuation

FINALS = (
    "a ia ua, o e uo, ie ve ê, ai uai, ei uei, ao iao, ou iou, an ian uan van, en in uen vn, ang iang uang, "
    "eng ing ueng ong iong, i er v, -i, u"
)
"""The classes of modern Mandarin as pypinyin spells finals: v is ü; -i is that of zhi and zi."""
CLASS_OF: Mapping[str, str] = MappingProxyType(
    {final: finals for finals in FINALS.split(", ") for final in finals.split()}
)
LARGEST = 1 << 24
"""Bytes of a table: hundreds of times all characters there are."""
BUZZING = frozenset(("zh", "ch", "sh", "r", "z", "c", "s"))
"""Initials after which i is another vowel."""


class Rhymes(ABC):
    """Which characters rhyme.

    Attributes:
        name: what a message calls it.
    """

    name: str

    @abstractmethod
    def classes(self, character: str) -> frozenset[str]:
        """The names of a character's classes; empty where it rhymes with nothing."""

    def rhyme(self, one: str, other: str) -> bool:
        """Whether two different characters share a class; a character does not rhyme with itself."""
        return one != other and not self.classes(one).isdisjoint(self.classes(other))


class RhymeTable(Rhymes):
    """The classes of a UTF-8 file: `name<TAB>characters` a line.

    Args:
        file: blank lines and those that begin with # are passed over, and so are blanks between characters.

    Raises:
        DataError: the file cannot be read, has no class, or lines are wrong: every one is named as
            `path:line: reason`.
    """

    def __init__(self, file: str | Path) -> None:
        self.name = str(file)
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
            characters = "".join(rest.split())
            problem = _problem_with(name.strip(), tab, characters)
            if name.strip() in found:
                problem = f"the class {name.strip()} stands above already; join the two lines"
            if problem:
                problems.append(f"{file}:{number}: {problem}")
            found[name.strip()] = characters
        if problems:
            raise DataError("\n".join(problems))
        if not found:
            raise DataError(f"{file}: there is no class of rhymes in it. Expected name<TAB>characters.")
        of: dict[str, set[str]] = {}
        for name, characters in found.items():
            for character in characters:
                of.setdefault(character, set()).add(name)
        self._classes = {character: frozenset(names) for character, names in of.items()}

    def classes(self, character: str) -> frozenset[str]:
        return self._classes.get(character, frozenset())


class PinyinRhymes(Rhymes):
    """The fourteen classes of modern Mandarin, by the most usual reading of a character.

    Raises:
        EnvironmentProblem: pypinyin is not installed.

    Source: the classes are those of 中华新韵 (2005).
    """

    name = "pinyin"

    def __init__(self) -> None:
        if missing_modules("pinyin"):
            what = "rhymes: pinyin reads characters by pypinyin, which is not installed"
            raise EnvironmentProblem(f"{what}. Install it: {how_to_install('pinyin')}")

    def classes(self, character: str) -> frozenset[str]:
        return _mandarin(character)


@cache
def _mandarin(character: str) -> frozenset[str]:
    from pypinyin import Style, pinyin

    readings = pinyin(character, style=Style.FINALS, errors="ignore")
    final = readings[0][0] if readings else ""
    if final == "i" and pinyin(character, style=Style.INITIALS)[0][0] in BUZZING:
        final = "-i"
    return frozenset((CLASS_OF[final],)) if final in CLASS_OF else frozenset()


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
