"""Poems from end to end: train, evaluate, compose, continue, reconstruct; wrong input; exact resume."""

from __future__ import annotations

import json
import re
import shutil
from itertools import islice
from pathlib import Path

import pytest
import yaml

from nlpx.cli.main import run
from nlpx.config.load import load_experiment
from nlpx.data.records import Verse
from nlpx.data.samples import find
from nlpx.tasks.poem.codec import PoemCodec
from nlpx.tasks.poem.config import Poem
from nlpx.text.verse import bare, written_out
from tests.resume.runs import same
from tests.tasks.conftest import Command, nlpx
from tests.trained import TrainOnce

__all__ = ["nlpx"]

ROOT = Path(__file__).resolve().parents[2]
TINY = """\
task: poem
data: {limit: 300}
vocabulary: {min_count: 1}
model: {embedding: {dim: 16}, latent: 4, width: 16, pooling: flatten}
loss: {type: elbo, anneal: 12}
optimizer: {type: adam, learning_rate: 1e-2}
tricks: [{type: ema, momentum: 0.9}]
train: {epochs: 3, batch_size: 32, log_every: 5}
checkpoint: {every: 4}
metrics: [{type: elbo, samples: 2}, novelty]
samples: [春风]
"""


@pytest.fixture(scope="module")
def poem(trained_once: TrainOnce) -> Path:
    """A finished run."""
    return trained_once(TINY).path


FIRST, SECOND = (row.parts[0] for row in islice(find("poem").rows("train"), 2))
"""Two verses of the training rows."""


def lines_of(text: str) -> list[str]:
    return text.rstrip("\n").split("\n")


