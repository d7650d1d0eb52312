"""Look at the site in build/site with Chromium: search in both languages, formulas, widths, requests.

    make site-check        or, after make site:  python docs/site_check.py [--chromium PATH] [--images FOLDER]

Serves the site on this machine, as a search needs. The exit code is 1 if anything is wrong. --images writes a
screenshot of every page at both widths.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from playwright.sync_api import Browser, Page, Request, TimeoutError, sync_playwright

SITE = Path(__file__).resolve().parents[1] / "build" / "site"
PAGES = SITE.with_name("pages")
WIDTHS = {"desktop": 1280, "phone": 375}
SEARCHES = {
    "gated_conv": "docs/components.html",
    "learning rate": "docs/training.html",
    "C101": "docs/errors.html",
    "nlpx runs archive": "docs/runs.html",
    "对联": "docs/couplet.zh-CN.html",
    "数据泄漏": "docs/data.zh-CN.html",
    "梯度裁剪": "docs/training.zh-CN.html",
    "加性间隔": "docs/components.zh-CN.html",
    "C101 未知": "docs/errors.zh-CN.html",
}
"""What somebody may look for, and a page that must be among the results."""
PARTS = r"""() => document.fonts.ready.then(() => ({
    language: document.documentElement.lang,
    over: document.documentElement.scrollWidth - innerWidth,
    formulas: document.querySelectorAll('.formula math').length,
    blocks: document.querySelectorAll('.formula').length,
    flat: [...document.querySelectorAll('.formula math')].filter(one => one.offsetHeight === 0
        && one.getBoundingClientRect().height < 4).length,
    font: [...document.fonts].some(font => font.family.includes('Math') && font.status === 'loaded'),
    codes: document.querySelectorAll('a[href*="/errors"][href*="#c101"]').length,
    broken: [...document.images].filter(image => !image.naturalWidth).map(image => image.src),
    parted: [...document.querySelectorAll('article p, article li')].flatMap(one => [...one.childNodes])
        .filter(one => one.nodeType === Node.TEXT_NODE).map(one => one.data)
        .filter(text => /[\u3000-\u9fff\uff00-\uffef]\s+[\u3000-\u9fff\uff00-\uffef]/.test(text)),
}))"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed for each request."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server of the folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()


def faults(browser: Browser, address: str, images: Path | None) -> Iterator[str]:
    """What is wrong, one line each."""
    page = browser.new_page()
    outside: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            outside.append(request.url)

    page.on("request", note)
    yield from _searches(page, address)
    for path in sorted(SITE.rglob("*.html")):
        yield from _page(page, address, path.relative_to(SITE).as_posix(), images)
    yield from (f"loads {url}" for url in outside)


def _searches(page: Page, address: str) -> Iterator[str]:
    for text, expected in SEARCHES.items():
        page.goto(address)
        page.locator(".md-search__input").click()
        page.keyboard.type(text)
        results = page.locator(f'.md-search-result__item a[href*="{expected}"]')
        try:
            results.first.wait_for(state="attached", timeout=20_000)
        except TimeoutError:
            yield f"search for {text}: {expected} is not found"


def _page(page: Page, address: str, name: str, images: Path | None) -> Iterator[str]:
    page.goto(address + name)
    source = PAGES / ("README.md" if name == "index.html" else name.replace(".html", ".md"))
    formulas = source.read_text(encoding="utf-8").count("```formula\n") if source.is_file() else 0
    for form, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 900})
        found = page.evaluate(PARTS)
        if form == "phone" and found["over"] > 0:
            yield f"{name}: {found['over']} pixels too wide for a phone"
        if found["blocks"] != formulas or found["flat"] or (found["formulas"] and not found["font"]):
            yield f"{name}: {formulas} formulas are not drawn: {found}"
        if form == "desktop" and found["parted"]:
            yield f"{name}: blanks between Chinese characters: {found['parted']}"
        if name == "index.html" and not found["codes"]:
            yield f"{name}: the codes of errors do not link to their entries"
        if found["broken"]:
            yield f"{name}: images that cannot be shown: {found['broken']}"
        if name != "404.html" and found["language"] != ("zh" if ".zh-CN" in name else "en"):
            yield f"{name}: declares the language {found['language']}"
        if images:
            page.screenshot(path=images / f"{name.replace('/', '-')}-{form}.png")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser")
    parser.add_argument("--images", type=Path, help="folder for screenshots")
    given = parser.parse_args()
    if not (SITE / "index.html").is_file():
        sys.exit("there is no build/site. Run: make site")
    if given.images:
        given.images.mkdir(parents=True, exist_ok=True)
    with served(SITE) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=given.chromium, args=["--no-sandbox"])
        found = list(faults(browser, address, given.images))
        browser.close()
    print(*(found or ["the site is complete"]), sep="\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
