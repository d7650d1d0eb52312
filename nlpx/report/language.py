"""The language of a report: its sentences are written in English, and looked up in `chinese.py`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from nlpx.core.filled import Filled
from nlpx.core.language import CHINESE, ENGLISH
from nlpx.report.chinese import SENTENCES

_language: ContextVar[str] = ContextVar("language", default=ENGLISH)


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
