"""How one config is laid over another."""

from __future__ import annotations

from nlpx.config.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode


def merge(base: MappingNode, over: MappingNode) -> MappingNode:
    """`over` on top of `base`: mappings merge key by key, lists and values are replaced.

    A component block is replaced as a whole when its `type` changes, since the options of one component mean
    nothing to another. `include` lists add up, since a base needs its plugins whatever stands above it.
    """
    entries = dict(base.entries)
    for key, entry in over.entries.items():
        below = base.value(key)
        if below is None:
            entries[key] = entry
        elif key == "include" and isinstance(below, SequenceNode) and isinstance(entry.value, SequenceNode):
            entries[key] = Entry(entry.mark, SequenceNode(entry.value.mark, below.items + entry.value.items))
        else:
            entries[key] = Entry(entry.mark, _merge_values(below, entry.value))
    return MappingNode(over.mark, entries)


def _merge_values(base: Node, over: Node) -> Node:
    if not isinstance(over, MappingNode):
        return over
    kept, new = component_type(base), component_type(over)
    if isinstance(base, ScalarNode) and kept is not None and new is None:
        # `optimizer: adam` under `optimizer: {learning_rate: 0.01}`: options for the component named below.
        return merge(MappingNode(base.mark, {"type": Entry(base.mark, base)}), over)
    if not isinstance(base, MappingNode) or (new is not None and kept is not None and new != kept):
        return over
    return merge(base, over)


def component_type(node: Node) -> str | None:
    """The component that a value names: its `type`, or itself where it is a bare name."""
    if isinstance(node, MappingNode):
        value = node.value("type")
        return component_type(value) if isinstance(value, ScalarNode) else None
    return node.value if isinstance(node, ScalarNode) and isinstance(node.value, str) else None
