"""Rhymes: which characters may end lines that rhyme."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.core.component import Split
from nlpx.core.options import InputFile


class RhymesSpec(Split):
    """The base of everything that puts characters into classes of rhyme."""

    kind: ClassVar[str] = "rhymes"


Rhymes = RhymesSpec


class RhymeTable(RhymesSpec):
    """A table of one's own, of 平水韵 or of a dialect: two characters rhyme that stand in one of its classes.

    Options:
        file: UTF-8, a class a line, `name<TAB>characters`; blanks between characters, blank lines and lines
            that begin with # are passed over. A character may stand in several classes.
    Shapes: character -> names of its classes.
    Data: characters in the script of the corpus; those that no class has rhyme with nothing.
    Relations: for decoder/verse and metric/rhyme.
    Reference: the format is nlpx's own.
    Example:
        data: {length: 20}
        decode: {type: verse, rhymes: {type: table, file: rhymes.tsv}}
    """

    implementation: ClassVar[str] = "nlpx.text.rhymes:RhymeTable"
    reads_files: ClassVar[bool] = True

    type: Literal["table"] = "table"
    file: InputFile


class PinyinRhymes(RhymesSpec):
    """Rhymes of modern Mandarin: the final of a character's most usual reading, in fourteen classes.

    a ia ua; o e uo; ie üe; ai uai; ei ui; ao iao; ou iu; an ian uan üan; en in un ün; ang iang uang;
    eng ing ong iong; i er ü; the i of zhi and zi; u

    Options: none.
    Shapes: character -> name of its class.
    Data: characters, simplified or traditional.
    Relations: for decoder/verse and metric/rhyme. Needs the extra `pinyin`. Not 平水韵: sounds have
        shifted since the Tang, and tones are not looked at.
    Reference: the fourteen classes of 中华新韵 (2005).
    Example:
        data: {length: 20}
        decode: {type: verse, rhymes: pinyin}
    """

    implementation: ClassVar[str] = "nlpx.text.rhymes:PinyinRhymes"
    extra: ClassVar[str] = "pinyin"

    type: Literal["pinyin"] = "pinyin"
