"""Merge a config with the config it extends."""

from __future__ import annotations

from nlpx.config.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode


def merge(base: MappingNode, over: MappingNode) -> MappingNode:
    """Merge `over` into `base`: mappings are merged by key, lists and values are replaced.

    A component is replaced as a whole if its `type` changes, because options belong to one type. The files of
    `include` are concatenated, because a base still needs its plugins.
    """
    merged = _merge_mappings(base, over)
    below, above = base.value("include"), over.value("include")
    if below is None or above is None:
        return merged
    # Remove duplicates, because a base that is extended twice contributes the same items twice.
    items = {id(item): item for item in (*items_of(below), *items_of(above))}
    both = SequenceNode(above.mark, tuple(items.values()))
    return MappingNode(
        merged.mark, {**merged.entries, "include": Entry(merged.entries["include"].mark, both)}
    )


def items_of(node: Node) -> tuple[Node, ...]:
    """The items of a list; a single value is a list of one."""
    return node.items if isinstance(node, SequenceNode) else (node,)


def component_type(node: Node) -> str | None:
    """The component type of a value: its `type`, or the value itself if it is a string."""
    if isinstance(node, MappingNode):
        value = node.value("type")
        return component_type(value) if isinstance(value, ScalarNode) else None
    return node.value if isinstance(node, ScalarNode) and isinstance(node.value, str) else None


def _merge_mappings(base: MappingNode, over: MappingNode) -> MappingNode:
    entries = dict(base.entries)
    for key, entry in over.entries.items():
        below = base.value(key)
        entries[key] = entry if below is None else Entry(entry.mark, _merge_values(below, entry.value))
    return MappingNode(over.mark, entries)


def _merge_values(base: Node, over: Node) -> Node:
    if not isinstance(over, MappingNode):
        return over
    below, above = component_type(base), component_type(over)
    if isinstance(base, ScalarNode) and below is not None and above is None:
        # `optimizer: {learning_rate: 0.01}` merged into `optimizer: adam` adds options to the component.
        base = MappingNode(base.mark, {"type": Entry(base.mark, base)})
    if not isinstance(base, MappingNode) or (above is not None and below is not None and above != below):
        return over
    return _merge_mappings(base, over)
