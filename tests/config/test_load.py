"""What loading gives, beside the experiment."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nlpx.config.load import load_experiment
from nlpx.config.problems import ConfigProblems

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "plugins" / "squeeze.py"


def test_the_file_as_written(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes("# 注释\r\ntask: couplet\r\n".encode("utf-8-sig"))
    loaded = load_experiment(str(path), ["seed=7"])
    assert loaded.path == path
    assert loaded.text == "# 注释\r\ntask: couplet\r\n"
    assert loaded.experiment.seed == 7
    assert loaded.includes == ()
    assert "conv" in loaded.registry.names("encoder")


def test_includes_of_all_files_and_of_the_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"base": "b", "top": "t", "here": "h"}
    for folder, name in names.items():
        (tmp_path / folder).mkdir()
        text = EXAMPLE.read_text(encoding="utf-8").replace("squeeze_excite", name)
        (tmp_path / folder / f"{name}.py").write_text(text, encoding="utf-8")
        shutil.copy(EXAMPLE.with_name("squeeze_layer.py"), tmp_path / folder / f"{name}_layer.py")
    (tmp_path / "base" / "base.yaml").write_text("task: couplet\ninclude: [b.py]\n", encoding="utf-8")
    top = tmp_path / "top" / "top.yaml"
    top.write_text(
        "extends: ../base/base.yaml\ninclude: t.py\nmodel: {encoder: [b, t, h]}\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path / "here")
    loaded = load_experiment(top, includes=[Path("h.py"), Path("../top/t.py")])
    assert loaded.includes == (
        tmp_path / "base" / "b.py",
        tmp_path / "top" / "t.py",
        tmp_path / "here" / "h.py",
    )
    assert set(names.values()) <= set(loaded.registry.names("encoder"))


def test_a_plugin_task_component_keeps_its_own_checks(tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path / "mine.py")
    shutil.copy(EXAMPLE.with_name("squeeze_layer.py"), tmp_path / "mine_layer.py")
    text = (tmp_path / "mine.py").read_text(encoding="utf-8")
    text = text.replace(
        "from nlpx.core.options", "from pydantic import field_validator\nfrom nlpx.core.options"
    )
    text += (
        "\n    @field_validator('reduction')\n    @classmethod\n    def even(cls, value: int) -> int:\n"
        "        if value % 2:\n            raise ValueError('reduction is even.')\n        return value\n"
    )
    (tmp_path / "mine.py").write_text(text, encoding="utf-8")
    path = tmp_path / "c.yaml"
    path.write_text(
        "task: couplet\ninclude: [mine.py]\nmodel: {encoder: [{type: squeeze_excite, reduction: 3}]}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigProblems) as caught:
        load_experiment(path)
    (problem,) = caught.value.problems
    assert (problem.code, problem.path) == ("C109", "model.encoder.0.reduction")
    assert "reduction is even; got the integer 3" in str(problem)
