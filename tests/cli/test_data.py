"""`nlpx data check|stats|preview`."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nlpx.cli.data import command
from nlpx.errors import DataError, NlpxError
from tests.cli.program import Nlpx, nlpx

__all__ = ["nlpx"]

CONFIG = """
task: couplet
data:
  root: corpora
  max_length: 8
  source: {type: pairs, train: train.tsv, valid: [in.txt.gz, out.txt]}
vocabulary: {min_count: 1}
"""
TRAIN = "晚风摇树\t晨露润花\n一江水\t万里云\n一江水\t两岸花\n"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NLPX_CACHE", str(tmp_path / "cache"))
    corpora = tmp_path / "corpora"
    corpora.mkdir()
    (corpora / "train.tsv").write_text(TRAIN, encoding="utf-8")
    (corpora / "in.txt.gz").write_bytes(gzip.compress("一江水\n朙月\n".encode()))
    (corpora / "out.txt").write_text("万里云\n花花\n", encoding="utf-8")
    path = tmp_path / "couplet.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def nlpx_data(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def error(result: Result) -> NlpxError:
    assert isinstance(result.exception, NlpxError)
    return result.exception


def test_check_of_good_data(config: Path) -> None:
    result = nlpx_data("check", config)
    assert result.exit_code == 0, result.exception
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["rows", "bad", "left", "out", "used"],
        ["train", "3", "0", "0", "3"],
        ["valid", "2", "0", "0", "2"],
    ]


def test_check_of_a_single_class(config: Path) -> None:
    """Which training would refuse, too."""
    (config.parent / "corpora" / "train.tsv").write_text(
        "好评\t很好\n好评\t不错\n好评\t满意\n", encoding="utf-8"
    )
    source = "{type: labelled_texts, train: train.tsv, holdout: 1}"
    config.write_text(f"task: sentiment\ndata: {{root: corpora, source: {source}}}\n", encoding="utf-8")
    result = nlpx_data("check", config)
    assert result.stdout.splitlines()[1].split() == ["train", "2", "0", "0", "2"]
    assert "the training split has one class, 好评" in str(error(result))


@pytest.mark.parametrize("action", ["check", "preview"])
def test_rows_do_not_act_on_a_terminal(
    nlpx: Nlpx, config: Path, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    corpora = config.parent / "corpora"
    corpora.rename(config.parent / "corpora\u202e")
    config.write_text(CONFIG.replace("corpora", '"corpora\\u202e"'), encoding="utf-8")
    (config.parent / "corpora\u202e" / "train.tsv").write_text(
        "春\u202e风\t秋\x9b月\n没有\n", encoding="utf-8"
    )
    piped = nlpx("data", action, config, "--set", "data.on_bad_line=skip")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    shown = nlpx("data", action, config, "--set", "data.on_bad_line=skip")
    assert "corpora\u202e" in piped.out
    assert r"corpora\u202e" in shown.out
    assert not {"\u202e", "\x9b"} & set(shown.out + shown.err)


def test_check_lists_every_bad_row_and_exits_with_3(config: Path) -> None:
    train = config.parent / "corpora" / "train.tsv"
    train.write_text(TRAIN + "一江水\t万里\n没有\n" + "长" * 9 + "\t" + "短" * 9, encoding="utf-8")
    result = nlpx_data("check", config)
    assert result.exit_code == 3
    lines = result.stdout.splitlines()
    assert lines[0].startswith(f"{train}:4: ")
    assert lines[1] == f"{train}:5: 0 tabs; expected one, between the two texts"
    assert lines[3].split() == ["train", "6", "2", "1", "3"]
    result = nlpx_data("check", config, "--json")
    assert result.exit_code == 3
    found = json.loads(result.stdout)
    assert found["splits"]["train"] == {"rows": 6, "bad": 2, "left_out": 1}
    assert [row["where"] for row in found["bad"]] == [f"{train}:4", f"{train}:5"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "train.tsv: the file is empty"),
        ("caf\xe9\tabcd\n".encode("latin-1"), "train.tsv:1: byte 4 of this line (0xe9) is not UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "train.tsv:1: byte 1 of this line (0x89) is not UTF-8"),
        (
            "晚风\0摇树\tabcd\n".encode(),
            "byte 7 of this line is zero. Text has none; if the rest is text, remove",
        ),
        (b"ab\0\tabcd\n", "train.tsv:1: byte 3 of this line is zero. Text has none"),
        (b"\x7fELF\x00\x00", "train.tsv:1: byte 5 of this line is zero: the file is binary or UTF-16"),
        (gzip.compress(TRAIN.encode() * 99, mtime=0)[:-9], "cannot be read: Compressed file ended before"),
    ],
)
@pytest.mark.parametrize("action", ["check", "stats", "preview"])
def test_a_wrong_file(config: Path, action: str, content: bytes, message: str) -> None:
    (config.parent / "corpora" / "train.tsv").write_bytes(content)
    caught = error(nlpx_data(action, config))
    assert isinstance(caught, DataError)
    assert caught.exit_code == 3
    assert message in str(caught)


def test_parallel_files_of_different_lengths(config: Path) -> None:
    (config.parent / "corpora" / "out.txt").write_text("万里云\n", encoding="utf-8")
    caught = error(nlpx_data("check", config))
    assert caught.exit_code == 3
    assert "in.txt.gz: 2 lines, but" in str(caught)
    assert "out.txt has 1. Parallel files" in str(caught)


def test_a_split_without_usable_rows(config: Path) -> None:
    caught = error(nlpx_data("check", config, "--set", "data.max_length=2"))
    assert caught.exit_code == 3
    assert "the train split has no rows left: of 3 rows, 0 are bad and 3 longer" in str(caught)


def test_stats(config: Path) -> None:
    result = nlpx_data("stats", config)
    assert result.exit_code == 0, result.exception
    lines = [line.rsplit(maxsplit=2) for line in result.stdout.splitlines()]
    assert ["rows", "3", "2"] in lines
    assert ["keys also in train", "50.00%"] in [
        line.rsplit(maxsplit=1) for line in result.stdout.splitlines()
    ]
    assert any(line.startswith("3  2") and "█" in line for line in result.stdout.splitlines())


def test_stats_as_json(config: Path) -> None:
    found = json.loads(nlpx_data("stats", config, "--json").stdout)
    train, valid = found["splits"]["train"], found["splits"]["valid"]
    assert train["lengths"] == {"3": 2, "4": 1}
    assert (train["characters"], train["distinct_characters"]) == (20, 16)
    assert valid["in_train"] == 1
    assert valid["known_keys"] == 0.5
    assert valid["unknown"]["char"] == pytest.approx(2 / 10)
    assert found["vocabularies"]["char"] == 16


def test_preview(config: Path) -> None:
    result = nlpx_data("preview", config, "--split", "valid", "--rows", "2")
    assert result.exit_code == 0, result.exception
    lines = result.stdout.splitlines()
    assert f"{config.parent / 'corpora' / 'in.txt.gz'}:2" in lines
    assert "  朙月\t花花" in lines
    assert "  char: 〔朙〕〔月〕花花" in lines
    found = json.loads(nlpx_data("preview", config, "--split", "valid", "--json").stdout)
    assert found[1]["items"][0]["char"] == [0, 0]
    assert found[1]["tokens"]["char"][0] == ["朙", False]


def test_preview_of_a_split_that_is_not_there(config: Path) -> None:
    caught = error(nlpx_data("preview", config, "--split", "test"))
    assert caught.exit_code == 2
    assert "no split 'test' in this source; it has train, valid" in str(caught)
