"""A user dictionary: words that are made more or less probable before decoding."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from nlpx.core.files import Unreadable, read_regular
from nlpx.core.lazy import np
from nlpx.errors import DataError

SHOWN_PROBLEMS = 50
LARGEST = 1 << 26
"""Maximum size of a dictionary in bytes, enough for a few million words."""


class UserDictionary:
    """Words with factors: at every occurrence, the probabilities of the tags of a word are multiplied.

        P(b) of its first character, P(m) of those between, P(e) of its last; P(s) of a one-character word

    A factor above 1 makes the word more probable, a factor below 1 less. Overlapping and nested occurrences
    all apply. The original article (kexue.fm archive 4195) multiplies P(s) of the first character of a longer
    word, which no legal tagging of that word uses, instead of P(b). Its example is (微信号, 10), which turns
    微 信号 into 微信号.

    Args:
        factors: word -> factor, positive and finite. Words are matched against the original text.

    Raises:
        ValueError: an empty word or a factor that is not positive and finite.
    """

    def __init__(self, factors: Mapping[str, float]) -> None:
        # All prefixes of words; those that are words have a log factor.
        self._known: dict[str, float | None] = {}
        for word, factor in factors.items():
            if not (word and factor > 0 and math.isfinite(factor)):
                raise ValueError(f"expected a word with a factor above 0; got {word!r} with {factor}")
            for end in range(1, len(word)):
                self._known.setdefault(word[:end], None)
            self._known[word] = math.log(factor)

    @classmethod
    def load(cls, path: str | Path) -> UserDictionary:
        """Read a UTF-8 file with lines `word<TAB>factor` or `word,factor`.

        The separator is the tab, or the last comma if there is no tab. Blank lines and lines that begin
        with # are skipped. A word must not contain blanks, because blanks always separate words.

        Raises:
            DataError: the file cannot be read, or has invalid lines, each reported as `path:line: reason`.
        """
        try:
            lines = read_regular(Path(path), LARGEST).removeprefix(b"\xef\xbb\xbf").splitlines()
        except (FileNotFoundError, Unreadable) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise DataError(
                f"{path}: the user dictionary cannot be read: {reason}. Check `decode.dictionary`."
            ) from None
        factors: dict[str, float] = {}
        problems = []
        for number, line in enumerate(lines, 1):
            try:
                factors.update(_entry(line, factors))
            except ValueError as error:
                problems.append(f"{path}:{number}: {error}")
        if problems:
            rest = len(problems) - SHOWN_PROBLEMS
            more = [f"... and {rest} more"] if rest > 0 else []
            raise DataError("\n".join([*problems[:SHOWN_PROBLEMS], *more]))
        return cls(factors)

    def bias(self, text: str) -> np.ndarray | None:
        """Sums of log factors to add to log-probabilities of tags, (T, 4) float32; None if no word occurs."""
        from nlpx.text.tags import BEGIN, END, MIDDLE, SINGLE, TAGS

        bias = None
        for start, end, weight in self._occurrences(text):
            if bias is None:
                bias = np.zeros((len(text), len(TAGS)), np.float32)
            if end - start == 1:
                bias[start, SINGLE] += weight
            else:
                bias[start, BEGIN] += weight
                bias[start + 1 : end - 1, MIDDLE] += weight
                bias[end - 1, END] += weight
        return bias

    def _occurrences(self, text: str) -> Iterator[tuple[int, int, float]]:
        known = self._known
        for start in range(len(text)):
            end = start + 1
            while (prefix := text[start:end]) in known and end <= len(text):
                weight = known[prefix]
                if weight is not None:
                    yield start, end, weight
                end += 1


def _entry(line: bytes, before: Mapping[str, float]) -> dict[str, float]:
    """The word of a line with its factor; nothing for a comment. Raises ValueError for an invalid line."""
    try:
        text = line.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise ValueError(
            f"not UTF-8: {error.reason} at byte {error.start + 1}; save the file as UTF-8"
        ) from None
    if not text or text.startswith("#"):
        return {}
    count = text.count("\t") + 1
    if count > 2:
        raise ValueError(f"{count} columns; expected a word, a tab or comma, and a factor, as in 微信号,10")
    word, separator, number = text.rpartition("\t" if "\t" in text else ",")
    word = word.strip()
    if not (separator and word):
        raise ValueError(f"got {text!r}, expected a word, a tab or comma, and a factor, as in 微信号,10")
    if word.split() != [word]:
        raise ValueError(
            f"{word!r} contains a blank, but blanks always separate words; "
            "expected a word, a tab or comma, and a factor, as in 微信号,10"
        )
    try:
        factor = float(number)
    except ValueError:
        raise ValueError(f"{number.strip()!r} is not a number; expected a factor, as in 微信号,10") from None
    if not (factor > 0 and math.isfinite(factor)):
        raise ValueError(f"the factor of {word!r} is {number.strip()}; expected a finite number above 0")
    if before.get(word, factor) != factor:
        raise ValueError(
            f"{word!r} also occurs with the factor {before[word]:g}; delete one of the two lines"
        )
    return {word: factor}
