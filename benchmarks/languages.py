"""Pages of measurements in English and Chinese, with the same figures and the texts of benchmarks/chinese."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from program import ROOT, publish

sys.path.append(str(ROOT / "docs"))

from translated import Chinese

TEXTS = ROOT / "benchmarks" / "chinese"


@dataclass(frozen=True)
class Language:
    """A language of a page.

    Attributes:
        suffix: of the name of the file.
        of: gives a text, of which the English is known, in this language.
    """

    suffix: str
    of: Callable[[str], str]

    @property
    def english(self) -> bool:
        return not self.suffix

    def row(self, *cells: str) -> str:
        """The head of a table."""
        return f"| {' | '.join(map(self.of, cells))} |"


ENGLISH = Language("", str)


def publish_both(page: Path, content: Callable[[Language], str], check: bool) -> None:
    """Write a page in both languages; with `check`, end this program where one is not up to date.

    A text without Chinese, or Chinese of a text that is not used any more, ends it, too.
    """
    chinese = Chinese.read(TEXTS, f"{page.stem}.yaml")
    for language in (ENGLISH, Language(".zh-CN", chinese.of)):
        publish(page.with_name(f"{page.stem}{language.suffix}.md"), content(language), check)
    if faults := list(chinese.problems()):
        sys.exit("\n".join(faults))
