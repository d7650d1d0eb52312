"""`nlpx data label`: pictures with the classes that a run gives them, to train again with."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from nlpx.cli.chosen_run import choose
from nlpx.cli.echo import echo, tell
from nlpx.cli.output_file import OutputPath
from nlpx.errors import DataError, EnvironmentProblem, UsageError

if TYPE_CHECKING:
    from nlpx.specs.predictor import Prediction


@click.command(epilog="Example: nlpx data label RUN --input photos --output round1.tsv")
@click.argument("run", required=False)
@click.option(
    "--input",
    "source",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="A folder of pictures without classes; or one picture.",
)
@click.option(
    "--output", required=True, type=OutputPath(dir_okay=False, path_type=Path), help="The list; a new file."
)
@click.option(
    "--least",
    type=click.FloatRange(0, 1),
    default=0.9,
    show_default=True,
    help="The probability from which on a class is believed.",
)
@click.option(
    "--root", type=click.Path(path_type=Path), default="runs", show_default=True, help="Where runs lie."
)
@click.option("--include", "includes", multiple=True, type=click.Path(path_type=Path), help="A plugin file.")
def label(
    run: str | None, source: Path, output: Path, least: float, root: Path, includes: tuple[Path, ...]
) -> None:
    """List the pictures that RUN is sure of.

    RUN is as for `nlpx predict`. The list has lines `path<TAB>class`, paths relative to its folder. Train
    again with it as `data.source.pseudo`, and label the same folder with the new run, as long as valid gains
    by it. What cannot be read gives a line on standard error and, at the end, exit code 3.
    """
    from nlpx.workflow.corpus import open_corpus
    from nlpx.workflow.model import open_model

    chosen = choose(root, run, includes)
    task = chosen.experiment
    if task.row != "picture":
        raise UsageError(
            f"the run is one of the task {task.type}; expected one that has learnt to name pictures."
        )
    if output.exists():
        raise UsageError(f"{output}: there already is such a file. Choose another --output, or delete it.")
    _make(output.parent)
    model = open_model(root, str(chosen.run.path), "best", includes)
    model.prepare(lambda: open_corpus(model.experiment), tell)
    paths = model.codec.inputs(source) or []
    kept: list[str] = []
    counts: dict[str, Counter[bool]] = {}
    failed = 0
    for line, answer in _lines(paths, model.predictor.predict(paths), output.parent):
        if answer.failed:
            failed += 1
            tell(f"error: {answer.text}")
            continue
        name, probability = _best(answer)
        sure = probability >= least
        counts.setdefault(name, Counter())[sure] += 1
        if sure:
            kept.append(f"{line}\t{name}\n")
    _show(counts)
    if kept:
        from nlpx.core.files import replace_file

        replace_file(output, "".join(kept))
    click.echo(f"{output}: {len(kept)} of {len(paths)} pictures" if kept else "nothing is written")
    if failed:
        raise DataError(f"{failed} of the pictures could not be labelled; the messages above say why.")
    if not kept:
        raise DataError(f"no picture has a class with a probability of {least:g} or more. Lower --least.")


def _lines(
    paths: Sequence[str], answers: Sequence[Prediction], folder: Path
) -> Iterator[tuple[str, Prediction]]:
    """Every answer with its path as the list names it; failed where a list cannot."""
    from nlpx.specs.predictor import Prediction

    start = os.path.realpath(folder)
    for path, answer in zip(paths, answers, strict=True):
        name = os.path.relpath(Path(path).absolute(), start)
        if name != name.strip() or not name.isprintable():
            answer = Prediction(f"{path!r}: a list cannot hold this path. Rename the file", failed=True)
        yield name, answer


def _best(answer: Prediction) -> tuple[str, float]:
    """The most probable class."""
    best = cast(Sequence[Mapping[str, object]], answer.fields["classes"])[0]
    return str(best["class"]), float(cast(float, best["probability"]))


def _show(counts: Mapping[str, Counter[bool]]) -> None:
    from nlpx.cli.tables import table

    rows = [[name, str(count[True]), str(count[False])] for name, count in sorted(counts.items())]
    if rows:
        echo("\n".join(table([["class", "kept", "left out"], *rows])))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"{folder}: cannot be made: {error.strerror}. Choose another --output."
        ) from None
