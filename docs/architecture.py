"""Draw docs/images/architecture.svg, the packages of nlpx and their imports, from the code.

    python docs/architecture.py [--check]

The floors are those of tests/test_architecture.py. A line is an import that does not follow from other lines.
With --check nothing is written; the exit code is 1 if the file is not up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.test_architecture import FLOORS, between_packages  # noqa: E402

TARGET = ROOT / "docs" / "images" / "architecture.svg"
WIDTH, BOX, HEIGHT, ROW = 860, 128, 32, 60
ACROSS = {
    "api": 0.42, "cli": 0.6,
    "report": 0.36, "sweeps": 0.6, "serving": 0.84,
    "workflow": 0.6,
    "engine": 0.1, "runs": 0.27, "inference": 0.44,
    "tasks": 0.82, "models": 0.82, "exported": 0.58,
    "config": 0.25, "specs": 0.42, "components": 0.56,
    "data": 0.46, "layers": 0.7, "text": 0.46, "core": 0.54, "errors": 0.54,
}  # fmt: skip
"""Where a package is, as a share of the width."""
PATH = ("cli", "workflow", "config", "components", "tasks", "models", "engine", "runs")
"""The packages that a parameter visits, numbered as on the page."""
APART = {"__main__"}
"""Not drawn: it only calls the command line."""


def edges() -> list[tuple[str, str]]:
    """The imports between packages that do not follow from others."""
    below: dict[str, set[str]] = {}
    for package, other in between_packages():
        if package not in APART:
            below.setdefault(package, set()).add(other)

    @cache
    def reached(package: str) -> frozenset[str]:
        direct = below.get(package, set())
        return frozenset(direct).union(*map(reached, direct))

    return sorted(
        (package, other)
        for package, direct in below.items()
        for other in direct
        if not any(other in reached(between) for between in direct - {other})
    )


def places() -> Mapping[str, tuple[float, float]]:
    """The middle of every box; floors from the ground up are rows from the bottom up."""
    rows = [sorted(floor - APART) for floor in FLOORS if floor - APART]
    missing = {package for row in rows for package in row} ^ ACROSS.keys()
    if missing:
        sys.exit(f"docs/architecture.py: ACROSS has to place exactly the packages; see {sorted(missing)}")
    return {
        package: (ACROSS[package] * WIDTH, (len(rows) - number - 0.5) * ROW)
        for number, row in enumerate(rows)
        for package in row
    }


def drawing() -> Iterator[str]:
    """The lines of the file."""
    at = places()
    height = max(y for _, y in at.values()) + ROW / 2
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" font-family="sans-serif" '
        'font-size="15" text-anchor="middle">'
    )
    yield f'<rect width="{WIDTH}" height="{height:g}" fill="#fff"/>'
    for package, other in edges():
        (x, y), (to, down) = at[package], at[other]
        y, down = y + HEIGHT / 2, down - HEIGHT / 2
        bend = (down - y) / 2
        yield (
            f'<path d="M{x:g} {y:g}C{x:g} {y + bend:g} {to:g} {down - bend:g} {to:g} {down - 6:g}" '
            'fill="none" stroke="#9aa5b8" stroke-width="1.5"/>'
        )
        yield f'<path d="M{to - 4:g} {down - 7:g}h8l-4 7z" fill="#9aa5b8"/>'
    for package, (x, y) in at.items():
        fill = "#e8ecff" if package in PATH else "#f4f5f7"
        yield (
            f'<rect x="{x - BOX / 2:g}" y="{y - HEIGHT / 2:g}" width="{BOX}" height="{HEIGHT}" rx="5" '
            f'fill="{fill}" stroke="#5c6bc0"/>'
        )
        yield f'<text x="{x:g}" y="{y + 5:g}">{package}</text>'
    for number, package in enumerate(PATH, start=1):
        x, y = at[package]
        x, y = x + BOX / 2 - 2, y - HEIGHT / 2 + 2
        yield f'<circle cx="{x:g}" cy="{y:g}" r="10" fill="#c62828"/>'
        yield f'<text x="{x:g}" y="{y + 4.5:g}" font-size="13" fill="#fff">{number}</text>'
    yield "</svg>"


def main(arguments: list[str]) -> int:
    written = "\n".join(drawing()) + "\n"
    if arguments == ["--check"]:
        current = TARGET.read_text(encoding="utf-8") if TARGET.is_file() else ""
        if current != written:
            print(f"docs/images/{TARGET.name} is not up to date. Run: make docs", file=sys.stderr)
        return int(current != written)
    TARGET.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
