"""Open a bundle: a predictor without TensorFlow and Keras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nlpx.data.codec import Codec
from nlpx.data.keys import KeySet
from nlpx.errors import DamagedRun, UsageError
from nlpx.exported.graph import EndlessLoop, Graph
from nlpx.exported.learner import Call, Graphs, whole
from nlpx.runs.bundle import CONFIG, GRAPHS, INDEX, KEYS, TABLES, VOCABULARY, Bundle
from nlpx.runs.config import load_run
from nlpx.runs.directory import MANIFEST
from nlpx.runs.framework import threads
from nlpx.runs.manifest import ADVICE
from nlpx.specs.experiment import Experiment
from nlpx.specs.predictor import Predictor, Say
from nlpx.text.vocabulary import Vocabulary
from nlpx.workflow.changes import refuse_other_model
from nlpx.workflow.corpus import open_corpus
from nlpx.workflow.golden import replay
from nlpx.workflow.learned import missing_vocabularies
from nlpx.workflow.model import OpenModel
from nlpx.workflow.of_run import files_of_config

BEST = "best"
SHOWN = 200
SLOW = "If it is yours and this machine is just slow, use smaller batches."
Shape = tuple[int, ...]


def open_bundle(
    bundle: Bundle, checkpoint: str, includes: Sequence[Path], overrides: Sequence[str], say: Say
) -> OpenModel:
    """The model of a bundle, whose golden examples have been predicted again.

    Args and errors are those of `open_model`; further errors:

    Raises:
        UsageError: another checkpoint than the best one is wanted.
        DamagedRun: the golden examples have other predictions than when they were exported.
        EnvironmentProblem: onnxruntime is not installed.
    """
    manifest = bundle.manifest
    if checkpoint not in (BEST, str(manifest.step)):
        raise UsageError(
            f"--checkpoint {checkpoint}: the bundle {bundle.path} contains step {manifest.step} only. "
            "Omit the option, or give the run."
        )
    trained = load_run(bundle, includes=includes, say=say).experiment
    experiment = load_run(bundle, overrides, includes).experiment if overrides else trained
    refuse_other_model(trained, experiment)
    if experiment.train.precision != trained.train.precision:
        raise UsageError(
            f"{bundle.path}: this bundle computes in {trained.train.precision}. Another precision needs the "
            "run and TensorFlow."
        )
    if manifest.task not in (trained.type, *type(trained).aliases):
        what = f"its task is {manifest.task[:SHOWN]!r}, but that of {CONFIG} is {trained.type}"
        raise DamagedRun(bundle.path / MANIFEST, what, ADVICE)
    if not trained.can_be_exported():
        raise DamagedRun(bundle.path / MANIFEST, f"the task {trained.type} has no bundles", ADVICE)
    codec = trained.codec()
    vocabularies = _vocabularies(bundle, codec)
    learner = _learner(bundle, trained)

    def predictor(experiment: Experiment) -> Predictor[Any, Any]:
        made = experiment.predictor(codec, learner, vocabularies)
        made.use(manifest.calibration)
        return made

    weights = f"step-{manifest.step}"
    with _fitting(bundle):
        own = predictor(trained)
        if bundle.mapped(INDEX):
            own.prepare(lambda split: open_corpus(trained).rows(split), bundle.index_folder, weights, say)
        replay(bundle, own, trained)
    with files_of_config(bundle, trained, experiment):
        used = own if experiment == trained else predictor(experiment)
    keys = _keys(bundle)
    return OpenModel(
        bundle, trained, experiment, codec, learner, used, vocabularies, keys, step=manifest.step
    )


def _vocabularies(bundle: Bundle, codec: Codec[Any]) -> dict[str, Vocabulary]:
    found = {}
    for name, file in bundle.names(VOCABULARY).items():
        try:
            found[name] = Vocabulary.from_json(bundle.read(file))
        except ValueError as error:
            raise DamagedRun(bundle.path / file, f"not a vocabulary of nlpx: {error}", ADVICE) from None
    if missing := missing_vocabularies(codec, found):
        raise DamagedRun(bundle.path / MANIFEST, f"vocabularies are missing: {', '.join(missing)}", ADVICE)
    return found


def _learner(bundle: Bundle, experiment: Experiment) -> Any:
    graphs: dict[str, Call] = {}
    for name, file in bundle.names(GRAPHS).items():
        try:
            graphs[name] = CheckedGraph(Graph(bundle.read(file), threads()), bundle.path / file)
        except ValueError as error:
            raise DamagedRun(bundle.path / file, str(error), ADVICE) from None
    tables = {Path(name).stem: _table(bundle.path / name) for name in bundle.mapped(TABLES)}
    return exported_learner(experiment, graphs, bundle.manifest.constants, tables, bundle.path / MANIFEST)


def _table(path: Path) -> np.ndarray:
    try:
        table: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    except (EOFError, OSError, ValueError) as error:
        raise DamagedRun(path, f"not an array of NumPy: {error}", ADVICE) from None
    if table.dtype != np.float32:
        raise DamagedRun(path, f"its type is {table.dtype}, expected float32", ADVICE)
    return table


def exported_learner(
    experiment: Experiment,
    graphs: Graphs,
    constants: Mapping[str, Any],
    tables: Mapping[str, np.ndarray],
    manifest: Path,
) -> Any:
    """What the predictor of an experiment uses, of graphs, of constants as nested lists, and of tables."""
    try:
        with np.errstate(over="raise"):
            arrays = {name: np.array(values, np.float32) for name, values in constants.items()}
        return experiment.exported(graphs, {**arrays, **tables})
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise DamagedRun(manifest, f"graphs or constants do not fit the task: {error}", ADVICE) from None


def _keys(bundle: Bundle) -> KeySet:
    content = bundle.read(KEYS)
    if len(content) % 8:
        raise DamagedRun(bundle.path / KEYS, f"{len(content)} bytes is not a multiple of 8", ADVICE)
    return KeySet(np.frombuffer(content, np.uint64))


class CheckedGraph:
    """A graph whose errors, for some batches only, are damage of its file.

    The first batches are the golden examples, whose predictions are compared. Outputs for later batches must
    have the same form: their number, types, axes, and widths, except where these are the length of an input.

    Args:
        graph: a graph that anybody may have written.
        path: of its file, for messages.
    """

    def __init__(self, graph: Call, path: Path) -> None:
        self._graph, self._path = graph, path
        self._known: dict[bool, tuple[Mapping[str, Shape], list[tuple[np.dtype[Any], Shape]]]] = {}

    def __call__(self, batch: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """The outputs for a batch; raises DamagedRun."""
        return self._checked(self._graph, batch, asked=False)

    def whole(self, batch: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """With that which has to be asked for."""
        return self._checked(partial(whole, self._graph), batch, asked=True)

    def _checked(self, graph: Call, batch: Mapping[str, np.ndarray], asked: bool) -> list[np.ndarray]:
        try:
            found = graph(batch)
        except EndlessLoop as error:
            raise DamagedRun(self._path, str(error), f"{ADVICE} {SLOW}") from None
        except ValueError as error:
            raise self._damaged(str(error)) from None
        inputs = {name: array.shape for name, array in batch.items()}
        outputs = [(output.dtype, output.shape) for output in found]
        before, known = self._known.setdefault(asked, (inputs, outputs))
        changes = {0} | {
            size - old
            for name, shape in inputs.items()
            for size, old in zip(shape, before.get(name, ()), strict=False)
        }
        if len(outputs) != len(known):
            raise self._damaged(f"it has {len(outputs)} outputs; the golden examples have {len(known)}")
        for (kind, shape), (old_kind, old) in zip(outputs, known, strict=True):
            alike = kind == old_kind and len(shape) == len(old)
            if not alike or (shape and shape[-1] - old[-1] not in changes):
                what = f"its output is {kind} {shape}; that of the golden examples is {old_kind} {old}"
                raise self._damaged(what)
        return found

    def _damaged(self, what: str) -> DamagedRun:
        return DamagedRun(self._path, f"its files do not fit each other: {what}", ADVICE)


class _fitting:
    """Turns errors of arrays and graphs that do not fit each other into DamagedRun."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ValueError | IndexError | KeyError | TypeError):
            reason = f"its files do not fit each other: {str(error)[:SHOWN]}"
            raise DamagedRun(self._bundle.path, reason, ADVICE) from error
