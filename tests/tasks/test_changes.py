"""`--set` of `nlpx eval` and `nlpx predict`: other rows and other decoders for a model that is trained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tasks.conftest import Command


def test_other_rows_are_measured_and_the_run_stays_as_it_is(
    nlpx: Command, runs: Path, tmp_path: Path
) -> None:
    run = runs / "couplet" / "tiny"
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    (tmp_path / "mine.tsv").write_text("春风\t秋月\n青山\t绿水\n三江水\t四海云\n", encoding="utf-8")
    source = f"data.source={{type: pairs, train: unused.tsv, holdout: 1, test: {tmp_path / 'mine.tsv'}}}"
    shown = nlpx("eval", run, "--set", source, "--set", "metrics=[nll]", "--json")
    assert shown.code == 0
    found = json.loads(shown.out)
    assert (found["rows"], sorted(found["metrics"])) == (
        3,
        ["nll", "perplexity", "unseen/nll", "unseen/perplexity"],
    )
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


def test_another_decoder_answers(nlpx: Command, runs: Path) -> None:
    run = runs / "couplet" / "tiny"
    text = "今天天气不错"
    kept = nlpx("predict", run, "--text", text).out.strip()
    plain = nlpx("predict", run, "--text", text, "--set", "decode.type=argmax").out.strip()
    assert len(kept) == len(plain) == len(text)
    assert kept[1] == kept[2]
    assert kept != plain


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("optimizer.learning_rate=1", "optimizer.learning_rate=...: this run is trained with another value"),
        ("model.embedding.dim=9", "model.embedding.dim=...: this run is trained with another value"),
        ("data.normalize.width=half", "data.normalize.width=...: this run is trained"),
        ("data.max_length=9", "data.max_length=...: this run is trained with another value"),
        ("decode.nothing=1", "decode.nothing: unknown key"),
        ("data.limit", "is no KEY=VALUE"),
    ],
)
@pytest.mark.parametrize("command", ["eval", "predict"])
def test_what_cannot_be_changed(
    nlpx: Command, runs: Path, command: str, override: str, expected: str
) -> None:
    more = ("--text", "春风") if command == "predict" else ()
    shown = nlpx(command, runs / "couplet" / "tiny", "--set", override, *more)
    assert (shown.code, expected in shown.text) == (2, True), shown.text


def test_rows_that_are_not_there(nlpx: Command, runs: Path) -> None:
    source = "data.source={type: pairs, train: a.tsv, holdout: 1, test: nowhere.tsv}"
    shown = nlpx("eval", runs / "couplet" / "tiny", "--set", source)
    assert (shown.code, "nowhere.tsv" in shown.text) == (3, True)
