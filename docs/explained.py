"""The entries of the pages about errors, which `nlpx describe error/CODE` prints."""

from __future__ import annotations

import json
import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
TARGET = FOLDER.parent / "nlpx" / "config" / "explanations.json"
PAGES = {"en": "errors.md", "zh": "errors.zh-CN.md"}
ENTRY = re.compile(
    r"### (?P<code>C\d+)(?:: |：)(?P<title>.+)\n\n```text\n(?P<example>(?s:.*?))\n```\n\n"
    r"(?P<advice>(?s:.*?))\n*\Z"
)


def explanations() -> str:
    """The content of the file, by code and language."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for language, page in PAGES.items():
        text = (FOLDER / page).read_text(encoding="utf-8")
        for part in re.split(r"(?m)^(?=##)", text):
            if part.startswith("### "):
                match = ENTRY.match(part)
                if match is None:
                    raise ValueError(f"docs/{page} has an entry without example or advice: {part[:60]!r}")
                entry = match.groupdict()
                found.setdefault(entry.pop("code"), {})[language] = entry
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"
