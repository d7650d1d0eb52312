"""`${vars.x}` and `${env:X}`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.config.interpolate import LONGEST_CHAIN, escape, interpolate
from nlpx.config.nodes import MappingNode, Plain
from nlpx.config.parse import parse
from nlpx.config.problems import Problem
from nlpx.config.source import Source
from tests.config.conftest import Problems

ENVIRONMENT = {"N": "12", "WORD": "晚风", "EMPTY": "", "RATE": "1e-3"}


def resolved(text: str) -> tuple[Plain, list[Problem]]:
    tree, problems = parse(Source("c.yaml", text, Path()))
    assert isinstance(tree, MappingNode)
    found = interpolate(tree, ENVIRONMENT)
    return found.tree.plain(), [*problems, *found.problems]


def value(text: str) -> Plain:
    tree, problems = resolved(text)
    assert not problems
    assert isinstance(tree, dict)
    return tree["a"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vars: {x: 1e-3}\na: ${vars.x}\n", 1e-3),
        ("vars: {x: 1e-3}\na: lr-${vars.x}\n", "lr-1e-3"),
        ("vars: {x: 3}\na: '${vars.x}'\n", 3),
        ("vars: {x: true, y: ~}\na: ['${vars.x}', '${vars.y}']\n", [True, None]),
        ("vars: {x: [1, {b: 2}]}\na: ${vars.x}\n", [1, {"b": 2}]),
        ("vars: {x: {y: 5}}\na: ${vars.x.y}\n", 5),
        ("vars: {x: [7, 8]}\na: ${vars.x}\n", [7, 8]),
        ("vars: {x: 3, y: 'n${vars.x}'}\na: ${vars.y}\n", "n3"),
        ("vars: {y: '${vars.x}', x: 3}\na: ${vars.y}\n", 3),
        ("a: ${env:N}\n", 12),
        ("a: ${env:RATE}\n", 1e-3),
        ("a: x${env:N}\n", "x12"),
        ("a: ${env:WORD}\n", "晚风"),
        ("a: ${env:EMPTY}\n", None),
        ("a: ${env:GONE:-5}\n", 5),
        ("a: ${env:GONE:-}\n", None),
        ("a: ${env:N:-5}\n", 12),
        ("a: b/${env:GONE:-c/d:e}\n", "b/c/d:e"),
        ("a: $${vars.x}\n", "${vars.x}"),
        ("a: $$${x}\n", "$${x}"),
        ("a: $5 and {x}\n", "$5 and {x}"),
    ],
)
def test_values(text: str, expected: Plain) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("vars: {rate: 1}\na: ${vars.rat}\n", "did you mean rate?"),
        ("a: ${vars.x}\n", "there are no vars"),
        ("vars: {b: 1}\na: ${vars.xyzzy}\n", "vars has b"),
        ("a: ${env:GONE}\n", "${env:GONE:-value}"),
        ("vars: {x: 1}\na: ${x}\n", "did you mean ${vars.x}?"),
        ("a: ${HOME}\n", "$${"),
        ("a: x${vars.\n", "not closed"),
        ("vars: {x: [1]}\na: n${vars.x}\n", "a list or a mapping"),
        ("vars: {x: '${vars.y}', y: '${vars.x}'}\na: ${vars.x}\n", "x -> y -> x"),
        ("vars: {x: '${vars.x}'}\na: ${vars.x}\n", "x -> x"),
    ],
)
def test_references_to_nothing(text: str, words: str) -> None:
    _, (problem,) = resolved(text)
    assert problem.code == "C010"
    assert words in str(problem)


def test_a_wrong_reference_is_told_once_and_causes_no_other_problem(problems: Problems) -> None:
    found = problems(
        "task: couplet\nvars: {a: '${vars.b}'}\ntrain: {epochs: '${vars.a}', steps: '${vars.a}'}\n"
    )
    assert [problem.path for problem in found] == ["vars.a"]


def test_vars_of_the_wrong_type(problems: Problems) -> None:
    (problem,) = problems("task: couplet\nvars: [1]\n")
    assert (problem.code, problem.path) == ("C103", "vars")


def test_long_chains_and_growing_texts_are_refused() -> None:
    chain = ", ".join(f"v{i}: '${{vars.v{i + 1}}}'" for i in range(LONGEST_CHAIN + 2))
    _, problems = resolved(f"vars: {{{chain}}}\na: ${{vars.v0}}\n")
    assert problems[0].code == "C010"
    doubling = "\n".join(f"  v{i}: ${{vars.v{i - 1}}}${{vars.v{i - 1}}}" for i in range(1, 60))
    references = "\n".join(f"  - ${{vars.v{i}}}" for i in range(60))
    _, problems = resolved(f"vars:\n  v0: x\n{doubling}\na:\n{references}\n")
    assert any("more than 1,048,576 characters" in problem.what for problem in problems)


def test_variables_cannot_make_a_tree_explode() -> None:
    lists = "\n".join(f"  v{i}: [{', '.join([repr(f'${{vars.v{i - 1}}}')] * 10)}]" for i in range(1, 30))
    references = "\n".join(f"  - ${{vars.v{i}}}" for i in range(30))
    _, problems = resolved(f"vars:\n  v0: x\n{lists}\na:\n{references}\n")
    assert any(problem.code == "C008" for problem in problems)


def test_a_wrong_value_is_shown_where_it_is_used(problems: Problems) -> None:
    (problem,) = problems("task: couplet\nvars: {n: many}\ntrain:\n  epochs: ${vars.n}\n")
    assert (problem.mark.line, problem.mark.column) == (4, 11)
    assert problem.got == 'the string "many"'


@given(st.text(alphabet="${}vars.x:en", max_size=12))
def test_escaped_text_stands_for_itself(text: str) -> None:
    tree, problems = parse(Source("c.yaml", f"a: '{escape(text)}'\n", Path()))
    assert isinstance(tree, MappingNode)
    found = interpolate(tree, {})
    assert (found.tree.plain(), problems, found.problems) == ({"a": text}, [], [])
