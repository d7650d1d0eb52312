"""Screenshots of reports for docs/report.md, made by a headless Chromium.

    python docs/report_images.py --runs runs

uses the newest finished run of each task below, which is trained first if there is none.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from nlpx.errors import UsageError
from nlpx.report.page import report
from nlpx.runs.directory import RunDirectory
from nlpx.runs.lookup import newest

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
SHOTS = {
    "report-results": ("couplet", "", (1200, 1500)),
    "report-classes": ("sentiment", "classes", (1200, 620)),
    "report-cases": ("ocr_lines", "cases", (1200, 860)),
}
"""Name -> task, the only part of the page that is shown, and size of the window in pixels."""
WIDTH, COLOURS = 800, 200
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of the runs")
    root: Path = parser.parse_args().runs
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"none of {', '.join(BROWSERS)} is installed.")
    IMAGES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        for name, (task, part, size) in SHOTS.items():
            page = Path(folder) / f"{name}.html"
            text = report(_run(root, task), read_data=True)
            if part:
                text = text.replace("</style>", f"main > :not(#{part}) {{ display: none }}</style>", 1)
            page.write_text(text, encoding="utf-8")
            _shoot(browser, page.as_uri(), size, Path(folder) / f"{name}.png")
            _save(Path(folder) / f"{name}.png", IMAGES / f"{name}.png")
            print(IMAGES / f"{name}.png")


def _run(root: Path, task: str) -> RunDirectory:
    try:
        return newest(root, {task})
    except UsageError:
        config = str(ROOT / "configs" / f"{task}.yaml")
        subprocess.run([sys.executable, "-m", "nlpx", "train", config, "--output", str(root)], check=True)
        return newest(root, {task})


def _shoot(browser: str, url: str, size: tuple[int, int], target: Path) -> None:
    window = ",".join(map(str, size))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb"]
    command = [browser, *flags, f"--window-size={window}", f"--screenshot={target}", url]
    subprocess.run(command, check=True, capture_output=True)


def _save(source: Path, target: Path) -> None:
    """A small file: fewer pixels, and a palette."""
    with Image.open(source) as image:
        height = round(image.height * WIDTH / image.width)
        image.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS).quantize(
            COLOURS, Image.Quantize.MAXCOVERAGE
        ).save(target, optimize=True)


if __name__ == "__main__":
    main()
