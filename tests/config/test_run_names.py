"""Runs that `init.from` names by id."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlpx.config.load import load_experiment
from nlpx.errors import ConfigError

ROOT = Path("other")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in (
        "runs/couplet/first",
        "runs/poem/second",
        "runs/couplet/both",
        "runs/poem/both",
        "other/couplet/far",
    ):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "snapshot.json").touch()
    (tmp_path / "configs" / "second").mkdir(parents=True)
    (tmp_path / "configs" / "second" / "manifest.json").touch()
    return tmp_path / "configs" / "c.yaml"


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("first", "runs/couplet/first"),
        ("couplet/first", "runs/couplet/first"),
        ("../runs/couplet/first", "runs/couplet/first"),
        ("second", "configs/second"),  # a folder comes first
        ("poem/both", "runs/poem/both"),
    ],
)
def test_an_id_is_a_run_under_the_folder_of_runs(
    config: Path, tmp_path: Path, written: str, found: str
) -> None:
    config.write_text(f"task: couplet\ninit: {{from: {written}}}\n", encoding="utf-8")
    init = load_experiment(config).experiment.init
    assert init is not None
    assert Path(init.source).resolve() == tmp_path / found


@pytest.mark.parametrize("written", ["both", "far", "firs", "..", "poem/first", "runs/couplet/first"])
def test_no_run_or_several_are_an_error(config: Path, written: str) -> None:
    config.write_text(f"task: couplet\ninit: {{from: {written}}}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="and no run with this name"):
        load_experiment(config)


def test_another_folder_of_runs(config: Path, tmp_path: Path) -> None:
    config.write_text("task: couplet\ninit: {from: far}\n", encoding="utf-8")
    init = load_experiment(config, runs=ROOT).experiment.init
    assert init is not None
    assert init.source == str(tmp_path / "other" / "couplet" / "far")
