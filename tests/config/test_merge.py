"""Laying one tree over another."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from nlpx.config.merge import merge
from nlpx.config.nodes import Entry, MappingNode, Node, Plain, ScalarNode, SequenceNode
from nlpx.config.source import Mark, Source

HERE = Mark(Source("c.yaml", "", Path()), 0)
Tree: TypeAlias = dict[str, Plain]


def node(value: Plain) -> Node:
    if isinstance(value, dict):
        return mapping(value)
    if isinstance(value, list):
        return SequenceNode(HERE, tuple(map(node, value)))
    return ScalarNode(HERE, value, str(value))


def mapping(value: Tree) -> MappingNode:
    return MappingNode(HERE, {key: Entry(HERE, node(item)) for key, item in value.items()})


def merged(base: Tree, over: Tree) -> Plain:
    return merge(mapping(base), mapping(over)).plain()


def test_mappings_merge_lists_are_replaced() -> None:
    base: Tree = {"train": {"epochs": 1, "steps": 2}, "samples": ["a", "b"], "seed": 1}
    over: Tree = {"train": {"steps": 3}, "samples": ["c"], "name": "x"}
    assert merged(base, over) == {
        "train": {"epochs": 1, "steps": 3},
        "samples": ["c"],
        "seed": 1,
        "name": "x",
    }


def test_component_of_the_same_type_merges() -> None:
    over: Tree = {"optimizer": {"type": "adam", "epsilon": 1}}
    assert merged({"optimizer": {"type": "adam", "beta_1": 0.8}}, over) == {
        "optimizer": {"type": "adam", "beta_1": 0.8, "epsilon": 1}
    }


def test_component_of_another_type_is_replaced() -> None:
    over: Tree = {"optimizer": {"type": "sgd"}}
    assert merged({"optimizer": {"type": "adam", "beta_1": 0.8}}, over) == {"optimizer": {"type": "sgd"}}
    assert merged({"optimizer": "adam"}, over) == {"optimizer": {"type": "sgd"}}


def test_bare_name_replaces_a_block() -> None:
    assert merged({"optimizer": {"type": "adam", "beta_1": 0.8}}, {"optimizer": "adam"}) == {
        "optimizer": "adam"
    }


def test_options_without_a_type_go_to_the_component_below() -> None:
    over: Tree = {"optimizer": {"learning_rate": 0.1}}
    expected = {"optimizer": {"type": "adam", "learning_rate": 0.1}}
    assert merged({"optimizer": "adam"}, over) == expected
    assert merged({"optimizer": {"type": "adam"}}, over) == expected


def test_null_replaces() -> None:
    assert merged({"train": {"steps": 5}}, {"train": None}) == {"train": None}


def test_includes_add_up_at_the_top_only() -> None:
    base: Tree = {"include": ["a.py"], "x": {"include": ["a"]}}
    assert merged(base, {"include": "b.py", "x": {"include": ["b"]}}) == {
        "include": ["a.py", "b.py"],
        "x": {"include": ["b"]},
    }


keys = st.sampled_from(["a", "b", "c", "train", "optimizer"])
scalars = st.one_of(st.integers(), st.booleans(), st.none(), st.text(max_size=3))
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
trees = st.dictionaries(keys, values, max_size=4)


@given(trees)
def test_merging_with_nothing_or_with_itself_changes_nothing(tree: Tree) -> None:
    assert merged(tree, {}) == tree
    assert merged({}, tree) == tree
    assert merged(tree, tree) == tree


def leaves_only(depth: int) -> st.SearchStrategy[Tree]:
    """Trees of one shape: the key tells whether its value is a mapping, so none ever replaces another kind."""
    inner: dict[str, st.SearchStrategy[Plain]] = {
        "a": st.integers(),
        "b": st.lists(st.integers(), max_size=2),
        "c": st.none() | st.integers(),
    }
    if depth:
        inner = {**inner, "train": leaves_only(depth - 1), "data": leaves_only(depth - 1)}
    return st.fixed_dictionaries({}, optional=inner)


@given(leaves_only(2), leaves_only(2), leaves_only(2))
def test_merging_is_associative_where_kinds_agree(a: Tree, b: Tree, c: Tree) -> None:
    left = merge(merge(mapping(a), mapping(b)), mapping(c)).plain()
    right = merge(mapping(a), merge(mapping(b), mapping(c))).plain()
    assert left == right


@given(leaves_only(2), leaves_only(2))
def test_the_upper_tree_is_there_afterwards(a: Tree, b: Tree) -> None:
    assert merged(merged_tree := dict_of(merged(a, b)), b) == merged_tree


def dict_of(value: Plain) -> Tree:
    assert isinstance(value, dict)
    return value
