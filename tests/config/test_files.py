"""Files: their bytes, and the files they extend."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlpx.config.files import LARGEST_FILE, read_tree
from nlpx.config.load import load_experiment
from nlpx.config.problems import ConfigProblems, Problem, Refused
from tests.config.conftest import Problems


def problem_of(path: Path) -> Problem:
    try:
        (problem,) = read_tree(path)[2]
    except Refused as refused:
        (problem,) = refused.args
    return problem


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def merged(path: Path) -> object:
    _, tree, problems = read_tree(path)
    assert problems == []
    return tree.plain()


def test_missing_file_suggests_a_neighbour(tmp_path: Path) -> None:
    write(tmp_path, couplet="task: couplet\n")
    problem = problem_of(tmp_path / "cuplet.yaml")
    assert problem.code == "C001"
    assert str(problem).startswith(
        f"{tmp_path / 'cuplet.yaml'}: error C001: cannot be read: there is no such file"
    )
    assert problem.advice == "did you mean couplet.yaml?"
    assert problem_of(tmp_path / "couplet").advice == "did you mean couplet.yaml?"
    assert problem_of(tmp_path / "gone.yaml").advice == ""


def test_missing_folder_and_folder_as_file(tmp_path: Path) -> None:
    assert "no folder" in problem_of(tmp_path / "no" / "c.yaml").advice
    assert problem_of(tmp_path).code == "C001"
    assert problem_of(Path("a\0b")).code == "C001"


def test_latin_1_names_byte_and_line(problems: Problems) -> None:
    text = "task: couplet\nname: caf\xe9\n"
    (problem,) = problems(text.encode("latin-1"))
    assert problem.code == "C002"
    assert f"byte {text.index(chr(0xE9))} (line 2) is 0xE9" in problem.what
    assert "UTF-8" in problem.advice


def test_gbk_is_not_utf_8(problems: Problems) -> None:
    (problem,) = problems("task: couplet\nsamples: [晚风摇树树还挺]\n".encode("gbk"))
    assert problem.code == "C002"


def test_byte_order_mark_is_accepted(problems: Problems) -> None:
    assert problems(b"\xef\xbb\xbftask: couplet\n") == []


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "~\n"])
def test_empty_file(problems: Problems, text: str) -> None:
    (problem,) = problems(text)
    assert problem.code == "C003"
    assert "empty" in problem.what
    assert "nlpx new" in problem.advice


@pytest.mark.parametrize(
    ("text", "got", "advice"),
    [
        ("- a\n- b\n", "a list", ""),
        ("couplet\n", "the text 'couplet'", ""),
        ("task:couplet\n", "the text 'task:couplet'", "put a blank after the colon"),
        ("task：couplet\n", "the text 'task：couplet'", "half-width"),
    ],
)
def test_no_mapping(problems: Problems, text: str, got: str, advice: str) -> None:
    (problem,) = problems(text)
    assert (problem.code, problem.got) == ("C003", got)
    assert advice in problem.advice


def test_a_corpus_is_no_config(tmp_path: Path) -> None:
    path = tmp_path / "corpus.tsv"
    path.write_bytes(b"a\tb\n" * (LARGEST_FILE // 4 + 1))
    assert problem_of(path).code == "C008"


def test_extends_merges_and_the_nearer_file_wins(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    write(tmp_path, base="task: couplet\ntrain: {epochs: 1, batch_size: 8}\nsamples: [a, b]\n")
    write(tmp_path / "deep", middle="extends: ../base.yaml\ntrain: {epochs: 2}\n")
    write(tmp_path / "deep", top="extends: middle.yaml\nsamples: [c]\nseed: 1\n")
    assert merged(tmp_path / "deep" / "top.yaml") == {
        "task": "couplet",
        "train": {"epochs": 2, "batch_size": 8},
        "samples": ["c"],
        "seed": 1,
    }


def test_of_several_bases_the_later_wins(tmp_path: Path) -> None:
    write(tmp_path, one="a: 1\nb: 1\nc: 1\n", two="b: 2\nc: 2\n", top="extends: [one.yaml, two.yaml]\nc: 3\n")
    assert merged(tmp_path / "top.yaml") == {"a": 1, "b": 2, "c": 3}


def test_one_base_by_two_ways_is_no_circle(tmp_path: Path) -> None:
    write(tmp_path, root="a: 1\n", left="extends: root.yaml\n", right="extends: root.yaml\nb: 2\n")
    write(tmp_path, top="extends: [left.yaml, right.yaml]\n")
    assert merged(tmp_path / "top.yaml") == {"a": 1, "b": 2}


def test_circle_shows_the_chain(tmp_path: Path) -> None:
    write(tmp_path, a="extends: b.yaml\n", b="seed: 1\nextends: c.yaml\n", c="extends: b.yaml\n")
    problem = problem_of(tmp_path / "a.yaml")
    assert problem.code == "C009"
    assert "b.yaml -> c.yaml -> b.yaml" in problem.what
    assert problem.mark.source.name == str(tmp_path / "c.yaml")
    assert (problem.mark.line, problem.mark.column) == (1, 10)


def test_an_endless_chain(tmp_path: Path) -> None:
    for number in range(30):
        write(tmp_path, **{f"f{number}": f"extends: f{number + 1}.yaml\n"})
    assert "in a row" in problem_of(tmp_path / "f0.yaml").what


def test_a_file_that_extends_itself(tmp_path: Path) -> None:
    write(tmp_path, a="extends: a.yaml\n")
    assert "a.yaml -> a.yaml" in problem_of(tmp_path / "a.yaml").what


@pytest.mark.parametrize("value", ["[]x", "{a: 1}", "3", "~", "''", "missing.yaml", "${env:HOME}/a.yaml"])
def test_extends_nothing(tmp_path: Path, value: str) -> None:
    write(tmp_path, a=f"extends: [{value}]\n" if value.startswith("{") else f"extends: {value}\n")
    assert problem_of(tmp_path / "a.yaml").code in ("C009", "C004")


def test_problems_of_both_files_are_told_together(tmp_path: Path) -> None:
    write(tmp_path, base="task: couplet\ntrain: {epoch: 1}\n", top="extends: base.yaml\nsed: 1\n")
    with pytest.raises(ConfigProblems) as caught:
        load_experiment(tmp_path / "top.yaml")
    assert [(Path(p.mark.source.name).name, p.path) for p in caught.value.problems] == [
        ("base.yaml", "train.epoch"),
        ("top.yaml", "sed"),
    ]
