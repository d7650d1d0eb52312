"""The page, in a real browser: every panel, wrong input, two tabs, a phone and a desktop."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from nlpx.data.png import png
from nlpx.serving.app import make_app
from nlpx.serving.guard import Access
from nlpx.serving.limits import Limits
from tests.serving.fakes import running
from tests.serving.panels import GENERATORS, IMAGES, PANELS, panel_models

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, Request, ViewportSize

api = pytest.importorskip("playwright.sync_api")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 375, "height": 700}
HOSTILE = "<img src=x onerror='window.hacked=1'><script>window.hacked=1</script>&amp;"
PATIENCE = 30_000
"""Milliseconds until a missing element is an error."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    limits = Limits(characters=100)
    with running(make_app(panel_models(), limits, Access(), None), limits) as url:
        yield url


@pytest.fixture(scope="module")
def window(browser: Browser, url: str) -> Page:
    """A window, in which one page after the other is opened."""
    window = browser.new_context().new_page()
    window.set_default_timeout(PATIENCE)
    return window


@pytest.fixture
def page(window: Page, url: str) -> Iterator[Page]:
    """The page as at the first visit. It must neither write an error into the console nor ask another server."""
    problems: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and "the server responded with" not in message.text:
            problems.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((url, "blob:")):
            problems.append(request.url)

    def raised(error: Error) -> None:
        problems.append(str(error))

    window.set_viewport_size(DESKTOP)
    window.goto(f"{url}healthz")
    window.evaluate("localStorage.clear()")
    window.on("console", heard)
    window.on("request", asked)
    window.on("pageerror", raised)
    window.goto(url)
    window.get_by_role("tab").first.wait_for()
    yield window
    window.remove_listener("console", heard)
    window.remove_listener("request", asked)
    window.remove_listener("pageerror", raised)
    assert problems == []


def panel(page: Page, task: str) -> Locator:
    """The panel of a task, which is opened."""
    page.locator(f"[id^='tab-{task}%2F']").click()
    found = page.locator("[role=tabpanel]:visible")
    assert found.count() == 1
    return found


def results(shown: Locator) -> Locator:
    return shown.locator(".results:not(:empty)").first


def image(path: Path) -> Path:
    path.write_bytes(png(np.full((20, 20, 3), 200, np.uint8)))
    return path


def test_every_panel_shows_results_and_fits(page: Page, tmp_path: Path) -> None:
    for task in PANELS:
        shown = panel(page, task)
        if task in IMAGES:
            shown.locator("input[type=file]").set_input_files(image(tmp_path / "a.png"))
        elif task == "gan":
            shown.get_by_role("button", name="生成").click()
        else:
            shown.locator(".chip").first.click()
        results(shown).wait_for()
        assert shown.locator(".failed").count() == 0
        for width in (DESKTOP, PHONE):
            page.set_viewport_size(width)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (task, width)


def test_what_users_write_stays_text(page: Page, tmp_path: Path) -> None:
    for task in PANELS:
        if task in IMAGES or task in GENERATORS:
            continue
        shown = panel(page, task)
        shown.locator("input[type=text], textarea").first.fill(HOSTILE)
        shown.locator("button.main").click()
        results(shown).wait_for()
        assert results(shown).locator("script, img").count() == 0
        words = re.sub(r"\s", "", results(shown).inner_text())
        assert task == "couplet" or "onerror" in words or task in ("linking", "title"), task
    for task in ("image_classification", "ocr"):
        shown = panel(page, task)
        shown.locator("input[type=file]").set_input_files(image(tmp_path / "<b>.png"))
        results(shown).get_by_text("<b>").first.wait_for()
        assert results(shown).locator("b").count() == 0
    assert page.evaluate("window.hacked") is None


def test_couplets_show_broken_rules_and_hang_up_what_is_chosen(page: Page) -> None:
    shown = panel(page, "couplet")
    shown.get_by_label("上联").fill("风雨")
    shown.get_by_label("上联").press("Enter")
    shown.locator(".rules .bad").get_by_text("不用上联的字").wait_for()
    again = shown.get_by_role("button", name="再来一句")
    again.click()
    shown.locator(".lines li:nth-child(1)").wait_for()
    again.click()
    shown.locator(".lines li:nth-child(2)").wait_for()
    assert shown.locator(".rules .bad").count() == 0
    line = shown.locator(".lines li:nth-child(2) button")
    line.click()
    assert shown.locator(".strip.lower").inner_text() == line.inner_text()
    assert shown.locator(".strip.upper").inner_text() == "风雨"


