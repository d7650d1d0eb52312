"""How one config is laid over another."""

from __future__ import annotations

from nlpx.config.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode


def merge(base: MappingNode, over: MappingNode) -> MappingNode:
    """`over` on top of `base`: mappings merge key by key, lists and values are replaced.

    A component block is replaced as a whole when its `type` changes, since the options of one component mean
    nothing to another. The files of `include` add up, since a base needs its plugins whatever lies on top.
    """
    merged = _merge_mappings(base, over)
    below, above = base.value("include"), over.value("include")
    if below is None or above is None:
        return merged
    # Each once: a base that is reached on two ways brings the same items twice.
    items = {id(item): item for item in (*items_of(below), *items_of(above))}
    both = SequenceNode(above.mark, tuple(items.values()))
    return MappingNode(
        merged.mark, {**merged.entries, "include": Entry(merged.entries["include"].mark, both)}
    )


def items_of(node: Node) -> tuple[Node, ...]:
    """The items of a list; a single value is a list of one."""
    return node.items if isinstance(node, SequenceNode) else (node,)


def component_type(node: Node) -> str | None:
    """The component that a value names: its `type`, or itself where it is a bare name."""
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
        # `optimizer: adam` under `optimizer: {learning_rate: 0.01}`: options for the component named below.
        base = MappingNode(base.mark, {"type": Entry(base.mark, base)})
    if not isinstance(base, MappingNode) or (above is not None and below is not None and above != below):
        return over
    return _merge_mappings(base, over)
