"""Couplets and quatrains of lines of five and seven; quatrains that rhyme; what is wrong with a corpus or a table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from nlpx.cli.main import run
from nlpx.components.rhymes.table import RhymeTable
from nlpx.core.extras import EXTRAS
from nlpx.text.verse import bare, lines
from tests.tasks.conftest import Command, nlpx

__all__ = ["nlpx"]

CHARACTERS = [chr(0x4E00 + i) for i in range(60)]
RHYMES = f"甲韵\t{''.join(CHARACTERS[:9])}\n乙韵\t{' '.join(CHARACTERS[9:18])}\n丙韵\t{CHARACTERS[20]}\n"
CONFIG = """\
task: poem
data:
  root: .
  length: {length}
  source: {{type: poems, train: poems.tsv, unit: {unit}, forms: [诗], holdout: 10}}
model: {{embedding: {{dim: 8}}, latent: 3, width: 8}}
train: {{steps: 4}}
"""
RHYMING = """\
decode: {type: verse, rhymes: {type: table, file: rhymes.tsv}, distinct: false}
metrics: [elbo, {type: rhyme, rhymes: {type: table, file: rhymes.tsv}}]
"""


def corpus(folder: Path, length: int) -> Path:
    """A config with 60 poems of one verse each, and two whose lines are not equally long."""
    rng = np.random.default_rng(length)
    quatrain = length in (20, 28)
    size = length // (4 if quatrain else 2)
    poems = []
    for number in range(62):
        chosen = "".join(np.array(CHARACTERS)[rng.permutation(60)[:length]])
        verse = [chosen[i : i + size] for i in range(0, length, size)]
        if number >= 60:
            verse[0], verse[1] = verse[0] + verse[1][0], verse[1][1:]
        text = "".join(line + "，。"[i % 2] for i, line in enumerate(verse))
        poems.append(f"诗\t{number}\t\t{text}\n")
    (folder / "poems.tsv").write_text("".join(poems), encoding="utf-8")
    (folder / "rhymes.tsv").write_text(RHYMES, encoding="utf-8")
    config = folder / "poem.yaml"
    text = CONFIG.format(length=length, unit="quatrain" if quatrain else "couplet")
    config.write_text(text + (RHYMING if quatrain else "metrics: [elbo]\n"), encoding="utf-8")
    return config


@dataclass(frozen=True)
class Trained:
    """A config of one length with its finished run."""

    length: int
    config: Path
    run: Path


@pytest.fixture(scope="module", params=[14, 20, 28])
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp(f"verses{request.param}")
    config = corpus(folder, request.param)
    assert run(["train", str(config), "--output", str(folder / "runs"), "--name", "tiny"]) == 0
    return Trained(request.param, config, folder / "runs" / "poem" / "tiny")


def marked(verse: str, length: int) -> bool:
    """Whether commas and full stops stand where they belong, and nowhere else."""
    size = {14: 7, 20: 5, 28: 7}[length]
    ends = list(range(size, len(verse), size + 1))
    return (
        len(verse) == length + length // size
        and [verse[end] for end in ends] == ["，", "。"] * (length // size // 2)
        and len(bare(verse)) == length
    )


def test_verses_with_their_marks(nlpx: Command, trained: Trained) -> None:
    composed = nlpx("predict", trained.run, "--count", "4").out.splitlines()
    assert len(set(composed)) > 1
    assert all(marked(verse, trained.length) for verse in composed)
    whole = "".join(CHARACTERS[20 : 20 + trained.length])
    texts = [
        CHARACTERS[1] + "，" + CHARACTERS[2],
        whole,
        f"{'，'.join(lines(whole))}。|{whole[::-1]}",
        whole + "一",
    ]
    shown = nlpx("predict", trained.run, "--input", "-", "--format", "jsonl", stdin="\n".join(texts).encode())
    opening, reconstructed, between, too_long = map(json.loads, shown.out.splitlines())
    assert opening["verse"].startswith(CHARACTERS[1] + CHARACTERS[2])
    assert reconstructed["characters"] == trained.length
    verses = [opening["verse"], reconstructed["reconstruction"], *between["verses"]]
    assert len(verses) == 7
    assert all(marked(verse, trained.length) for verse in verses)
    assert f"a verse of this model has {trained.length}" in too_long["problem"]


def test_poems_of_another_form_are_left_out_and_counted(nlpx: Command, trained: Trained) -> None:
    told = json.loads(nlpx("data", "check", trained.config, "--json").out)["splits"]
    assert sum(split["left_out"] for split in told.values()) == 2
    assert sum(split["rows"] for split in told.values()) == 62


@pytest.mark.parametrize("trained", [20, 28], indirect=True)
def test_quatrains_rhyme(nlpx: Command, trained: Trained) -> None:
    rhymes = RhymeTable(file=str(trained.config.with_name("rhymes.tsv"))).prepare()
    for verse in nlpx("predict", trained.run, "--count", "9").out.splitlines():
        _, second, _, fourth = lines(bare(verse))
        assert rhymes.rhyme(second[-1], fourth[-1])
    measured = json.loads(nlpx("eval", trained.run, "--split", "valid", "--json").out)["metrics"]
    assert measured["rhymed"] == 1.0
    assert measured["row_rhymed"] < 1.0


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (None, 2, ["decode.rhymes.file", "there is no file"]),
        ("甲\t\n", 3, ["rhymes.tsv:1: the class 甲 is empty; give its characters"]),
        (
            "甲\t花家\n乙\t秋\n甲\t山\n",
            3,
            ["rhymes.tsv:3: the class 甲 has a line above already; join the two lines"],
        ),
        ("甲\t花e\u0301\n", 3, ["rhymes.tsv:1:", "is of several code points; expected characters of one"]),
        (
            "甲\t花家\n乙\t秋樓\n",
            3,
            ["no class of rhymes has two of the 60 characters", "simplified or traditional"],
        ),
    ],
)
def test_a_table_that_is_wrong(
    nlpx: Command, tmp_path: Path, content: str | None, code: int, words: list[str]
) -> None:
    config = corpus(tmp_path, 20)
    table = config.with_name("rhymes.tsv")
    table.unlink()
    if content is not None:
        table.write_text(content, encoding="utf-8")
    shown = nlpx("train", config, "--output", tmp_path / "runs")
    assert shown.code == code
    for part in words:
        assert part in shown.text


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("decode: {type: verse, rhymes: pinyin}", "decode.rhymes"),
        ("data: {length: 14}\nmetrics: [elbo, {type: rhyme, rhymes: pinyin}]", "metrics.1"),
    ],
)
def test_couplets_do_not_rhyme(nlpx: Command, tmp_path: Path, text: str, path: str) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(f"task: poem\n{text}\n", encoding="utf-8")
    shown = nlpx("check", config)
    assert shown.code == 2
    assert f"{path}: a couplet has one end that rhymes, with those of other couplets" in shown.text
    assert "set data.length to 20 or 28" in shown.text


def test_mandarin_without_its_extra(nlpx: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(
        "task: poem\ndata: {length: 20}\ndecode: {type: verse, rhymes: pinyin}\n", encoding="utf-8"
    )
    assert nlpx("check", config).code == 0
    monkeypatch.setitem(EXTRAS, "pinyin", ("no_such_module",))
    shown = nlpx("check", config)
    assert shown.code == 2
    assert "rhymes/pinyin needs no_such_module, which is not installed" in shown.text
    assert "pip install -e '.[pinyin]' in the checkout of nlpx" in shown.text


GOOD = "七绝\t题\t人\t一二三四五六七，八九十百千万亿。\n" * 9


@pytest.mark.parametrize(
    ("poems", "options", "words"),
    [
        (
            GOOD,
            "length: 10",
            ["the train split has no rows left", "7 longer or shorter than the section data allows"],
        ),
        (
            GOOD + "七绝\t题\t一二三\n",
            "length: 14",
            ["poems.tsv:10: 2 tabs; expected three: form, title, author, text"],
        ),
        (GOOD, "length: 14, forms", ["no poem has the form 七言; there is 七绝. Correct data.source.forms"]),
    ],
)
def test_a_corpus_that_is_wrong(
    nlpx: Command, tmp_path: Path, poems: str, options: str, words: list[str]
) -> None:
    (tmp_path / "poems.tsv").write_text(poems, encoding="utf-8")
    config = tmp_path / "c.yaml"
    length, _, forms = options.partition(", ")
    source = "{type: poems, train: poems.tsv, holdout: 2" + (", forms: [七言]}" if forms else "}")
    config.write_text(f"task: poem\ndata: {{root: ., {length}, source: {source}}}\n", encoding="utf-8")
    shown = nlpx("train", config, "--output", tmp_path / "runs")
    assert shown.code == 3
    for part in words:
        assert part in shown.text