def test_segmentation_uses_the_dictionary_and_compares(page: Page) -> None:
    shown = panel(page, "segmentation")
    shown.get_by_label("句子").fill("一二三四五六")
    shown.get_by_text("用户词典", exact=True).first.click()
    words = shown.get_by_label("用户词典")
    words.fill("微信号 十")
    shown.get_by_role("button", name="分词").click()
    shown.locator(".failed").get_by_text("词典第 1 行").wait_for()
    words.fill("一二三 10\n四五六，2")
    shown.get_by_role("button", name="分词").click()
    results(shown).wait_for()
    assert shown.locator(".words").first.locator(".word.other").all_inner_texts() == ["一二三", "四五六"]


def test_headlines_show_what_a_character_attends_to(page: Page) -> None:
    shown = panel(page, "title")
    shown.get_by_label("正文").fill("甲乙丙丁戊己")
    shown.get_by_role("button", name="拟标题").click()
    results(shown).wait_for()
    shown.locator(".attending span").nth(2).hover()
    strengths = [
        float(each.evaluate("each => each.style.getPropertyValue('--strength')"))
        for each in shown.locator(".attended span").all()
    ]
    assert strengths == [0.07, 0.07, 1.0, 0.07, 0.07, 0.07]
    shown.locator(".attending span").nth(0).focus()
    assert shown.locator(".attending .lit").inner_text() == "甲"


def test_sentences_are_compared_with_pasted_lines(page: Page) -> None:
    shown = panel(page, "similarity")
    shown.get_by_label("查询").fill("怎么退货")
    shown.get_by_label("粘贴的句子").check()
    shown.get_by_role("button", name="查找").click()
    shown.locator(".failed").get_by_text("请先粘贴").wait_for()
    shown.get_by_label("每行一句").fill("如何退货\n\n天气")
    shown.get_by_role("button", name="查找").click()
    results(shown).wait_for()
    assert [row.split("\n")[0] for row in results(shown).locator("li").all_inner_texts()] == [
        "如何退货",
        "天气",
    ]


def test_verses_follow_the_seed_and_the_slider(page: Page) -> None:
    shown = panel(page, "poem")
    shown.get_by_label("种子").fill("7")
    shown.get_by_role("button", name="作诗").click()
    results(shown).get_by_text("7夜听风雨").wait_for()
    shown.get_by_role("button", name="换一首").click()
    results(shown).get_by_text("8夜听风雨").wait_for()
    shown.get_by_label("开头").fill("一二三四五六")
    shown.get_by_role("button", name="作诗").click()
    shown.locator(".failed").get_by_text("共 6 字；这个模型的诗有 5 字").wait_for()
    shown.get_by_text("渐变", exact=True).first.click()
    shown.get_by_role("button", name="用两首新诗").click()
    shown.locator("details").get_by_text("第1句").wait_for()
    shown.get_by_label("位置").press("End")
    shown.locator("details").get_by_text("第21句").wait_for()


def test_sentiment_marks_the_words_that_matter(page: Page) -> None:
    shown = panel(page, "sentiment")
    shown.get_by_label("评论").fill("房间很好")
    shown.get_by_label("评论").press("Control+Enter")
    mark = shown.locator("mark.for")
    mark.wait_for()
    assert "好" in mark.inner_text()
    mark.focus()
    shown.get_by_text(re.compile("去掉“.*好”：好评 −")).wait_for()
    shown.get_by_label("评论").fill("  ")
    shown.get_by_role("button", name="判断").click()
    shown.locator(".failed").get_by_text("请输入文字").wait_for()
    # Those of before are pale, and a text that is much too long does not block the page.
    assert results(shown).evaluate("found => getComputedStyle(found).opacity") == "0.4"
    shown.get_by_label("评论").fill("春风" * 10_000)
    shown.get_by_role("button", name="判断").click()
    shown.locator(".failed").get_by_text("文本太长").wait_for()


def test_vectors_lead_from_word_to_word(page: Page) -> None:
    shown = panel(page, "vectors")
    shown.get_by_label("词语").fill("饺")
    shown.get_by_label("词语").press("Enter")
    shown.get_by_role("button", name="饺子", exact=True).click()
    shown.get_by_role("button", name="饺子子", exact=True).wait_for()
    shown.get_by_label("词语").fill("龘")
    shown.get_by_label("词语").press("Enter")
    shown.locator(".failed").get_by_text("词表里没有").wait_for()


