"""What rhymes are."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from nlpx.core.component import Component


class Rhymes(Component):
    """The base of everything that puts characters into classes of rhyme."""

    kind: ClassVar[str] = "rhymes"

    @property
    def name(self) -> str:
        """What a message calls them."""
        return self.type

    @abstractmethod
    def classes(self, character: str) -> frozenset[str]:
        """The names of a character's classes; empty where it rhymes with nothing."""

    def rhyme(self, one: str, other: str) -> bool:
        """Whether two different characters share a class; a character does not rhyme with itself."""
        return one != other and not self.classes(one).isdisjoint(self.classes(other))
