"""Classes of rhyme by the sound of characters in Mandarin."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import ClassVar, Literal, Self

from nlpx.components.rhymes.base import Rhymes
from nlpx.core.extras import how_to_install, missing_modules
from nlpx.errors import EnvironmentProblem

FINALS = (
    "a ia ua, o e uo, ie ve ê, ai uai, ei uei, ao iao, ou iou, an ian uan van, en in uen vn, ang iang uang, "
    "eng ing ueng ong iong, i er v, -i, u"
)
"""The classes of modern Mandarin as pypinyin spells finals: v is ü; -i is that of zhi and zi."""
CLASS_OF: Mapping[str, str] = MappingProxyType(
    {final: finals for finals in FINALS.split(", ") for final in finals.split()}
)
BUZZING = frozenset(("zh", "ch", "sh", "r", "z", "c", "s"))
"""Initials after which i is another vowel."""


class PinyinRhymes(Rhymes):
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

    extra: ClassVar[str] = "pinyin"

    type: Literal["pinyin"] = "pinyin"

    def prepare(self) -> Self:
        if missing_modules(self.extra):
            what = "rhymes: pinyin reads characters by pypinyin, which is not installed"
            raise EnvironmentProblem(f"{what}. Install it: {how_to_install(self.extra)}")
        return super().prepare()

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
