"""What holds for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.trained import finished, trained_once

__all__ = ["finished", "trained_once"]

settings.register_profile("nlpx", deadline=None, derandomize=True)
settings.load_profile("nlpx")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep encoded corpora out of the user's cache, and the user's folders out of the tests."""
    saved = {name: os.environ.pop(name, None) for name in ("NLPX_CACHE", "NLPX_DATA")}
    os.environ["NLPX_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    for name, value in saved.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
