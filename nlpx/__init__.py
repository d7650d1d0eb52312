"""nlpx: a command-line experiment runner for small Chinese-language models, driven by YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nlpx.api import Model, Trained, list_runs, load, train

__all__ = ["Model", "Trained", "__version__", "list_runs", "load", "train"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """What `nlpx.api` has is imported when it is used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from nlpx import api

    return getattr(api, name)
