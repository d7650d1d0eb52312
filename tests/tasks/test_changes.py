"""`--set` of `nlpx eval` and `nlpx predict`: other rows and other decoders for a model that is trained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tasks.conftest import Command, Shown


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
        ("optimizer.learning_rate=1", "optimizer.learning_rate=...: this run was trained with another value"),
        ("model.embedding.dim=9", "model.embedding.dim=...: this run was trained with another value"),
        ("data.normalize.width=half", "data.normalize.width=...: this run was trained"),
        ("data.max_length=9", "data.max_length=...: this run was trained with another value"),
        ("decode.nothing=1", "decode.nothing: unknown key"),
        ("data.limit", "is not KEY=VALUE"),
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


@pytest.mark.parametrize(
    ("content", "code", "expected"),
    [
        (None, 2, "error C206: decode.dictionary: there is no file"),
        ("好 5\n", 3, "error C221: decode.dictionary: "),
    ],
)
@pytest.mark.parametrize("command", [("eval",), ("predict", "--text", "春风")])
def test_a_dictionary_is_refused_as_a_check_refuses_it(
    nlpx: Command,
    runs: Path,
    tmp_path: Path,
    command: tuple[str, ...],
    content: str | None,
    code: int,
    expected: str,
) -> None:
    if content is not None:
        (tmp_path / "words.tsv").write_text(content, encoding="utf-8")
    override = f"decode.dictionary={tmp_path / 'words.tsv'}"
    shown = nlpx(*command, runs / "segmentation" / "tiny", "--set", override)
    assert (shown.code, expected in shown.text) == (code, True), shown.text


GOOD = "春风\t秋月\n青山\t绿水\n"


def own_rows(nlpx: Command, runs: Path, folder: Path, content: str, *options: str) -> Shown:
    """What `nlpx eval` says of a file of pairs."""
    (folder / "mine.tsv").write_text(content, encoding="utf-8")
    source = "data.source={type: pairs, train: -, valid: -, test: mine.tsv}"
    where = ("--set", f"data.root={folder}", "--set", source, "--set", "metrics=[nll]")
    return nlpx("eval", runs / "couplet" / "tiny", *where, *options)


def test_bad_rows_of_a_file_are_listed_and_nothing_is_measured(
    nlpx: Command, runs: Path, tmp_path: Path
) -> None:
    shown = own_rows(nlpx, runs, tmp_path, GOOD + "春\t秋月\n无\n")
    assert (shown.code, shown.out) == (3, "")
    told = shown.err[shown.err.index("error:") :].splitlines()
    assert told[0].startswith(f"error: {tmp_path / 'mine.tsv'}:3: the upper line has 1 characters")
    assert told[1].startswith(f"{tmp_path / 'mine.tsv'}:4: 0 tabs")
    assert told[2].startswith("2 bad rows. Fix them")
    shown = own_rows(nlpx, runs, tmp_path, "春风,秋月\n" * 60)
    assert (shown.code, shown.out) == (3, "")
    assert "... and 10 more 60 bad rows" in shown.text
    assert "looks like CSV" in shown.text


def test_bad_rows_that_are_skipped_are_counted(nlpx: Command, runs: Path, tmp_path: Path) -> None:
    skip = ("--set", "data.on_bad_line=skip")
    shown = own_rows(nlpx, runs, tmp_path, GOOD + "春\t秋月\n无\n", *skip, "--json")
    assert (shown.code, json.loads(shown.out)["rows"]) == (0, 2)
    assert "split test: 2 of 4 rows are bad and left out; the first is " in shown.text
    shown = own_rows(nlpx, runs, tmp_path, "春\t秋月\n", *skip)
    assert (shown.code, shown.out) == (3, "")
    assert "the test split has no rows left" in shown.text


def test_rows_of_no_use_are_told_before_they_are_measured(nlpx: Command, runs: Path, tmp_path: Path) -> None:
    shown = own_rows(nlpx, runs, tmp_path, "上联\t下联\n" + GOOD + f"{'长' * 99}\t{'短' * 99}\n")
    assert shown.code == 0
    assert f"warning: {tmp_path / 'mine.tsv'}:1: this line looks like a header" in shown.text
    assert "split test: 1 of 4 rows are left out, because their length" in shown.text
    assert "data.limit" not in shown.text


def test_a_limit_of_training_that_cuts_a_file_is_told(nlpx: Command, runs: Path, tmp_path: Path) -> None:
    shown = own_rows(nlpx, runs, tmp_path, GOOD * 201, "--json")
    assert (shown.code, json.loads(shown.out)["rows"]) == (0, 400)
    assert "split test: only the first 400 rows are read (data.limit)" in shown.text
    shown = own_rows(nlpx, runs, tmp_path, GOOD * 201, "--set", "data.limit=null", "--json")
    assert (shown.code, json.loads(shown.out)["rows"], "data.limit" in shown.text) == (0, 402, False)
