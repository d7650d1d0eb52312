"""Precision, recall and F1 of linked mentions."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Values


class EntityLinking(Metric):
    """Micro precision, recall and F1 of mentions with their entities, and both parts of the task alone.

    link_f1 = 2 correct / (predicted + reference)

    A predicted mention is correct if text, offset and entity are those of a reference mention. mention_f1
    ignores entities. link_accuracy is the proportion of reference mentions for which the right entity is
    chosen when the mention is given.

    Options: none.
    Shapes: five values per split, 0 to 1.
    Data: texts with mentions of entities. Mentions that are not in the knowledge base do not count: a
        prediction there is wrong.
    Relations: link_f1 is at most mention_f1, as a mention has one entity. --reference adds the values of
        dictionaries of names.
    Reference: the measure of CCKS 2019 entity linking; kexue.fm archive 6919.
    Example:
        metrics: [entity_linking]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"reference_links", "predicted_links", "chosen_entities"})
    directions: ClassVar[Directions] = {
        "link_precision": "max",
        "link_recall": "max",
        "link_f1": "max",
        "mention_f1": "max",
        "link_accuracy": "max",
    }

    type: Literal["entity_linking"] = "entity_linking"

    def terms(self, example: Values) -> Terms:
        reference, predicted = set(example.reference_links), set(example.predicted_links)
        spans, found = ({link[:2] for link in links} for links in (reference, predicted))
        correct, both = len(reference & predicted), len(reference) + len(predicted)
        right = [
            chosen == link[2]
            for link, chosen in zip(example.reference_links, example.chosen_entities, strict=True)
        ]
        return {
            "link_precision": (correct, len(predicted)),
            "link_recall": (correct, len(reference)),
            "link_f1": (2 * correct, both),
            "mention_f1": (2 * len(spans & found), len(spans) + len(found)),
            "link_accuracy": (sum(right), len(right)),
        }
