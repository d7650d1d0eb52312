"""`nlpx data label`: pseudo-label images with a trained run, for self-training."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from nlpx.cli import completed
from nlpx.cli.chosen_run import choose
from nlpx.cli.echo import echo, tell
from nlpx.cli.options import include_option, root_option
from nlpx.cli.output_file import OutputPath, make_output_folder
from nlpx.core.paths import is_there
from nlpx.errors import DataError, UsageError

if TYPE_CHECKING:
    from nlpx.specs.predictor import Prediction

IMAGE = "image"
"""The kind of record of tasks that classify images."""


@click.command(epilog="Example: nlpx data label RUN --input photos --output round1.tsv")
@click.argument("run", required=False, shell_complete=completed.runs)
@click.option(
    "--input",
    "source",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="A folder of unlabelled images, or one image.",
)
@click.option(
    "--output",
    required=True,
    type=OutputPath(dir_okay=False, path_type=Path),
    help="A new file for the list.",
)
@click.option(
    "--least",
    type=click.FloatRange(0, 1),
    default=0.9,
    show_default=True,
    help="Minimum probability for an image to be kept.",
)
@root_option
@include_option
def label(
    run: str | None, source: Path, output: Path, least: float, root: Path, includes: tuple[Path, ...]
) -> None:
    """List the images that RUN classifies with high confidence.

    RUN is as for `nlpx predict`. The list has lines `path<TAB>class` with paths relative to its folder. Use
    it as `data.source.pseudo` of the next training run, and label the same folder with the new run, as long
    as the validation accuracy improves. A file that cannot be read gives a message on standard error; the
    exit code is then 3.
    """
    from nlpx.workflow.corpus import open_corpus
    from nlpx.workflow.model import open_model

    chosen = choose(root, run, includes)
    task = chosen.experiment
    if task.row != IMAGE:
        raise UsageError(f"the run belongs to the task {task.type}; expected one that classifies images.")
    if is_there(output):
        raise UsageError(f"{output}: already exists. Choose another --output, or delete it.")
    make_output_folder(output.parent)
    model = open_model(root, str(chosen.run.path), "best", includes)
    model.prepare(lambda: open_corpus(model.experiment), tell)
    paths = model.codec.inputs(source) or []
    kept: list[str] = []
    counts: dict[str, Counter[bool]] = {}
    failed = 0
    for line, prediction in _lines(paths, model.predictor.predict(paths), output.parent):
        if prediction.failed:
            failed += 1
            tell(f"error: {prediction.text}")
            continue
        name, probability = _best(prediction)
        sure = probability >= least
        counts.setdefault(name, Counter())[sure] += 1
        if sure:
            kept.append(f"{line}\t{name}\n")
    _show(counts)
    if kept:
        from nlpx.core.files import replace_file

        replace_file(output, "".join(kept))
    click.echo(f"{output}: {len(kept)} of {len(paths)} images" if kept else "no list was written")
    if failed:
        raise DataError(f"{failed} of the images could not be labelled; see the messages above.")
    if not kept:
        raise DataError(f"no image has a class with a probability of {least:g} or more. Lower --least.")


def _lines(
    paths: Sequence[str], predictions: Sequence[Prediction], folder: Path
) -> Iterator[tuple[str, Prediction]]:
    """Every prediction with its path relative to the list; failed if the list cannot contain the path."""
    from nlpx.specs.predictor import Prediction

    start = os.path.realpath(folder)
    for path, prediction in zip(paths, predictions, strict=True):
        name = os.path.relpath(Path(path).absolute(), start)
        if name != name.strip() or not name.isprintable():
            prediction = Prediction(
                f"{path!r}: a list cannot contain this path. Rename the file", failed=True
            )
        yield name, prediction


def _best(prediction: Prediction) -> tuple[str, float]:
    """The most probable class, with its probability or score."""
    best = cast(Sequence[Mapping[str, object]], prediction.fields["classes"])[0]
    return str(best["class"]), float(cast(float, best["probability" if "probability" in best else "score"]))


def _show(counts: Mapping[str, Counter[bool]]) -> None:
    from nlpx.cli.tables import table

    rows = [[name, str(count[True]), str(count[False])] for name, count in sorted(counts.items())]
    if rows:
        echo("\n".join(table([["class", "kept", "left out"], *rows])))
