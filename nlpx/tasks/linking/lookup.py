"""What a run knows of names and entities: dictionary, candidates and how often they were linked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from nlpx.components.sources.linked_texts import LinkedText
from nlpx.data.codec import Vocabularies
from nlpx.data.knowledge import Entity, read_entity
from nlpx.text.names import NameDictionary, cleaned
from nlpx.text.vocabulary import UNKNOWN, Vocabulary

ENTITY, NAME, LINK = "entity", "name", "link"
"""Vocabularies: entities as lines of JSON, with the number of their links; the names of the dictionary, with
the number of texts in which they are mentions; `kb_id<TAB>name`, with the number of such links."""

Normalize = Callable[[str], str]


def derived(
    rows: Iterable[LinkedText], normalize: Normalize, cleaning: float | None, length: int
) -> dict[str, Vocabulary]:
    """The vocabularies of the training rows.

    Args:
        rows: the rows, whose knowledge base is the same.
        normalize: normalizes a text.
        cleaning: the ratio of texts without and with a mention above which a name is dropped; None keeps all.
        length: maximum length of a description.
    """
    entities: list[Entity] = []
    dictionary = NameDictionary(())
    matched, annotated, links = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    for row in rows:
        if not entities:
            entities = list(row.knowledge.values())
            names = dict.fromkeys(normalize(name) for entity in entities for name in entity.names)
            dictionary = NameDictionary(names)
            matched.update(dict.fromkeys(names, 0))
        text = normalize(row.text)
        mentions = {normalize(mention.text) for mention in row.linked}
        matched.update({text[start:end] for start, end in dictionary.match(text)} - mentions)
        annotated.update(mentions)
        links.update((mention.kb_id, normalize(mention.text)) for mention in row.linked)
    kept = [*matched] if cleaning is None else cleaned(matched, annotated, cleaning)
    kept = [name for name in kept if name in dictionary and name != UNKNOWN]
    uses = Counter[str]()
    for (kb_id, _), count in links.items():
        uses[kb_id] += count
    return {
        ENTITY: Vocabulary(
            [UNKNOWN, *(entity.shortened(length).line for entity in entities)],
            [0, *(uses[entity.kb_id] for entity in entities)],
        ),
        NAME: Vocabulary([UNKNOWN, *kept], [0, *(annotated[name] for name in kept)]),
        LINK: Vocabulary.build(
            Counter({f"{kb_id}\t{name}": count for (kb_id, name), count in links.items()})
        ),
    }


class Lookup:
    """Finds names in texts, and the entities that a name may mean.

    Args:
        vocabularies: those of `derived`.
        normalize: normalizes a text.
        min_links: number of links by which an entity is a candidate for a name.
    """

    def __init__(self, vocabularies: Vocabularies, normalize: Normalize, min_links: int) -> None:
        entities = map(read_entity, vocabularies[ENTITY].tokens[1:])
        self.entities = [entity for entity in entities if isinstance(entity, Entity)]
        self.dictionary = NameDictionary(vocabularies[NAME].tokens[1:])
        self.places = {entity.kb_id: place for place, entity in enumerate(self.entities)}
        """The place of an entity in `entities`, by its identifier."""
        self.named: dict[str, list[int]] = {}
        """The places of all entities with a name."""
        for place, entity in enumerate(self.entities):
            for name in dict.fromkeys(map(normalize, entity.names)):
                self.named.setdefault(name, []).append(place)
        self._links: dict[str, dict[int, int]] = {}
        links = vocabularies[LINK]
        for token, count in zip(links.tokens[1:], links.counts[1:], strict=True):
            kb_id, _, name = token.partition("\t")
            if kb_id in self.places:
                self._links.setdefault(name, {})[self.places[kb_id]] = count
        self._min_links = min_links

    @cached_property
    def whole_dictionary(self) -> NameDictionary:
        """The dictionary of all names, as it is before cleaning."""
        return NameDictionary(self.named)

    def candidates(self, name: str) -> list[int]:
        """The entities that a name often meant in the training split; if none, all with the name."""
        often = [place for place, count in self.links(name).items() if count >= self._min_links]
        return sorted(often) or self.named.get(name, [])

    def links(self, name: str) -> Mapping[int, int]:
        """How often a name meant each entity in the training split."""
        return self._links.get(name, {})

    def most_frequent(self, name: str) -> int | None:
        """What a name meant most often in the training split; without links, the first with the name."""
        links = self.links(name)
        named = self.named.get(name, [])
        if links:
            return max(links, key=lambda place: (links[place], -place))
        return named[0] if named else None
