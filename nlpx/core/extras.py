"""The optional extras of nlpx: what they bring and how they are installed."""

from __future__ import annotations

from importlib.util import find_spec

EXTRAS = {
    "faiss": ("faiss",),
    "images": ("PIL",),
    "metrics": ("sacrebleu",),
    "pinyin": ("pypinyin",),
    "tensorboard": ("tensorboard",),
}
"""Extra -> the modules it brings."""


def missing_modules(extra: str) -> list[str]:
    """The modules of an extra that cannot be imported here; nothing is imported to find out."""
    return [module for module in EXTRAS.get(extra, ()) if find_spec(module) is None]


def how_to_install(extra: str) -> str:
    """The command that installs an extra; by name, a package index would give somebody else's nlpx."""
    return f"pip install -e '.[{extra}]' in the checkout of nlpx"
