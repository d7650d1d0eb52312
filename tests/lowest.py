"""Prints the lowest versions that pyproject.toml allows, as constraints for pip: `make test-lowest`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def lowest() -> list[str]:
    """`name==version` for every requirement with a lower bound."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(requirement for extra in extras for requirement in extra)]
    bounds = (re.match(r"([\w-]+)>=([\w.]+)", requirement) for requirement in wanted)
    return [f"{bound[1]}=={bound[2]}" for bound in bounds if bound]


if __name__ == "__main__":
    print("\n".join(lowest()))
