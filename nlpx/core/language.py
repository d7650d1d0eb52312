"""The language that a user reads.

Environment:
    NLPX_LANG: `zh` or `en`; by default, Chinese if the language of the terminal is, else English.
"""

from __future__ import annotations

import os

from nlpx.errors import UsageError

VARIABLE = "NLPX_LANG"
ENGLISH, CHINESE = "en", "zh"
LANGUAGES = (CHINESE, ENGLISH)
LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Variables of the language of the terminal, the most important one first."""


def preferred() -> str:
    """The language if a command does not name one.

    Raises:
        UsageError: $NLPX_LANG is another word.
    """
    asked = os.environ.get(VARIABLE, "")
    if asked in LANGUAGES:
        return asked
    if asked:
        raise UsageError(f"${VARIABLE} is {asked[:40]!r}. Expected {' or '.join(LANGUAGES)}.")
    terminal = next((value for name in LOCALE if (value := os.environ.get(name))), "")
    return CHINESE if terminal.lower().startswith(CHINESE) else ENGLISH
