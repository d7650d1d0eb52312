"""Old names are replaced in the text, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlpx.config.format import FORMAT
from nlpx.config.load import load_experiment
from nlpx.config.migrate import migrate
from tests.config.conftest import Problems
from tests.config.test_renames import plugin
from tests.plugins import forgotten

__all__ = ["plugin"]

CASES = [
    ("task: dogs # 犬\n", "task: image_classification # 犬\n"),
    ("task: 'dogs'\n", "task: 'image_classification'\n"),
    ("task: couplet\r\ntricks:\r\n  - clip_gradients  # 五\r\n", "task: couplet\r\ntricks:\r\n  - gradient_clip  # 五\r\n"),
    ("task: title\r\nmodel: {coverage: 1.0}\r\nseed: 3\r\n", "task: title\r\nseed: 3\r\nloss: {type: sequence_cross_entropy, coverage: 1.0}\r\n"),
    ("task: couplet\ntricks: [ema, {norm: 5, type: clip_gradients}]\n", "task: couplet\ntricks: [ema, {norm: 5, type: gradient_clip}]\n"),
    ("task: title\nmodel:\n  coverage: 1.0  # 覆盖\n  pointer: 8\nloss: {type: sequence_cross_entropy}\n",
     "task: title\nmodel:\n  # 覆盖\n  pointer: 8\nloss: {coverage: 1.0, type: sequence_cross_entropy}\n"),
    ("task: title\nloss: sequence_cross_entropy # 损失\nmodel: {pointer: 8, coverage: 1.0}\n",
     "task: title\nloss: {type: sequence_cross_entropy, coverage: 1.0} # 损失\nmodel: {pointer: 8}\n"),
    ("task: title\nmodel: {coverage: 1.0, pointer: 8}\nloss:\n  type: sequence_cross_entropy\n",
     "task: title\nmodel: {pointer: 8}\nloss:\n  coverage: 1.0\n  type: sequence_cross_entropy\n"),
    ("task: title\nmodel: {coverage: 1.0}\nseed: 3\n", "task: title\nseed: 3\nloss: {type: sequence_cross_entropy, coverage: 1.0}\n"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), CASES)
def test_old_names_are_replaced(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(before.encode())
    found = migrate(path)
    assert (found.text, found.by_hand, found.elsewhere, len(found.done)) == (after, [], [], 1)
    assert path.read_bytes() == before.encode()
    path.write_bytes(after.encode())
    again = load_experiment(path, moved=True)
    assert (again.renames, migrate(path).text) == ((), after)


def test_a_key_gets_its_new_name_in_place(tmp_path: Path, plugin: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("task: distichs\ntrain:\n  batch: 3  # small\n", encoding="utf-8")
    with forgotten():
        assert migrate(path, [plugin]).text == "task: distichs\ntrain:\n  batch_size: 3  # small\n"


def test_names_that_are_written_elsewhere_are_listed(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("task: couplet\ntricks: [clip_gradients]\n", encoding="utf-8")
    path = tmp_path / "c.yaml"
    path.write_text("extends: base.yaml\nseed: 3\n", encoding="utf-8")
    found = migrate(path)
    assert (found.text, [note.mark.source.name for note in found.elsewhere]) == (
        found.before,
        [str(tmp_path / "base.yaml")],
    )


def test_what_cannot_be_edited_is_left_to_the_user(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("task: couplet\nvars: {t: clip_gradients}\ntricks: ['${vars.t}']\n", encoding="utf-8")
    found = migrate(path)
    assert (found.text, len(found.by_hand)) == (found.before, 1)


def test_formats(problems: Problems) -> None:
    assert problems(f"format: {FORMAT}\ntask: couplet\n") == []
    (newer,) = problems(f"task: couplet\nformat: {FORMAT + 1}\n")
    assert (newer.code, newer.mark.line, newer.advice) == ("C014", 2, "install a newer version of nlpx")
    for wrong in ("0", "new", "true", "[1]"):
        assert [problem.code for problem in problems(f"task: couplet\nformat: {wrong}\n")] == ["C103"]