def test_the_run_learns_and_keeps_its_samples(poem: Path) -> None:
    records = [json.loads(line) for line in (poem / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    bounds = [record["valid/nelbo"] for record in records if "valid/nelbo" in record]
    assert bounds[-1] < bounds[0]
    samples = (poem / "samples.jsonl").read_text(encoding="utf-8")
    assert "春风" in samples


def test_eval_repeats_itself(nlpx: Command, poem: Path) -> None:
    before = json.loads((poem / "eval" / "test.json").read_text(encoding="utf-8"))["metrics"]
    after = json.loads(nlpx("eval", poem, "--json").out)["metrics"]
    assert after == pytest.approx(before)
    assert {"nelbo", "iw_nll", "kl", "reconstruction", "active_units", "copied", "composed_bigram"} <= set(
        after
    )
    assert {"generated/nelbo"} <= set(after)
    assert after["iw_nll"] < after["nelbo"]


def test_numbers_of_a_row_do_not_depend_on_its_neighbours(nlpx: Command, poem: Path) -> None:
    """One row alone, and the same row after another one."""
    nlpx("eval", poem, "--split", "valid")
    rows = (poem / "eval" / "valid.predictions.jsonl").read_text(encoding="utf-8").splitlines()
    one = json.loads(rows[7])
    from nlpx.workflow.model import open_model

    model = open_model(poem.parent, str(poem), "best")
    (alone,) = model.predictor.examples([Verse("x:1", one["text"])], model.keys)
    found = alone.to_json()
    assert found["composed"] == tuple(one["composed"])
    assert found["nelbo"] == pytest.approx(one["nelbo"], rel=1e-5)
    assert found["iw_nll"] == pytest.approx(one["iw_nll"], rel=1e-5)


def test_composing(nlpx: Command, poem: Path) -> None:
    verses = lines_of(nlpx("predict", poem, "--count", "6", "--seed", "3").out)
    assert len(verses) == len(set(verses)) == 6
    for verse in verses:
        assert (len(verse), verse[5], verse[11]) == (12, "，", "。")
        assert len(set(bare(verse))) == 10
    assert lines_of(nlpx("predict", poem, "--count", "2", "--seed", "3").out) == verses[:2]
    assert lines_of(nlpx("predict", poem, "--count", "6", "--seed", "4").out) != verses
    assert len(lines_of(nlpx("predict", poem).out)) == 5


def test_composing_as_json_and_into_a_file(nlpx: Command, poem: Path, tmp_path: Path) -> None:
    target = tmp_path / "verses.jsonl"
    shown = nlpx("predict", poem, "--count", "2", "--format", "jsonl", "--output", target)
    assert (shown.code, shown.out) == (0, "")
    records = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [sorted(record) for record in records] == [["id", "seed", "text", "verse"]] * 2
    assert [record["id"] for record in records] == ["1", "2"]


def test_an_opening_is_continued(nlpx: Command, poem: Path) -> None:
    shown = nlpx("predict", poem, "--text", "春风", "--text", "明月，", "--text", FIRST[:9])
    verses = [bare(verse) for verse in lines_of(shown.out)]
    assert [verse[:2] for verse in verses] == ["春风", "明月", FIRST[:2]]
    assert verses[2].startswith(FIRST[:9])
    assert {len(verse) for verse in verses} == {10}
    assert nlpx("predict", poem, "--text", "春风").out == shown.out.splitlines(keepends=True)[0]


def test_a_whole_verse_is_reconstructed_and_says_so(nlpx: Command, poem: Path) -> None:
    shown = nlpx("predict", poem, "--text", written_out(FIRST), "--format", "jsonl")
    record = json.loads(shown.out)
    right = sum(a == b for a, b in zip(FIRST, bare(record["reconstruction"]), strict=True))
    assert (record["right"], record["characters"]) == (right, 10)
    assert "reconstruction" in nlpx("predict", poem, "--text", FIRST).out


def test_between_two_verses(nlpx: Command, poem: Path) -> None:
    both = f"{FIRST}|{SECOND}"
    record = json.loads(nlpx("predict", poem, "--text", both, "--format", "jsonl").out)
    assert [len(bare(verse)) for verse in record["verses"]] == [10] * 5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("春风入江村绿柳燕飞香月", "11 characters; a verse of this model has 10, an opening fewer"),
        ("龘靐", "have no 龘、靐"),
        ("春风|秋月", "stands between two verses of 10 characters each"),
        ("。，！", "no characters; give an opening, or a verse of 10 characters"),
        ("😀", "no characters"),
        ("ab", "have no a、b"),
        ("一|二|三", "stands between two verses"),
    ],
)
def test_texts_that_cannot_be_answered(nlpx: Command, poem: Path, text: str, words: str) -> None:
    shown = nlpx("predict", poem, "--input", "-", "--format", "jsonl", stdin=f"{text}\n\n春风\n".encode())
    assert shown.code == 0
    records = [json.loads(line) for line in shown.out.splitlines()]
    assert words in records[0]["problem"]
    assert records[0]["verse"] == ""
    assert records[1] == {"id": "2", "text": "", "verse": "", "opening": ""}
    assert bare(records[2]["verse"]).startswith("春风")


def test_a_run_that_does_not_compose_wants_a_text(nlpx: Command, runs: Path) -> None:
    shown = nlpx("predict", runs / "couplet" / "tiny", "--count", "3")
    assert (shown.code, "give either --text" in shown.text) == (2, True)
    assert "--input" in shown.text


def test_a_metric_that_the_run_has_not_counted_for(nlpx: Command, poem: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(poem, tmp_path / "run"))
    (run / "vocabulary" / "bigram.json").unlink()
    snapshot = json.loads((run / "snapshot.json").read_text(encoding="utf-8"))
    del snapshot["vocabularies"]["bigram"]
    (run / "snapshot.json").write_text(json.dumps(snapshot), encoding="utf-8")
    assert (nlpx("eval", run).code, "vocabularies are missing: bigram" in nlpx("eval", run).text) == (4, True)
    resolved = yaml.safe_load((run / "resolved.yaml").read_text(encoding="utf-8"))
    resolved["metrics"] = [metric for metric in resolved["metrics"] if metric["type"] != "novelty"]
    (run / "resolved.yaml").write_text(yaml.safe_dump(resolved, allow_unicode=True), encoding="utf-8")
    assert nlpx("eval", run).code == 0
    shown = nlpx("eval", run, "--set", "metrics=[elbo, novelty]")
    assert (shown.code, "novelty compares with pairs of characters" in shown.text) == (2, True)


