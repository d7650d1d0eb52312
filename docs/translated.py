"""Chinese texts of generated pages by their English: docs/chinese has those of docstrings of components.

A text without Chinese is reported, as is Chinese that is not used, or that lacks a number of the English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import formulas
import yaml

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "chinese"
PARTS = {
    "Shapes": "形状",
    "Data": "数据",
    "Relations": "取舍",
    "Reference": "出处",
}
TYPES = (
    (r"\bstring\b", "字符串"),
    (r"\binteger\b", "整数"),
    (r"\bnumber\b", "数"),
    (r" \((\d+) items or more\)", r"（至少 \1 项）"),
    (r" and (?=[<>])", " 且 "),
    (r"\blike (?=\S)", "形如 "),
    (r"\blist of (.+?)(?= or |$)", r"\1 的列表"),
    (r"\bmapping to (.+?)(?= or |$)", r"值为\1的映射"),
    (r"\bmapping\b", "映射"),
    (r" or ", " 或 "),
)
"""English words for types of options -> Chinese ones."""
_NAMES = r"(?:van den )?[A-Z][\w'-]+(?: [A-Z][\w'-]+)?(?: et al\.| and [A-Z][\w'-]+)?"
CITATION = re.compile(
    rf"{_NAMES} [12]\d{{3}}(, [A-Z][\w -]+)?(, (arXiv )?[\d.]+( and [\d.]+)?)?"
    r"|(Keras )?[\w.]*[A-Z.][\w.]*(\(.+\))?"
)
"""Authors with a year, maybe with a title or a number of arXiv; or a name of an API."""
ARTICLES = re.compile(r"kexue\.fm archives? ([\d, and]+)")
CONNECTIVES = re.compile(
    r"\b(over|of|with|for|from|to|the|all|and|if|by|given|each|every|between|such|are|is|as|no|not|at|so|its|when|before|repeatedly|jointly)\b"
)
"""Words by which a line of a formula is partly a sentence; others may be names of options."""


@dataclass
class Chinese:
    """The Chinese texts.

    Attributes:
        texts: Chinese by English.
        where: the folder of the files, for messages.
        missing: English texts that were asked for and have no Chinese.
        used: English texts that were asked for.
    """

    texts: dict[str, str]
    where: str = "docs/chinese"
    missing: dict[str, None] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, folder: Path = FOLDER, files: str = "*.yaml") -> Chinese:
        """The texts of files of a folder."""
        texts: dict[str, str] = {}
        for path in sorted(folder.glob(files)):
            for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
                if entry["en"] in texts:
                    raise ValueError(f"{path}: two Chinese texts of {entry['en']!r}")
                texts[entry["en"]] = entry["zh"]
        return cls(texts, folder.relative_to(ROOT).as_posix())

    def of(self, english: str) -> str:
        """The Chinese of a text; the English if there is none, which is reported."""
        self.used.add(english)
        if english and english not in self.texts:
            self.missing[english] = None
        return self.texts.get(english, english)

    def formula(self, english: str) -> str:
        """A formula: its sentences, and the lines in which words connect symbols."""
        lines = []
        for part, is_text in formulas.parts_of(english):
            if is_text or part in self.texts or CONNECTIVES.search(re.sub(r"\b\w+\(", "(", part)):
                part = self.of(part.strip())
            lines.append(part)
        return "\n".join(lines)

    def shapes(self, english: str) -> str:
        """The shapes of a component, where they have words besides names of axes."""
        return self.of(english) if re.search("[a-z]{2,}", re.sub(r"\([^()]*\)", "", english)) else english

    def reference(self, english: str) -> str:
        """Works that are cited: names stay, what is said about them is translated."""
        pieces = [self._cited(piece) for piece in english.removesuffix(".").split("; ")]
        return "；".join(pieces) + "。"

    def _cited(self, piece: str) -> str:
        if article := ARTICLES.fullmatch(piece):
            return f"kexue.fm {'、'.join(re.split(', | and ', article[1]))} 号文章"
        return piece if CITATION.fullmatch(piece) else self.of(piece)

    def problems(self) -> Iterator[str]:
        """What a person has to add, remove or correct, one line each."""
        for english in self.missing:
            yield f"{self.where} has no Chinese of: {english}"
        for english, chinese in self.texts.items():
            if english not in self.used:
                yield f"{self.where} has a text that is not used any more: {english}"
            elif absent := numbers(english) - numbers(chinese):
                yield f"{self.where} lacks {', '.join(sorted(absent))} in: {chinese}"


def numbers(text: str) -> set[str]:
    """The numbers of a text; 0.5 million and 50 万 are 500000, .5 is 0.5."""
    text = re.sub(r"(?<![\w.])\.(?=\d)", "0.", text)
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    sizes = {"million": 1_000_000, "万": 10_000}
    text = re.sub(
        r"(\d+(?:\.\d+)?) ?(million|万)", lambda found: f"{float(found[1]) * sizes[found[2]]:.0f}", text
    )
    return set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?", text))


def type_text(english: str) -> str:
    """The type of an option."""
    for pattern, chinese in TYPES:
        english = re.sub(pattern, chinese, english)
    return re.sub(r"(?<=[\u4e00-\u9fff]) (?=的)", "", english)
