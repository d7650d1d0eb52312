"""The objective that the page on plugins shows: it fits its config, and passes every check."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nlpx.config.load import load_experiment
from nlpx.core.component import Registry
from nlpx.core.registry import load_registry
from tests.components.losses.harness import CHECKS, check_compilation, check_micro_batches, layouts, variants
from tests.plugins import forgotten

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "plugins"


@pytest.fixture
def registry() -> Iterator[Registry]:
    with forgotten():
        yield load_registry([FOLDER / "confident.py"])


def test_it_fits_its_config(registry: Registry) -> None:
    found = load_experiment(FOLDER / "confident.yaml", moved=True)
    assert found.experiment.loss.type == "confidence_penalty"


def test_it_passes_every_check(registry: Registry) -> None:
    for loss in variants(registry.find("loss", "confidence_penalty")):
        for layout in layouts(loss):
            for check in (check_micro_batches, check_compilation, *CHECKS):
                check(loss, layout)
