"""Train an experiment in a run directory, from the start or resumed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx.config.load import Loaded, load_experiment
from nlpx.core.counted import counted
from nlpx.core.files import make_folder, replace_file
from nlpx.data.prepared import Prepared
from nlpx.errors import Interrupted, NlpxError, UsageError
from nlpx.inference.evaluate import Report, evaluate
from nlpx.runs.config import load_run_to_train
from nlpx.runs.directory import RunDirectory
from nlpx.runs.framework import devices, framework
from nlpx.runs.lookup import find
from nlpx.runs.snapshot import verify_devices, verify_resume, write_snapshot
from nlpx.specs.predictor import Example, Prediction, Say
from nlpx.workflow.auto_export import export_trained
from nlpx.workflow.corpus import Corpus, open_corpus
from nlpx.workflow.job import job_of
from nlpx.workflow.learned import save_calibration, save_vocabularies
from nlpx.workflow.log import RunLog
from nlpx.workflow.model import OpenModel, bind
from nlpx.workflow.of_run import buildable, files_of_config
from nlpx.workflow.pretrained import load_pretrained
from nlpx.workflow.recording import recording
from nlpx.workflow.warm_start import warm_start

if TYPE_CHECKING:
    from nlpx.engine.learner import Evaluation
    from nlpx.engine.train import Outcome

DRY_STEPS = 5


@dataclass(frozen=True)
class Finished:
    """A finished training run.

    Attributes:
        run: its directory.
        outcome: the outcome reported by the engine.
        split: the split of the final evaluation: test, or valid if there is no test split.
        step: step of the best checkpoint, which was evaluated.
        report: its metrics.
        samples: the samples of the config with their predictions.
        model: the model, with the weights of the best checkpoint.
        log: receives what is printed.
    """

    run: RunDirectory
    outcome: Outcome
    split: str
    step: int
    report: Report[Example]
    samples: list[tuple[str, Prediction]]
    model: OpenModel
    log: RunLog


def start_run(
    config: Path, overrides: Sequence[str], includes: Sequence[Path], output: Path, name: str | None, say: Say
) -> Finished:
    """Train a config in a new run.

    Raises:
        NlpxError, OSError: the run is deleted if the error occurs before training begins.
    """
    log = RunLog(say)
    loaded = load_experiment(config, overrides, includes, runs=output)
    corpus = open_corpus(loaded.experiment)
    prepared = corpus.prepare(log)
    run = RunDirectory.create(output, loaded.experiment, loaded.text, name)
    try:
        save_vocabularies(run.vocabulary, prepared.vocabularies, prepared.keys)
        if prepared.bad:
            _note_bad_rows(run, prepared, log)
        with framework(run.framework_log):
            found = devices()
        write_snapshot(
            run,
            loaded.experiment,
            fingerprints=prepared.fingerprints,
            vocabularies=_hashes(prepared),
            counts=prepared.counts,
            includes=loaded.includes,
            folder=loaded.path.parent,
            devices=found,
        )
        log(f"run {run.path}")
        return _train(run, loaded, corpus, prepared, resume=False, log=log)
    except (NlpxError, OSError, KeyboardInterrupt):
        if not run.metrics_jsonl.exists():  # training has not begun
            shutil.rmtree(run.path)
        raise


def resume_run(root: Path, name: str, includes: Sequence[Path], say: Say) -> Finished:
    """Resume a run from its last intact checkpoint, or in its final evaluation.

    Raises:
        UsageError: the run is already finished, or its config has changed.
        DataError: its data has changed.
    """
    run = find(root, name)
    if run.status == "finished":
        raise UsageError(f"{run.path}: this run is finished. Evaluate it with: nlpx eval {run.path}")
    log = RunLog(say)
    loaded = load_run_to_train(run, includes)
    corpus = open_corpus(loaded.experiment)
    prepared = corpus.prepare(log)
    for change in verify_resume(
        run,
        loaded.experiment,
        prepared.fingerprints,
        vocabularies=_hashes(prepared),
        includes=loaded.includes,
    ):
        log(change)
    log(f"resuming run {run.path}")
    return _train(run, loaded, corpus, prepared, resume=True, log=log)


def _train(
    run: RunDirectory, loaded: Loaded, corpus: Corpus, prepared: Prepared, *, resume: bool, log: RunLog
) -> Finished:
    experiment, codec = loaded.experiment, corpus.codec
    with run.training(), log.errors():
        log.open(run.log)
        with framework(run.framework_log):
            from nlpx.engine.learner import Evaluation
            from nlpx.engine.observers.progress import Lines, progress_observer
            from nlpx.engine.train import configure, train
        if resume:
            for change in verify_devices(run, devices()):
                log(change)
        configure(experiment.seed, experiment.train)
        with buildable(run if resume else None):
            learner = experiment.learner(codec, prepared.vocabularies)
        experiment.initialize(learner, corpus.cache)
        if not run.last.is_file():  # otherwise the checkpoint has all weights
            experiment.fit(learner, prepared.items)
            load_pretrained(experiment, learner, prepared.vocabularies, log)
            warm_start(experiment, learner, prepared.vocabularies, loaded.includes, log)
        with files_of_config(run, experiment) if resume else nullcontext():
            predictor = experiment.predictor(codec, learner, prepared.vocabularies)

        def measure() -> Evaluation:
            predictor.prepare(corpus.rows)
            report = evaluate(experiment.metrics, predictor, lambda: corpus.rows("valid"), prepared.keys)
            predictions = predictor.predict(experiment.samples)
            samples = [
                {"text": text, **prediction.fields}
                for text, prediction in zip(experiment.samples, predictions, strict=True)
            ]
            return Evaluation(report.metrics, samples, predictor.files())

        watching = [progress_observer(), Lines(log.note)]
        batches = experiment.batches(prepared.items, learner, corpus.cache)
        job = job_of(experiment, learner, batches, run.path, measure, watching, resume)
        with recording(run, experiment, job.observers, resume=resume, say=log) as records:
            outcome = train(job)
            model = bind(run, experiment, codec, learner, prepared.vocabularies, prepared.keys)
            # Inside `training`, because a run is finished only after its evaluation.
            with _interruptible(run):
                finished = _measured(model, corpus, outcome, log)
            records.evaluated(finished.split, finished.step, finished.report.metrics)
    with log.errors():
        export_trained(finished.model, log)
    return finished


@contextmanager
def _interruptible(run: RunDirectory) -> Iterator[None]:
    """Run work that a signal ends immediately, and that is repeated when the run is resumed."""
    from nlpx.engine.signals import Abandoned, StopRequest

    with StopRequest() as request:
        try:
            with request.abandonable():
                yield
        except Abandoned:
            raise Interrupted(
                request.number or 0,
                "stopped after training, during the evaluation of the best checkpoint. "
                f"Resume with: nlpx train --resume {run.path}",
            ) from None


def _measured(model: OpenModel, corpus: Corpus, outcome: Outcome, log: RunLog) -> Finished:
    """Calibrate on the validation split, evaluate the best checkpoint on test, and predict the samples."""
    from nlpx.workflow.evaluate import evaluate_run

    model.run.make_eval_folder()
    for left in model.run.eval_folder.glob(".*.tmp"):  # left by a process that was killed here
        left.unlink(missing_ok=True)
    split = "test" if "test" in corpus.source.splits() else "valid"
    best = model.load("best")
    chosen = best.predictor.calibrate(corpus.rows("valid"))
    save_calibration(best.run, chosen)
    best.predictor.use(chosen)
    for name, content in best.predictor.results().items():
        make_folder(best.run.results)
        replace_file(best.run.results / name, content)
    result = evaluate_run(best, split, log, corpus=corpus)
    texts = best.experiment.samples
    samples = list(zip(texts, best.predictor.predict(texts), strict=True))
    return Finished(model.run, outcome, split, best.step, result.report, samples, best, log)


def _hashes(prepared: Prepared) -> dict[str, str]:
    return {name: vocabulary.sha256 for name, vocabulary in prepared.vocabularies.items()}


def _note_bad_rows(run: RunDirectory, prepared: Prepared, say: Say) -> None:
    lines = [f"{row.where}: {row.reason}\n" for row in prepared.bad]
    replace_file(run.bad_rows, "".join(lines))
    bad = counted(prepared.bad_total, "bad row is", "bad rows are")
    listed = "it is" if len(lines) == 1 else f"the first {len(lines)} are"
    say(f"{bad} left out; {listed} listed in {run.bad_rows}")
