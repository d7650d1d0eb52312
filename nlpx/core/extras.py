"""The optional extras of nlpx: their modules and how to install them."""

from __future__ import annotations

from importlib.util import find_spec

EXTRAS = {
    "export": ("onnx", "onnxruntime", "tf2onnx"),
    "faiss": ("faiss",),
    "images": ("PIL",),
    "metrics": ("sacrebleu",),
    "mlflow": ("mlflow", "alembic", "sqlalchemy"),
    "onnx": ("onnxruntime",),
    "pinyin": ("pypinyin",),
    "serve": ("starlette", "uvicorn", "python_multipart"),
    "sweep": ("optuna",),
    "tensorboard": ("tensorboard",),
    "trackio": ("trackio",),
    "wandb": ("wandb",),
    "zstd": ("zstandard",),
}
"""Extra -> its modules."""


def missing_modules(extra: str) -> list[str]:
    """The modules of an extra that are not installed; does not import them."""
    return [module for module in EXTRAS.get(extra, ()) if not _is_installed(module)]


def _is_installed(module: str) -> bool:
    found = find_spec(module)
    # Without an origin, it is a folder of that name: wandb makes `wandb` in the current one.
    return found is not None and found.origin is not None


def how_to_install(extra: str) -> str:
    """The command that installs an extra. On the package index, the name nlpx belongs to another project."""
    return f"pip install -e '.[{extra}]' in the checkout of nlpx"
