"""What tests that import plugin files leave behind."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def forgotten() -> Iterator[None]:
    """Forget the plugin files that are imported in the block; what else was imported may be in use."""
    before = set(sys.modules)
    yield
    for module in set(sys.modules) - before:
        if module.startswith("nlpx_plugin_"):
            del sys.modules[module]