def test_marks_in_odd_places_are_not_counted(nlpx: Command, poem: Path) -> None:
    shown = nlpx("predict", poem, "--text", "，春。！风 ", "--text", "春风", "--text", "")
    odd, plain, nothing = shown.out.split("\n")[:3]
    assert (odd, nothing) == (plain, "")


@pytest.mark.parametrize("count", ["0", "-3", "many"])
def test_a_count_that_is_none(nlpx: Command, poem: Path, count: str) -> None:
    shown = nlpx("predict", poem, "--count", count)
    assert shown.code == 2
    assert "Invalid value for '--count'" in shown.text


@pytest.mark.parametrize("option", [("--count", "2"), ("--seed", "1")])
def test_count_and_seed_are_for_composing(nlpx: Command, poem: Path, option: tuple[str, str]) -> None:
    shown = nlpx("predict", poem, "--text", "春风", *option)
    assert (shown.code, "--count and --seed" in shown.text) == (2, True)


def test_both_text_and_input(nlpx: Command, poem: Path) -> None:
    shown = nlpx("predict", poem, "--text", "春风", "--input", "-")
    assert (shown.code, "give either --text" in shown.text) == (2, True)


def test_a_killed_run_goes_on_as_if_nothing_had_been(
    poem: Path, trained_once: TrainOnce, tmp_path: Path
) -> None:
    """The annealing step and the noise of the latent vectors are part of the checkpoint."""
    killed = trained_once(TINY).killed(12, tmp_path)
    assert run(["train", "--resume", str(killed)]) == 0
    same(killed, poem)


def poem_task(**data: object) -> PoemCodec:
    task = Poem.model_validate({"task": "poem", "data": data}).codec()
    assert isinstance(task, PoemCodec)
    return task


@pytest.mark.parametrize(
    ("text", "length", "kept"),
    [
        ("一二三四五六七八九十", 10, True),
        ("一二三四五六七八九十", 14, False),
        ("一二三四，五六七八九", 10, False),
        ("一二三四五六七八九", 10, False),
        ("一二三四五" * 4, 20, True),
    ],
)
def test_verses_of_another_form_are_left_out(text: str, length: int, kept: bool) -> None:
    assert poem_task(length=length).keeps(Verse("x:1", text)) is kept
    assert poem_task().check(Verse("x:1", "")) == "the verse is empty"


def test_bigrams_do_not_cross_lines() -> None:
    pairs = list(poem_task().count(Verse("x:1", "一二三四五六七八九十"))["bigram"])
    assert pairs == ["一二", "二三", "三四", "四五", "六七", "七八", "八九", "九十"]


def test_blocks_that_do_not_fit(nlpx: Command, tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(
        "task: poem\nmodel:\n  decoder:\n    - {type: gated_conv, filters: 32}\n", encoding="utf-8"
    )
    shown = nlpx("check", config)
    assert shown.code == 2
    assert "64 wide" in shown.text + shown.out


def test_f25_original_is_the_model_of_the_article() -> None:
    experiment = load_experiment(ROOT / "configs" / "poem" / "original.yaml", moved=True).experiment
    assert isinstance(experiment, Poem)
    assert (experiment.loss.options()["anneal"], experiment.loss.options()["reduction"]) == (0, "sum")
    from nlpx.models.vae import VariationalAutoencoder

    model = VariationalAutoencoder(experiment.model, characters=1000, length=experiment.data.length)
    assert model.count_params() == 129 * 1000 + 123_648


def test_the_collapse_is_the_original_but_for_the_loss() -> None:
    folder = ROOT / "configs" / "poem"
    original, collapsed = (
        load_experiment(folder / f"{name}.yaml", moved=True).experiment
        for name in ("original", "mean_reduction")
    )
    assert collapsed.loss.options()["reduction"] == "mean"
    same_otherwise = {"loss": original.loss, "train": original.train}
    assert collapsed.model_copy(update=same_otherwise) == original


def test_how_bad_an_answer_is_stands_once(nlpx: Command, poem: Path) -> None:
    lines = nlpx("eval", poem, "--split", "valid", "--errors", "2").out.splitlines()[-3:]
    assert lines[0] == "worst predictions by negative elbo in nats:"
    for line in lines[1:]:
        assert re.fullmatch(r" *\d+\.\d{4}  \w+，\w+。 → [\w□，。]+", line), line
