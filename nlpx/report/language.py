"""The language of a report: its sentences are written in English, and looked up in `chinese.py`.

Environment:
    NLPX_LANG: `zh` or `en`; by default, the language of the terminal if it is Chinese, else English.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from nlpx.core.filled import Filled
from nlpx.errors import UsageError
from nlpx.report.chinese import SENTENCES

VARIABLE = "NLPX_LANG"
ENGLISH, CHINESE = "en", "zh"
LANGUAGES = (CHINESE, ENGLISH)
LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Variables of the terminal's language; the first one that is set decides."""
SHOWN = 40

_language: ContextVar[str] = ContextVar("language", default=ENGLISH)


def preferred() -> str:
    """The language of a report if none is asked for.

    Raises:
        UsageError: $NLPX_LANG is no language of reports.
    """
    wanted = os.environ.get(VARIABLE)
    if wanted:
        if wanted not in LANGUAGES:
            raise UsageError(f"${VARIABLE} is {wanted[:SHOWN]!r}. Expected {' or '.join(LANGUAGES)}.")
        return wanted
    locale = next(filter(None, map(os.environ.get, LOCALE)), "")
    return CHINESE if locale.lower().startswith(CHINESE) else ENGLISH


@contextmanager
def written_in(language: str) -> Iterator[None]:
    """Within it, sentences are in a language."""
    before = _language.set(language)
    try:
        yield
    finally:
        _language.reset(before)


def language() -> str:
    """The language of the report that is being written."""
    return _language.get()


def phrase(english: str, /, **values: object) -> str:
    """A sentence of the report in its language, with values in place of the names in braces."""
    template = SENTENCES[english] if language() == CHINESE else english
    return template.format(**values)


def translated(text: str) -> str:
    """A text from elsewhere in the language of the report; as it is if there is no translation."""
    if language() != CHINESE:
        return text
    if isinstance(text, Filled):
        found = SENTENCES.get(text.template)
        return text if found is None else found.format(**text.values)
    return SENTENCES.get(text, text)
