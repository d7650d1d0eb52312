"""Configs as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from nlpx.config.load import load_experiment
from nlpx.config.problems import ConfigProblems, Problem
from nlpx.specs.experiment import Experiment

Problems = Callable[..., list[Problem]]
Load = Callable[..., Experiment]


@pytest.fixture(autouse=True)
def _no_data_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NLPX_DATA", raising=False)


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load a text as the file `c.yaml`."""

    def load(text: str | bytes, overrides: Sequence[str] = (), moved: bool = False) -> Experiment:
        path = tmp_path / "c.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load_experiment(path, overrides, moved=moved).experiment

    return load


@pytest.fixture
def problems(load: Load) -> Problems:
    """The problems of a text; empty where it has none."""

    def problems(text: str | bytes, overrides: Sequence[str] = (), moved: bool = False) -> list[Problem]:
        try:
            load(text, overrides, moved)
        except ConfigProblems as error:
            return list(error.problems)
        return []

    return problems
