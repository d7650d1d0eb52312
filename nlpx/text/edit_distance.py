"""Edit distance."""

from __future__ import annotations


def edit_distance(one: str, other: str) -> int:
    """Fewest insertions, deletions and replacements of a character that make one text the other.

    By bit vectors: bit i of `up` and `down` is 1 where a column of the usual table increases and decreases
    from row i to row i + 1.

    Source: Myers 1999; Hyyrö 2003.
    """
    if not one:
        return len(other)
    places: dict[str, int] = {}
    for i, character in enumerate(one):
        places[character] = places.get(character, 0) | 1 << i
    full, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    up, down, distance = full, 0, len(one)
    for character in other:
        equal = places.get(character, 0)
        diagonal = (((equal & up) + up) ^ up) | equal | down
        right, left = (down | ~(diagonal | up)) & full, diagonal & up
        distance += bool(right & last) - bool(left & last)
        right, left = right << 1 | 1, left << 1
        up, down = (left | ~(diagonal | right)) & full, right & diagonal & full
    return distance
