"""Average the weights of several checkpoints of one model: a checkpoint soup."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from nlpx.core.lazy import np
from nlpx.data.prepared import Counts
from nlpx.errors import NlpxError, UsageError
from nlpx.inference.evaluate import evaluate
from nlpx.runs.directory import RunDirectory
from nlpx.runs.files import read_file
from nlpx.runs.flatten import differences, flatten
from nlpx.runs.framework import framework
from nlpx.runs.record import Snapshot
from nlpx.runs.snapshot import write_snapshot
from nlpx.specs.experiment import Experiment
from nlpx.specs.predictor import Say
from nlpx.workflow.corpus import Corpus, open_corpus
from nlpx.workflow.evaluate import evaluate_run
from nlpx.workflow.learned import LARGEST_VOCABULARY, load_vocabularies, save_calibration
from nlpx.workflow.model import open_model
from nlpx.workflow.trained import Trained

MODEL = ("type", "vocabulary", "data.normalize", "data.length", "data.max_length", "model")
"""Settings that must be the same for the weights to be those of one model."""
LARGEST_CONFIG = 1 << 22


@dataclass(frozen=True)
class Average:
    """A run with averaged weights.

    Attributes:
        run: the run.
        metrics: of the average on the validation split.
        parts: metrics of the checkpoints that were averaged, by their names.
    """

    run: RunDirectory
    metrics: Mapping[str, float]
    parts: Mapping[str, Mapping[str, float]]


def average(
    paths: Sequence[Path], output: Path, name: str | None, includes: Sequence[Path], say: Say
) -> Average:
    """Make a run whose weights are the mean of checkpoints, and evaluate it and them on the validation split.

    w = (w_1 + ... + w_n) / n, of all floating-point weights, which include statistics of normalization layers

    Args:
        paths: runs, whose best checkpoints are used, or folders of checkpoints.
        output: folder of the runs.
        name: of the new run; None selects date and time.
        includes: plugin files.
        say: called with messages about slow operations.

    Raises:
        UsageError: fewer than two checkpoints, or not of the same model.
        DamagedRun, CheckpointError: one of them cannot be read.
        DataError: the validation data cannot be read.
    """
    if len(paths) < 2:
        raise UsageError("an average needs at least two runs or checkpoints.")
    parts = [Trained.open(path) for path in paths]
    first = parts[0]
    experiment = first.experiment(includes)
    for part in parts[1:]:
        _expect_the_same_model(first, experiment, part, part.experiment(includes))
    corpus = open_corpus(experiment)
    with framework(None):
        from nlpx.engine.checkpoint import BEST, LAST, Checkpoints
    mean, step = _mean(parts)
    run = RunDirectory.create(output, experiment, _text(first.run.config), name)
    try:
        with run.training():
            _fill(run, first, experiment, includes)
            folder = Checkpoints(run.path).save_weights(step, mean)
            for pointer in (BEST, LAST):
                (run.path / pointer).write_text(f"{folder.name}\n", encoding="utf-8")
            return _evaluated(run, parts, corpus, includes, say)
    except (NlpxError, KeyboardInterrupt):
        shutil.rmtree(run.path, ignore_errors=True)
        raise


def _expect_the_same_model(first: Trained, wanted: Experiment, part: Trained, other: Experiment) -> None:
    sides = [flatten(side.model_dump(mode="json")) for side in (wanted, other)]
    for key in differences(sides):
        if any(f"{key}.".startswith(f"{prefix}.") for prefix in MODEL):
            raise UsageError(
                f"{part.run.path}: {key} is not that of {first.run.path}. Only checkpoints of the same model "
                "can be averaged."
            )
    if Snapshot.of(part.run).vocabularies != Snapshot.of(first.run).vocabularies:
        raise UsageError(
            f"{part.run.path}: its vocabularies are not those of {first.run.path}. Only checkpoints of the "
            "same model, trained on the same data, can be averaged."
        )


def _mean(parts: Sequence[Trained]) -> tuple[dict[str, np.ndarray], int]:
    """The mean of the weights, and the largest step."""
    from nlpx.engine.checkpoint import NAME, read_weights

    folders = [part.folder() for part in parts]
    sums: dict[str, np.ndarray] = {}
    dtypes: dict[str, np.dtype] = {}
    for folder in folders:
        arrays = read_weights(folder)
        if sums and {n: a.shape for n, a in arrays.items()} != {n: a.shape for n, a in sums.items()}:
            raise UsageError(f"{folder}: its weights have other shapes than those of {folders[0]}.")
        for key, array in arrays.items():
            sums[key] = sums.get(key, 0.0) + array.astype(np.float64)
            dtypes[key] = array.dtype
    mean = {key: (array / len(parts)).astype(dtypes[key]) for key, array in sums.items()}
    return mean, max(int(found[1]) for folder in folders if (found := NAME.fullmatch(folder.name)))


def _fill(run: RunDirectory, first: Trained, experiment: Experiment, includes: Sequence[Path]) -> None:
    """Write what a run needs besides its weights, from the first of the averaged runs."""
    load_vocabularies(first.run, experiment.codec())  # raises DamagedRun
    run.vocabulary.mkdir()
    for file in sorted(first.run.vocabulary.iterdir()):
        (run.vocabulary / file.name).write_bytes(read_file(file, LARGEST_VOCABULARY))
    before = Snapshot.of(first.run)
    write_snapshot(
        run,
        experiment,
        fingerprints={split: record.sha256 for split, record in before.data.items()},
        vocabularies=before.vocabularies,
        counts={s: Counts(r.rows, r.bad, r.left_out) for s, r in before.data.items()},
        includes=includes,
    )


def _evaluated(
    run: RunDirectory, parts: Sequence[Trained], corpus: Corpus, includes: Sequence[Path], say: Say
) -> Average:
    model = open_model(Path(), str(run.path), "best", includes, say=say)
    predictor, rows = model.predictor, partial(corpus.rows, "valid")

    def calibrated() -> Mapping[str, float]:
        predictor.prepare(corpus.rows)
        chosen = predictor.calibrate(rows())
        predictor.use(chosen)
        return chosen

    metrics = {}
    for part in parts:
        model.fill(part.folder())
        calibrated()
        name = f"{part.run.id} {part.which}"
        if name in metrics:
            name = part.text
        metrics[name] = evaluate(model.experiment.metrics, predictor, rows, model.keys).metrics
    model = model.load("best")
    save_calibration(run, calibrated())
    result = evaluate_run(model, "valid", say, corpus=corpus)
    return Average(run, result.report.metrics, metrics)


def _text(path: Path) -> str:
    return read_file(path, LARGEST_CONFIG).decode("utf-8", "replace")
