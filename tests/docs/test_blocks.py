"""Configs that pages show are configs; other blocks are what they say they are."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from nlpx.config.load import load_experiment
from nlpx.config.problems import ConfigProblems
from nlpx.core.component import builtin_registry
from nlpx.sweeps.load import is_sweep, load_sweep
from tests.docs.commands import LANGUAGES, of_block
from tests.docs.pages import ROOT, Block, Span, markdown_pages, read
from tests.docs.stand_ins import TASKS, task_of

GENERATED = ("docs/components.md", "docs/components.zh-CN.md")
"""Their examples are those that tests/specs loads, their formulas those that tests/docs/test_formulas.py reads."""
BLOCKS = [
    item
    for page in markdown_pages()
    if page not in GENERATED
    for item in read(page)
    if isinstance(item, Block)
]
SECTIONS = {
    "source",
    *(
        key
        for component in builtin_registry()
        if component.kind == "task"
        for key in component.component.model_fields
    ),
}
"""What a piece of a config may begin with."""
MISSING = "C102"
PIECE = re.compile(rf"(?:{'|'.join(sorted(SECTIONS - {'type'}))})(?:\.\w+)*: .+")
PIECES = [
    item
    for page in markdown_pages()
    for item in read(page)
    if isinstance(item, Span) and PIECE.fullmatch(item.text) and "..." not in item.text
]


def configs() -> list[Block]:
    return [block for block in BLOCKS if block.language == "yaml"]


def write(text: str, task: str, folder: Path) -> Path:
    """A config; a piece of one is laid over the config of its task."""
    path = folder / "shown.yaml"
    if re.search(r"^space:", text, re.MULTILINE):
        path.write_text(text.replace("config: ..", f"config: {ROOT / 'configs'}"), encoding="utf-8")
        return path
    base = "" if re.search(r"^task:", text, re.MULTILINE) else f"extends: {ROOT / 'configs' / task}.yaml\n"
    path.write_text(base + text, encoding="utf-8")
    return path


@pytest.mark.parametrize("block", configs(), ids=lambda block: block.where)
def test_a_config_loads(block: Block, tmp_path: Path) -> None:
    path = write(block.text, task_of(block), tmp_path)
    if is_sweep(path):
        load_sweep(path)
    else:
        load_experiment(path, moved=True)


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.where)
def test_keys_and_values_of_a_piece_of_a_config_are_known(piece: Span, tmp_path: Path) -> None:
    """Whether all parts fit together is a matter of the rest of the config."""
    keys, _, value = piece.text.partition(": ")
    path = [*{"source": ["data"]}.get(keys, []), *keys.split(".")]
    text = "".join(f"{'  ' * depth}{key}:\n" for depth, key in enumerate(path)).rstrip("\n") + f" {value}\n"
    tasks = TASKS if piece.page in ("CHANGELOG.md", "CONTRIBUTING.md") else (task_of(piece),)
    assert any(wrong(write(text, task, tmp_path)) == [] for task in tasks)


def wrong(config: Path) -> list[str]:
    """What is wrong with keys and values by themselves."""
    try:
        load_experiment(config, moved=True)
    except ConfigProblems as error:
        return [str(problem) for problem in error.problems if problem.code < "C2" and problem.code != MISSING]
    return []


def test_a_shortened_config_says_nothing_else() -> None:
    shortened = [
        (block, named[1])
        for block in configs()
        if (named := re.match(r"# (configs/\S+\.yaml)\b", block.text))
    ]
    assert {block.page for block, _ in shortened} == {"README.md", "README.zh-CN.md"}
    for block, name in shortened:
        whole = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
        assert within(yaml.safe_load(block.text), whole), block.where


def within(part: object, whole: object) -> bool:
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and within(value, whole[key]) for key, value in part.items())
    return part == whole


def test_every_block_is_of_a_kind_that_is_tried() -> None:
    for block in BLOCKS:
        if block.language in LANGUAGES:
            assert list(of_block(block)), block.where
        elif block.language == "toml":
            assert tomllib.loads(block.text), block.where
        elif block.language == "python":
            assert ast.parse(block.text).body, block.where
        elif block.language == "bash":  # requests to a server that runs elsewhere
            assert subprocess.run(["bash", "-n"], input=block.text.encode(), check=False).returncode == 0
        else:
            assert block.language in ("yaml", "text", "formula"), block.where
