"""Convert the network of every shipped config, and compare it as exports do, without training.

    python benchmarks/exports.py                                    all of configs/, on the samples
    python benchmarks/exports.py configs/digits/*.yaml --data FOLDER    some, also on corpora in a folder
    python benchmarks/exports.py --to litert                        instead of as bundles, as files of LiteRT

The weights are the initial ones. There is a line for each config: how much was compared and the time, or why
there is nothing to compare. Ends with 1 if a config cannot be exported, or would give other predictions.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from program import ROOT

from nlpx.config.load import load_experiment
from nlpx.config.problems import ConfigProblems
from nlpx.errors import DataError, NlpxError, UsageError
from nlpx.runs.directory import RunDirectory
from nlpx.workflow.convert import convert
from nlpx.workflow.corpus import open_corpus
from nlpx.workflow.export import refuse_unexportable
from nlpx.workflow.export_graphs import WRITERS
from nlpx.workflow.model import bind

MISSING = "C206"
"""The code of files that do not exist."""
WIDTH, SHOWN = 44, 100
SWEEPS = "sweeps"
"""The folder of what is no config of a run."""


def compared(config: Path, options: list[str], form: str) -> str:
    """What was compared, in words.

    Args:
        config: a config.
        options: as for --set.
        form: what the graphs are written as.

    Raises:
        NlpxError: the config cannot be exported, or its data are missing.
    """
    experiment = load_experiment(config, options).experiment
    refuse_unexportable(experiment)
    corpus = open_corpus(experiment)
    prepared = corpus.prepare(lambda message: None)
    from nlpx.engine.train import configure

    configure(experiment.seed, experiment.train)
    learner = experiment.learner(corpus.codec, prepared.vocabularies)
    with tempfile.TemporaryDirectory() as folder:
        run, place = RunDirectory(Path(folder) / "run"), Path(folder) / "made"
        place.mkdir()
        model = bind(run, experiment, corpus.codec, learner, prepared.vocabularies, prepared.keys)
        made = convert(model, place, lambda message: None, write=WRITERS[form])
    graphs = ", ".join(made.graphs) or "no graph"
    ties = f", {made.tied} ties" if made.tied else ""
    return f"{graphs}: {made.inputs} inputs, {made.rows} rows{ties}"


def shipped() -> list[Path]:
    """The configs of this project, without sweeps."""
    folder = ROOT / "configs"
    return sorted(path for path in folder.rglob("*.yaml") if path.parent != folder / SWEEPS)


def expected(error: NlpxError) -> str:
    """Why a config has nothing to compare; empty if it should have."""
    if isinstance(error, UsageError) and "there is no network" in str(error):
        return "no network"
    missing = isinstance(error, ConfigProblems) and {each.code for each in error.problems} == {MISSING}
    if missing or isinstance(error, DataError):
        return f"without data: {' '.join(str(error).split())[:SHOWN]}"
    return ""


def main() -> None:
    """Say for each config whether it can be exported."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("configs", nargs="*", type=Path, help="default: all of configs/")
    parser.add_argument("--data", type=Path, help="folder of the corpora; default: only the samples are used")
    parser.add_argument("--limit", type=int, default=300, help="rows of a split; all, if they are too few")
    parser.add_argument("--to", choices=WRITERS, default="onnx", help="what the graphs are written as")
    arguments = parser.parse_args()
    options = [f"data.limit={arguments.limit}", *([f"data.root={arguments.data}"] if arguments.data else [])]
    failed = 0
    for config in arguments.configs or shipped():
        start = time.perf_counter()
        try:
            try:
                found = compared(config, options, arguments.to)
            except DataError:  # the first rows of a corpus may all have the same class
                found = compared(config, [*options, "data.limit=null"], arguments.to)
        except NlpxError as error:
            reason = expected(error)
            found = reason or f"FAILED {error}"
            failed += not reason
        name = (
            str(config.resolve().relative_to(ROOT)) if config.resolve().is_relative_to(ROOT) else str(config)
        )
        print(f"{name:{WIDTH}} {time.perf_counter() - start:5.1f} s  {found}", flush=True)
    sys.exit(int(failed > 0))


if __name__ == "__main__":
    main()
