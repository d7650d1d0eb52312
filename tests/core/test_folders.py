from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nlpx.core.folders import user_cache


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"NLPX_CACHE": "/fast/cache", "XDG_CACHE_HOME": "/xdg"}, "/fast/cache"),
        ({"XDG_CACHE_HOME": "/xdg"}, "/xdg/nlpx"),
        ({"NLPX_CACHE": "", "XDG_CACHE_HOME": ""}, "/home/li/.cache/nlpx"),
        ({}, "/home/li/.cache/nlpx"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other folders")
def test_user_cache(environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NLPX_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/li", **environment}.items():
        monkeypatch.setenv(name, value)
    assert user_cache() == Path(expected)
