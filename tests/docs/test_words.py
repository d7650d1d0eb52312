"""The check of words finds what it should, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.docs.words import LIST, ROOT, main, problems, prose, word_of

LISTED = yaml.safe_load(LIST.read_text(encoding="utf-8"))
WORDS = [word_of(entry) for language in ("english", "chinese") for entry in LISTED[language]]


def test_finished_files_have_none_of_the_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("page.md", "An\n\nnice picture.\n", 3),
        ("page.md", "Generate verses out\nof nothing.\n", 1),
        ("page.md", "对数据进行训练。\n", 1),
        ("config.yaml", "type: x  # two pictures\n", 1),
        ("code.py", "x = 1  # a picture\n", 1),
        ("code.py", 'f"{x} pictures"\n', 1),
        ("code.py", '"""What training\n    makes small."""\n', 2),
        ("code.py", 'raise Error("the split "\n    "train")\n', 1),
    ],
)
def test_words_are_found(tmp_path: Path, name: str, text: str, line: int) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert [found[0] for found in problems(tmp_path / name, WORDS, set())] == [line]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("page.md", "`picture` is a name.\n\n```text\na picture\n```\n"),
        ("config.yaml", "picture: 1\n"),
        ("code.py", 'picture = f"{picture.path}"\n'),
        ("page.md", "pictured depending amend\n"),
    ],
)
def test_code_is_not_searched(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert list(problems(tmp_path / name, WORDS, set())) == []


def test_lines_keep_their_numbers() -> None:
    path = ROOT / "tests" / "docs" / "words.py"
    assert prose(path).count("\n") == path.read_text(encoding="utf-8").count("\n")


def test_exceptions_are_in_use() -> None:
    for pattern, allowed in LISTED["allowed"].items():
        used = {found.lower() for path in ROOT.glob(pattern) for _, found, _ in problems(path, WORDS, set())}
        assert set(allowed) <= used, pattern
