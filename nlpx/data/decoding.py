"""Decode the lines of a file, in the declared character set, with errors that name line and byte."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from nlpx.data.formats.character_sets import Encoding, guess
from nlpx.errors import DataError

BYTE_ORDER_MARK = "\ufeff"
MARKS: dict[bytes, Encoding] = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
SEEN = 1 << 16
"""Bytes at the beginning of a file that are inspected."""
TELLING = 24
"""Number of bytes outside ASCII that are not UTF-8 by chance."""
CHUNK = 1 << 18


@dataclass(frozen=True)
class Declared:
    """A character set that a user declared, or could have declared.

    Attributes:
        encoding: the character set.
        option: where it is declared: a key of a config, or an option of a command.
    """

    encoding: Encoding = "utf-8"
    option: str = "data.source.encoding"

    def advice(self, encoding: Encoding) -> str:
        """How to declare another character set."""
        of_command = self.option.startswith("--")
        return f"give {self.option} {encoding}" if of_command else f"set {self.option}: {encoding}"


Declaration = Encoding | Declared | None
"""The character set of a config; one with its option; or None where there is no such option."""


def declared_as(declaration: Declaration) -> Declared | None:
    """A declaration with its option."""
    return declaration if isinstance(declaration, Declared | None) else Declared(declaration)


def encoding_of(start: bytes, declaration: Declaration, path: Path | str) -> Encoding:
    """The declared character set, or UTF-8; UTF-16 if a file begins with its mark, as those of Excel do.

    Args:
        start: the first bytes of the file.
        declaration: what the user declared.
        path: the name of the file, for messages.

    Raises:
        DataError: another character set is declared than the file certainly has.
    """
    declared = declared_as(declaration)
    marked = MARKS.get(start[:2])
    if declared is None or declared.encoding == "utf-8":
        return marked or "utf-8"
    if declared.encoding.startswith("utf-16"):
        # Without a mark, UTF-16 is that of Windows.
        return marked or ("utf-16-be" if declared.encoding == "utf-16-be" else "utf-16-le")
    certain = "UTF-16" if marked else "UTF-8" if _is_utf_8(start) else ""
    if certain:
        raise DataError(
            f"{path}: this file is {certain}, but {declared.option} is {declared.encoding}. "
            "Remove that option."
        )
    return declared.encoding


def _is_utf_8(start: bytes) -> bool:
    if start.startswith(codecs.BOM_UTF8):
        return True
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(start)  # the last character may be cut
    except UnicodeDecodeError:
        return False
    return len(text.encode()) - sum(map(str.isascii, text)) >= TELLING


def decoded(raw: bytes, encoding: Encoding, declaration: Declaration, where: str, start: bytes = b"") -> str:
    """A line in UTF-8, GB18030 or Big5.

    Args:
        declaration: the option of the user; None if there is no such option.
        where: the position of the line, for messages.
        start: the first bytes of the file, by which UTF-16 is known; lines of it are cut within characters.

    Raises:
        DataError: it is in another character set, or contains zero bytes.
    """
    if b"\0" not in raw:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as error:
            name = encoding.upper()
            what = f"byte {error.start + 1} of this line ({raw[error.start]:#04x}) is not {name}"
    else:
        what = f"byte {raw.index(0) + 1} of this line is zero"
    declared = declared_as(declaration)
    found = guess(raw)
    if found is not None and found.name == "UTF-16":
        found = guess(start or raw)
    if found is not None:
        what += f": the file looks like {found.name}"
    elif b"\0" in raw:
        if "".join(raw.replace(b"\0", b"").decode("utf-8", "ignore").split()).isprintable():
            advice = "if the rest is text, remove all zero bytes: `tr -d '\\000' < OLD > NEW`"
            raise DataError(f"{where}: {what}. Text has none; {advice}.")
        raise DataError(f"{where}: {what}: the file is binary or UTF-16. Expected UTF-8 text.")
    if declared is not None and declared.encoding != "utf-8":
        advice = f"correct {declared.option}" if found is None else declared.advice(found.encoding)
        raise DataError(f"{where}: {what}. Expected {declared.encoding} as declared; {advice}.")
    convert = f"`iconv -f {found.iconv if found else 'GB18030'} -t UTF-8 OLD > NEW`"
    advice = f"convert the file{'' if found else ', for example'} with {convert}"
    if declared:
        option = declared.advice(found.encoding if found else "gb18030")
        advice = f"{option}{'' if found else ', for example'}, or {advice}"
    raise DataError(f"{where}: {what}. Expected UTF-8 text; {advice}.")


def utf_16_lines(file: BufferedReader, encoding: Encoding, longest: int, path: Path) -> Iterator[str | None]:
    r"""The lines of a file in UTF-16, without \n; None, at the end, for one with more than `longest` bytes.

    Raises:
        DataError: it is not UTF-16.
    """
    decode = codecs.getincrementaldecoder(encoding)().decode
    number, rest, raw = 1, "", b"\n"
    while raw:
        raw = file.read(CHUNK)
        try:
            text = decode(raw, not raw)
        except UnicodeDecodeError as error:
            line = number + error.object[: error.start].decode(encoding).count("\n")
            raise DataError(
                f"{path}:{line}: this line is not UTF-16: {error.reason}. Expected UTF-16, as declared or by "
                "the mark at the beginning of the file; copy the file again."
            ) from None
        *lines, rest = (rest + text).split("\n")
        for line_text in lines:
            yield line_text if 2 * len(line_text) <= longest else None
        number += len(lines)
        if 2 * len(rest) > longest:
            yield None
            return
    if rest:
        yield rest
