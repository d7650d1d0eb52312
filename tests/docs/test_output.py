"""Output is shown as commands write it today."""

from __future__ import annotations

import json
import re
from math import ceil, exp
from pathlib import Path

import pytest

from nlpx.config.load import load_experiment
from tests.cli.program import Nlpx
from tests.docs.conftest import Place
from tests.docs.mistakes import PAGES as ERRORS
from tests.docs.pages import ROOT, Block, markdown_pages, read
from tests.docs.refresh import alike
from tests.docs.shown import (
    COMMAND,
    MINE,
    READMES,
    TRAINED,
    Example,
    answer,
    errors,
    examples,
    outputs,
    training,
)
from tests.docs.stand_ins import NAMES
from tests.trained import COUPLET, TrainOnce

MOST_BUCKETS = 8
"""Ranges of lengths that are chosen for a corpus."""


def test_both_readmes_show_the_same() -> None:
    pages = [
        [item for item in read(page) if isinstance(item, Block) and item.language == "text"]
        for page in READMES
    ]
    assert [block.text for block in pages[0]] == [block.text for block in pages[1]]
    assert [row.text for row in examples(READMES[0])] == [row.text for row in examples(READMES[1])]


def test_only_some_pages_show_output() -> None:
    """Elsewhere there would have to be a rule that compares it; other pages have formulas and YAML."""
    shown = {
        item.page
        for page in markdown_pages()
        for item in read(page)
        if isinstance(item, Block) and item.language == "text"
    }
    assert shown == {*READMES, *ERRORS}


def test_the_errors_are_shown_word_by_word(
    nlpx: Nlpx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.yaml").write_text(MINE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    shown = nlpx("check", "mine.yaml")
    last = shown.err.splitlines()[-1]
    assert (shown.code, last) == (2, "2 problems in 1 of 1 configs; nlpx describe error/C101 explains C101")
    assert outputs(READMES[0])[1].text == errors(shown.err)


def test_a_training_ends_as_shown(trained_once: TrainOnce) -> None:
    """The same lines with the same names in the same order, answers to the same texts as long as these."""
    trained = trained_once(COUPLET)
    now = [_shape(line) for line in training(trained.out, trained.err).splitlines()]
    assert [_shape(line) for line in outputs(READMES[0])[0].text.splitlines()] == now


def _shape(line: str) -> str:
    if line.startswith("run: "):
        return "run: runs/couplet/" if "/couplet/" in line else line
    asked, arrow, answered = line.partition(" → ")
    if arrow:
        return f"{asked}{arrow}{len(answered)}"
    return " ".join(re.sub(r"\d+(\.\d+)?(e-?\d+)?", "0", line).split())


def test_the_numbers_of_the_training_fit_each_other_and_the_sample(
    nlpx: Nlpx, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = outputs(READMES[0])[0].text
    monkeypatch.chdir(ROOT)
    counts = json.loads(nlpx("data", "check", TRAINED, "--json").out)["splits"]
    train = load_experiment(ROOT / TRAINED).experiment.train
    done = re.search(r"^stopped at step (\d+): epochs$", text, re.MULTILINE)
    assert done is not None
    steps = int(done[1])
    updates = steps // (train.epochs or 1)
    assert f"/{steps}  loss" in text
    assert steps == updates * (train.epochs or 1)
    # The last batch of every length may be a small one.
    assert 0 <= updates - ceil(counts["train"]["rows"] / train.batch_size) < MOST_BUCKETS
    best = re.search(r"test, checkpoint of step (\d+), (\d+) rows", text)
    assert best is not None
    assert int(best[1]) % updates == 0
    assert int(best[2]) == counts["test"]["rows"]
    rows = {
        line.split()[0]: line.split()[1:]
        for line in text.splitlines()
        if line.startswith(("nll", "perplexity"))
    }
    assert [float(value) for value in rows["perplexity"]] == [
        pytest.approx(exp(float(value)), rel=1e-4) for value in rows["nll"]
    ]


@pytest.mark.parametrize("row", examples(READMES[0]), ids=lambda row: row.task)
def test_an_example_has_the_form_of_an_answer(
    row: Example, place: Place, nlpx: Nlpx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place(row.task, True))
    asked = ["--text", row.text]
    if row.task == "dogs":
        assert row.text == COMMAND
        asked = ["--input", "photo.jpg"]
    shown = nlpx("predict", f"runs/{NAMES.get(row.task, row.task)}/tiny", *asked)
    assert shown.code == 0, shown.err
    now = answer(row.task, shown.out.splitlines()[0], READMES[0])
    assert FORMS[row.task].fullmatch(row.answer)
    assert row.task == "title" or FORMS[row.task].fullmatch(now)


FORMS = {
    "couplet": re.compile(r"\w{7}"),
    "segmentation": re.compile(" ?".join("结婚的和尚未结婚的人")),
    "title": re.compile(r"\w+"),
    "similarity": re.compile(r"[\w，]+ \d\.\d{3}, [\w，]+ \d\.\d{3}"),
    "poem": re.compile(r"春风\w{3}，\w{5}。"),
    "dogs": re.compile(r"[a-z ]+ \d+\.\d%"),
}
"""An answer of a run of each task to the text of the table."""


def test_comparing_allows_for_other_processors_only() -> None:
    old = "step 8/9  loss 2.0  24047 chars/s  0:00 left\nnll  3.5\n春风 → 秋月\nrun: runs/a"
    assert alike(old, "step 8/9  loss 2.1  100 chars/s  0:01 left\nnll   3.4\n春风 → 夏雨\nrun: runs/b")
    for wrong in (
        old.replace("3.5", "4.5"),
        old.replace("春风", "东风"),
        old.replace("秋月", "秋"),
        old + "\nmore",
    ):
        assert not alike(old, wrong)
