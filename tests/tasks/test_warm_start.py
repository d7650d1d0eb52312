"""Training starts with weights of another run, or with vectors from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlpx.components.tricks.base import value_of
from nlpx.engine.checkpoint import Checkpoints, load_weights
from nlpx.workflow.model import open_model
from tests.tasks.conftest import Command
from tests.trained import SEGMENTATION


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "c.yaml"
    path.write_text(SEGMENTATION.replace("limit: 400", "limit: 60").replace("epochs: 3", "steps: 1"), "utf-8")
    return path


def table_of(run: Path) -> dict[str, np.ndarray]:
    """The embedding of every character of the last checkpoint of a run."""
    model = open_model(Path(), str(run), "last")
    table = value_of(model.learner.model.embedding.embeddings)
    return dict(zip(model.vocabularies["char"].tokens, table, strict=True))


RARELY = ["--set", "optimizer.learning_rate=1e-9", "--set", "model.embedding.lexicon=~"]
"""One update that hardly changes a weight; another model than that of the finished run."""


def test_characters_keep_their_vectors_in_another_task(
    nlpx: Command, runs: Path, config: Path, tmp_path: Path
) -> None:
    source = runs / "couplet" / "tiny"
    start = ["--set", f"init.from={source}", "--set", "init.include=[embedding/characters/*]"]
    checked = nlpx("check", config, *start)
    assert (checked.code, "a model of the task couplet" in checked.text) == (0, True), checked.text
    # The same run, by its id under the folder of runs.
    start[1] = "init.from=couplet/tiny"
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "couplet").symlink_to(source.parent)
    shown = nlpx("train", config, *start, *RARELY, "--output", tmp_path / "new", "--name", "a")
    assert shown.code == 0, shown.err
    assert "init: 1 of 7 variables" in shown.text
    before, after = table_of(source), table_of(tmp_path / "new" / "segmentation" / "a")
    common = before.keys() & after.keys()
    assert f"init: {len(common) - 1} of {len(after) - 1} tokens of the vocabulary char" in shown.text
    assert 100 < len(common) < len(after)
    for token in common:
        np.testing.assert_allclose(after[token], before[token], atol=1e-7)


def test_a_whole_model_from_a_checkpoint(nlpx: Command, runs: Path, config: Path, tmp_path: Path) -> None:
    source = runs / "segmentation" / "tiny"
    checkpoints = Checkpoints(source)
    folder = checkpoints.path(checkpoints.resolve("last"))
    same = ["--set", f"init.from={folder}", "--set", "data.limit=400", "--set", "init.vocabulary=same"]
    shown = nlpx("train", config, *same, *RARELY[:2], "--output", tmp_path / "new", "--name", "a")
    assert shown.code == 0, shown.err
    model = open_model(Path(), str(tmp_path / "new" / "segmentation" / "a"), "last").learner.model
    found = [value_of(weight) for weight in model.weights]
    load_weights(model, folder)
    for new, weight in zip(found, model.weights, strict=True):
        np.testing.assert_allclose(new, value_of(weight), atol=1e-7)


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["init.from=nowhere"], 2, "there is no run or checkpoint"),
        (["init.from=RUN", "init.include=[embedding]"], 2, "no variable matches 'embedding'"),
        (["init.from=RUN", "init.exclude=[embeding/*]"], 2, "init.exclude: no variable matches"),
        (["init.from=RUN", "init.exclude=['*']"], 2, "init.exclude: it leaves out all variables"),
        (["init.from=RUN", "init.vocabulary=same"], 2, "Use map as init.vocabulary"),
        (["init.from=RUN", "model.embedding.dim=8"], 2, "Leave it out with init.exclude"),
        (["init.from=RUN", "init.include=[head/crf/transitions]"], 2, "it has none of the variables"),
    ],
)
def test_what_cannot_be_loaded(
    nlpx: Command, finished: Path, config: Path, options: list[str], code: int, message: str
) -> None:
    run = str(finished / "couplet" / "tiny")
    sets = [word for option in options for word in ("--set", option.replace("RUN", run))]
    shown = nlpx("train", config, *sets, "--dry-run")
    assert (shown.code, message in shown.text) == (code, True), shown.text


def test_vectors_from_a_file(nlpx: Command, config: Path, tmp_path: Path) -> None:
    rows = {"的": np.full(16, 0.5), "人": np.arange(16.0), "𠀀": np.zeros(16)}
    vectors = tmp_path / "vectors.npz"
    np.savez(vectors, tokens=np.array(list(rows)), vectors=np.array(list(rows.values())))
    start = ["--set", f"model.embedding.pretrained={vectors}"]
    shown = nlpx("train", config, *start, *RARELY, "--output", tmp_path / "new", "--name", "a")
    assert (shown.code, "vectors of 2 of " in shown.text) == (0, True), shown.err
    vectors.unlink()
    found = table_of(tmp_path / "new" / "segmentation" / "a")
    np.testing.assert_allclose(found["人"], rows["人"], atol=1e-7)
    np.testing.assert_allclose(found["的"], rows["的"], atol=1e-7)


def test_tokens_of_a_file_that_training_lacks(nlpx: Command, config: Path, tmp_path: Path) -> None:
    rows = {"的": 0.5, "𠀀": 2.0, "𠀀𠀀": 3.0, "Ａ": 4.0, "人\n": 5.0}
    files = [tmp_path / "char.npz", tmp_path / "bigram.npz"]
    for file, width in zip(files, (16, 8), strict=True):
        np.savez(file, tokens=np.array(list(rows)), vectors=np.array([[v] * width for v in rows.values()]))
    ngrams = f"[{{size: 2, dim: 8, pretrained: {files[1]}, extend: true}}]"
    start = [f"model.embedding.pretrained={files[0]}", "model.embedding.extend=true"]
    sets = [w for s in (*start, f"model.embedding.ngrams={ngrams}", "train.steps=3") for w in ("--set", s)]
    shown = nlpx("train", config, *sets, "--output", tmp_path / "new", "--name", "a")
    assert shown.code == 0, shown.err
    assert "of ngram2; " in shown.text and "⏎" in shown.text, "n-grams at borders do not break the line"
    for file in files:
        file.unlink()
    run = tmp_path / "new" / "segmentation" / "a"
    assert nlpx("eval", run).code == 0
    found = table_of(run)
    np.testing.assert_array_equal(found["𠀀"], [2.0] * 16)
    assert "Ａ" not in found, "characters are normalized before they are looked up"
    model: Any = open_model(Path(), str(run), "last")
    bigrams = model.vocabularies["ngram2"]
    assert ("𠀀𠀀" in bigrams, "𠀀" in bigrams) == (True, False)
    table = value_of(model.learner.model.embedding.ngram_tables[0].embeddings)
    np.testing.assert_array_equal(table[bigrams.tokens.index("𠀀𠀀")], [3.0] * 8)


def test_what_to_extend_by_is_missing(nlpx: Command, config: Path) -> None:
    shown = nlpx("check", config, "--set", "model.embedding.extend=true")
    assert (shown.code, "pretrained, which is not set" in shown.text) == (2, True), shown.text


def test_vectors_of_another_width(nlpx: Command, config: Path, tmp_path: Path) -> None:
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("人 1 2 3\n", encoding="utf-8")
    shown = nlpx("check", config, "--set", f"model.embedding.pretrained={vectors}")
    assert (shown.code, "C222" in shown.text, "of 3 numbers" in shown.text) == (2, True, True), shown.text


def test_vectors_of_other_tokens(nlpx: Command, config: Path, tmp_path: Path) -> None:
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("apple" + " 1" * 16 + "\n", encoding="utf-8")
    shown = nlpx("train", config, "--set", f"model.embedding.pretrained={vectors}", "--dry-run")
    assert (shown.code, "a vector for none of the" in shown.text) == (3, True), shown.text