def test_wrong_input_is_explained_in_both_languages(page: Page, tmp_path: Path) -> None:
    shown = panel(page, "segmentation")
    shown.get_by_label("句子").fill("长" * 101)
    shown.get_by_role("button", name="分词").click()
    shown.locator(".failed").get_by_text("文本太长，最多 100 字").wait_for()
    page.get_by_role("button", name="English").click()  # also for what is not shown yet
    shown.locator(".failed").get_by_text("at most 100 characters").wait_for()
    assert page.evaluate("document.documentElement.lang") == "en"
    shown = panel(page, "couplet")
    shown.locator(".chip").first.click()
    shown.get_by_role("button", name="Try another").wait_for()
    shown = panel(page, "ocr")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"broken")
    shown.locator("input[type=file]").set_input_files(broken)
    shown.locator(".failed").get_by_text("this is not an image").wait_for()
    page.reload()
    page.get_by_role("tab", name="Couplets").wait_for()
    chinese = page.evaluate("document.body.innerText").replace("中文", "").replace("样", "")
    assert re.findall("[\u4e00-\u9fff]+", chinese.partition("For example")[0]) == []


def test_digits_can_be_drawn(page: Page) -> None:
    shown = panel(page, "digits")
    shown.get_by_text("手写", exact=True).click()
    place = shown.locator("canvas").bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + 60, place["y"] + 40)
    page.mouse.down()
    page.mouse.move(place["x"] + 60, place["y"] + 160, steps=4)
    page.mouse.up()
    shown.get_by_role("button", name="识别").click()
    results(shown).locator("li").nth(4).wait_for()
    assert shown.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 224


def test_boxes_lie_on_the_image(page: Page, tmp_path: Path) -> None:
    shown = panel(page, "ocr")
    shown.locator("input[type=file]").set_input_files(image(tmp_path / "a.png"))
    line = shown.locator("rect.line")
    line.wait_for(state="attached")
    drawn, whole = line.bounding_box(), shown.locator("img").bounding_box()
    assert drawn is not None and whole is not None
    scale = whole["width"] / 20
    assert drawn["x"] - whole["x"] == pytest.approx(scale, abs=2)
    assert drawn["width"] == pytest.approx(16 * scale, abs=3)
    shown.locator(".read li").hover()
    assert shown.locator("g.lit").count() == 1


def test_two_tabs_do_not_disturb_each_other_and_the_address_names_the_panel(page: Page) -> None:
    other = page.context.new_page()
    other.set_default_timeout(PATIENCE)
    panel(page, "vectors")
    other.goto(page.url)
    assert other.get_by_role("tab", selected=True).inner_text() == "词向量"
    for tab, word in ((page, "甲"), (other, "乙")):
        shown = panel(tab, "vectors")
        shown.get_by_label("词语").fill(word)
        shown.get_by_label("词语").press("Enter")
    for tab, word in ((page, "甲"), (other, "乙")):
        tab.get_by_role("button", name=f"{word}子", exact=True).wait_for()
    other.goto(page.url.partition("#")[0] + "#none%2Fof-these")
    other.reload()
    assert other.get_by_role("tab", selected=True).inner_text() == "对联"
    other.close()


def test_tabs_are_moved_through_by_keys(page: Page) -> None:
    page.get_by_role("tab").first.focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("tab", selected=True, name="分词").wait_for()
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.get_by_role("tab", selected=True, name="对联").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.type("风")
    page.keyboard.press("Enter")
    page.locator(".strip.upper").get_by_text("风").wait_for()


def test_the_token_is_asked_for_once(browser: Browser) -> None:
    app = make_app(panel_models(), Limits(), Access("a-long-token"), None)
    with running(app) as url:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(url)
        page.get_by_label("令牌").fill("wrong-token")
        page.get_by_role("button", name="进入").click()
        page.get_by_label("令牌").fill("a-long-token")
        page.get_by_role("button", name="进入").click()
        page.get_by_role("tab").first.wait_for()
        page.reload()
        page.get_by_role("tab").first.wait_for()
        page.close()


def test_a_server_that_is_gone_is_said(browser: Browser) -> None:
    with running(make_app(panel_models(), Limits(), Access(), None)) as url:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(url)
        page.get_by_role("tab").first.wait_for()
    page.locator(".chip:visible").first.click()
    page.locator(".failed").get_by_text("连不上服务器").wait_for()
    page.close()
