"""Take screenshots of the page of `nlpx serve`, with a model of each task, into docs/images.

make screenshots [RUNS=runs] [CHROMIUM=/usr/bin/chromium]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from nlpx.tasks.sample_images import sample_images

IMAGES = Path(__file__).with_name("images")
DESKTOP, PHONE = (1280, 800), (375, 812)
SHOWN = {"couplet-desktop", "couplet-phone", "segmentation-desktop", "sentiment-desktop", "poem-desktop"}
"""The screenshots of the documentation."""
COLOURS = 96
SAMPLES = {"image_classification": "dogs", "digits": "digits", "ocr": "strokes", "ocr_lines": "lines"}
"""The sample images of tasks that take images."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of runs")
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser")
    parser.add_argument("--output", type=Path, default=IMAGES, help="folder of the images")
    parser.add_argument("--all", action="store_true", help="those of all tasks, to look at")
    given = parser.parse_args()
    given.output.mkdir(exist_ok=True)
    with server(given.runs) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=given.chromium, args=["--no-sandbox"])
        for form, size in (("desktop", DESKTOP), ("phone", PHONE)):
            for task, image in screenshots(browser, url, size):
                if given.all or f"{task}-{form}" in SHOWN:
                    path = given.output / f"serve-{task}-{form}.png"
                    save(image, path)
                    print(f"{path}: {path.stat().st_size // 1024} KiB")


@contextmanager
def server(runs: Path) -> Iterator[str]:
    """The address of a server of the newest run of each task."""
    command = [sys.executable, "-m", "nlpx", "serve", "--root", str(runs), "--port", "0", "--quiet"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stderr is not None
        lines: list[str] = []
        for line in process.stderr:
            lines.append(line)
            if line.startswith("serving at "):
                break
        else:
            sys.exit("".join(lines))
        try:
            yield lines[-1].split()[2]
        finally:
            process.terminate()


def screenshots(browser: Browser, url: str, size: tuple[int, int]) -> Iterator[tuple[str, bytes]]:
    """The name of each task, and its panel with results."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(url)
    tabs = page.get_by_role("tab")
    tabs.first.wait_for()
    for number in range(tabs.count()):
        tab = tabs.nth(number)
        tab.click()
        task = (tab.get_attribute("id") or "").removeprefix("tab-").partition("%2F")[0]
        with tempfile.TemporaryDirectory() as folder:
            use(page, task, Path(folder))
            page.mouse.move(0, 0)
            page.wait_for_timeout(600)  # of animations
            yield task, page.screenshot(full_page=True)
    page.close()


def use(page: Page, task: str, folder: Path) -> None:
    """Show results in the open panel; the folder is for images."""
    panel = page.locator("[role=tabpanel]:visible")
    if task in SAMPLES:
        path = sample_images(SAMPLES[task], folder, [(3, 4)], 20)[-1 if task.startswith("ocr") else 0]
        panel.locator("input[type=file]").set_input_files(path)
        panel.locator(".bars, .read").first.wait_for()
        return
    chips = panel.locator(".chip")
    (chips if chips.count() else panel.locator("button.main")).first.click()
    panel.locator(".results:not(:empty)").first.wait_for()
    if task == "couplet":
        for count in range(1, 4):
            panel.get_by_role("button", name="再来一句").click()
            panel.locator(f".lines li:nth-child({count})").wait_for()
    if task == "poem":
        panel.get_by_text("渐变", exact=True).first.click()
        panel.get_by_role("button", name="用两首新诗").click()
        panel.locator("details .verse").wait_for()


def save(png: bytes, path: Path) -> None:
    """Write an image with few colours, which is small."""
    with Image.open(BytesIO(png)) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
