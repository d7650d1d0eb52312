"""`nlpx new`."""

from __future__ import annotations

import re
import resource
from pathlib import Path

import pytest
import yaml

from nlpx.config.load import load_experiment
from nlpx.core.component import builtin_registry
from nlpx.specs.options import options_of
from tests.cli.program import Nlpx, nlpx

__all__ = ["nlpx"]

TASKS = builtin_registry().names("task")


@pytest.mark.parametrize("task", TASKS)
def test_a_starter_passes_check(nlpx: Nlpx, tmp_path: Path, task: str) -> None:
    path = tmp_path / "mine.yaml"
    done = nlpx("new", task, path)
    assert (done.code, done.out) == (0, f"{path}\n")
    assert f"nlpx train {path}" in done.err
    assert nlpx("check", path).code == 0
    assert load_experiment(path).experiment.type == task


@pytest.mark.parametrize("task", TASKS)
def test_a_starter_speaks_of_every_option(nlpx: Nlpx, tmp_path: Path, task: str) -> None:
    nlpx("new", task, tmp_path / "mine.yaml")
    text = (tmp_path / "mine.yaml").read_text(encoding="utf-8")
    spoken = set(re.findall(r"(\w+):(?= |$)", text, re.MULTILINE))
    options = {
        option.name.rpartition(".")[2]
        for option in options_of(builtin_registry().find("task", task).component)
    }
    assert options - spoken == set()
    assert {"extends", "include", "vars"} <= spoken


@pytest.mark.parametrize("task", TASKS)
def test_what_is_commented_out_is_valid_too(nlpx: Nlpx, tmp_path: Path, task: str) -> None:
    """Each `# key: value` line, taken in, gives a config without an unknown key or a wrong value."""
    nlpx("new", task, tmp_path / "mine.yaml")
    lines = (tmp_path / "mine.yaml").read_text(encoding="utf-8").splitlines()
    elsewhere = (
        "extends:",
        "include:",
        "vars:",
        "source:",
        "type:",
        "train:",
        "holdout:",
        "test:",
        "backbone:",
    )
    for number, line in enumerate(lines):
        match = re.match(r"^( *)# (\w+: .*)$", line)
        if match is None or match[2].startswith(elsewhere):
            continue
        taken = [*lines[:number], match[1] + match[2], *lines[number + 1 :]]
        path = tmp_path / f"{number}.yaml"
        path.write_text("\n".join(taken) + "\n", encoding="utf-8")
        done = nlpx("check", path)
        assert done.code == 0, f"{line}\n{done.err}"


@pytest.mark.parametrize("task", TASKS)
def test_the_other_source_is_valid_too(nlpx: Nlpx, tmp_path: Path, task: str) -> None:
    path = tmp_path / "mine.yaml"
    nlpx("new", task, path)
    text = path.read_text(encoding="utf-8")
    block = re.compile(r"^  source: .*\n((?:  # (?:source:|  ).*\n)+)", re.MULTILINE)
    text, count = block.subn(lambda match: re.sub(r"^  # ", "  ", match[1], flags=re.MULTILINE), text)
    assert count == 1
    path.write_text(text, encoding="utf-8")
    source = load_experiment(path, moved=True).experiment.data.source
    assert source.type != "builtin"
    assert "valid" in source.splits()
    assert source.files()["train"]


def test_a_file_is_never_overwritten(nlpx: Nlpx, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("precious", encoding="utf-8")
    done = nlpx("new", "couplet", path)
    assert done.code == 2
    assert "already exists" in done.err
    assert path.read_text(encoding="utf-8") == "precious"


def test_a_link_is_never_replaced(nlpx: Nlpx, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.symlink_to(tmp_path / "nowhere.yaml")
    assert nlpx("new", "couplet", path).code == 2
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_no_half_of_a_file(nlpx: Nlpx, tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        done = nlpx("new", "couplet", tmp_path / "mine.yaml")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (done.code, "mine.yaml: cannot be written: File too large" in done.err) == (4, True)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_task(nlpx: Nlpx, tmp_path: Path) -> None:
    done = nlpx("new", "couplets", tmp_path / "mine.yaml")
    assert done.code == 2
    assert "did you mean couplet?" in done.err
    assert not (tmp_path / "mine.yaml").exists()


def test_a_folder_that_is_not_there(nlpx: Nlpx, tmp_path: Path) -> None:
    done = nlpx("new", "couplet", tmp_path / "no" / "mine.yaml")
    assert done.code == 4
    assert "cannot be written" in done.err


@pytest.mark.parametrize("task", TASKS)
def test_the_source_in_comments_has_options_that_exist(nlpx: Nlpx, tmp_path: Path, task: str) -> None:
    nlpx("new", task, tmp_path / "mine.yaml")
    text = (tmp_path / "mine.yaml").read_text(encoding="utf-8")
    for block in re.findall(r"(?m)^  # source: +#.*\n((?:  #   .*\n)+)", text):
        options = yaml.safe_load(re.sub(r"(?m)^  #   (# (?=\w+: ))?", "", block))
        source = builtin_registry().find("source", options.pop("type")).component
        assert options.keys() <= source.model_fields.keys()
        assert options.keys() >= {"encoding"} & source.model_fields.keys()
