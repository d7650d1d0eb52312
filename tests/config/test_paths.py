"""Local paths are relative to the file that names them, and absolute once a config is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlpx.components.decoders.viterbi import Viterbi
from nlpx.components.sources.segmented_text import SegmentedText
from nlpx.config.load import load_experiment
from nlpx.specs.experiment import Experiment


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`base/base.yaml` and `top/top.yaml`, which extends it; the current folder is `here`."""
    for name in ("base", "top", "here", "elsewhere"):
        (tmp_path / name).mkdir()
    for folder in ("base", "top", "here"):
        (tmp_path / folder / "words.tsv").write_text("晚风\t2\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


def load(folders: Path, base: str, top: str, *overrides: str) -> Experiment:
    (folders / "base" / "base.yaml").write_text(f"task: segmentation\n{base}\n", encoding="utf-8")
    (folders / "top" / "top.yaml").write_text(f"extends: ../base/base.yaml\n{top}\n", encoding="utf-8")
    return load_experiment(folders / "top" / "top.yaml", overrides).experiment


def test_the_data_root_is_the_folder_of_the_config(folders: Path) -> None:
    assert load(folders, "", "").data.root == str(folders / "top")


def test_the_data_root_of_the_environment(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLPX_DATA", str(folders / "elsewhere"))
    assert load(folders, "", "").data.root == str(folders / "elsewhere")
    monkeypatch.setenv("NLPX_DATA", "../elsewhere")
    assert load(folders, "", "").data.root == str(folders / "elsewhere")
    assert load(folders, "", "data: {root: .}").data.root == str(folders / "top")


def test_a_root_is_relative_to_the_file_that_names_it(folders: Path) -> None:
    assert load(folders, "data: {root: corpora}", "").data.root == str(folders / "base" / "corpora")
    assert load(folders, "data: {root: corpora}", "data: {root: x/../y}").data.root == str(
        folders / "top" / "y"
    )
    assert load(folders, "", "", "data.root=../elsewhere").data.root == str(folders / "elsewhere")
    assert load(folders, "", "", f"data.root={folders}").data.root == str(folders)


def test_home(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folders / "elsewhere"))
    assert load(folders, "data: {cache: ~/cache}", "").data.cache == str(folders / "elsewhere" / "cache")


@pytest.mark.parametrize(
    ("base", "top", "override", "folder"),
    [
        ("decode: {type: viterbi, dictionary: words.tsv}", "", [], "base"),
        ("decode: viterbi", "decode: {type: viterbi, dictionary: words.tsv}", [], "top"),
        ("", "", ["decode={type: viterbi, dictionary: words.tsv}"], "here"),
        ("decode: viterbi", "", ["decode.dictionary=words.tsv"], "here"),
    ],
)
def test_dictionary(folders: Path, base: str, top: str, override: list[str], folder: str) -> None:
    decode = load(folders, base, top, *override).decode  # type: ignore[attr-defined]  # of segmentation
    assert isinstance(decode, Viterbi)
    assert decode.dictionary == str(folders / folder / "words.tsv")


def test_corpora_stay_as_written(folders: Path) -> None:
    (folders / "elsewhere" / "a").mkdir()
    (folders / "elsewhere" / "a" / "train.txt").write_text("甲 乙\n", encoding="utf-8")
    source = "{type: segmented_text, train: a/train.txt, holdout: 1}"
    experiment = load(folders, f"data: {{source: {source}}}", "", "data.root=../elsewhere")
    assert isinstance(experiment.data.source, SegmentedText)
    assert experiment.data.source.train == "a/train.txt"
