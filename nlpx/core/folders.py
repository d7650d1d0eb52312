"""Folders in the home directory of the user."""

from __future__ import annotations

import os
from pathlib import Path

CACHE = "NLPX_CACHE"


def user_cache() -> Path:
    """The folder of encoded data: `$NLPX_CACHE`, or nlpx in the user's cache folder."""
    if chosen := os.environ.get(CACHE):
        return Path(chosen)
    from platformdirs import user_cache_path

    return user_cache_path("nlpx", appauthor=False)
