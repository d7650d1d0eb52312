"""`nlpx probe`: show what the layers of a trained model compute."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nlpx.cli import completed
from nlpx.cli.chosen_run import choose
from nlpx.cli.echo import echo, echo_json
from nlpx.cli.eval import finite
from nlpx.cli.options import checkpoint_option, include_option, json_option, root_option
from nlpx.cli.output_file import OutputFile, OutputPath
from nlpx.core.suggest import one_of
from nlpx.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

    from nlpx.cli.chosen_run import ChosenRun


@click.command(epilog="Example: nlpx probe --layer embedding --text 晚风摇树树还挺 --output embedding.npz")
@click.argument("run", required=False, shell_complete=completed.runs)
@click.option("--list", "lists", is_flag=True, help="List all names with their shapes.")
@click.option("--layer", "layers", multiple=True, metavar="NAME", help="A name; can be given several times.")
@click.option("--text", help="The input text, or an image file. Default with --list: the first sample.")
@click.option(
    "--output",
    type=OutputPath(dir_okay=False, path_type=Path),
    help="Write the arrays to FILE.npz, or one as an image to FILE.png.",
)
@checkpoint_option
@root_option
@include_option
@json_option
def command(
    run: str | None,
    lists: bool,
    layers: tuple[str, ...],
    text: str | None,
    output: Path | None,
    checkpoint: str,
    root: Path,
    includes: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Show what the layers of RUN compute for a text. RUN is a folder or an id under --root; default: the
    newest finished run.

    NAME is the output of a layer, such as encoder_0_0; `tap/NAME` an inner tensor, such as the weights of
    an attention; `weight/NAME` a weight, such as the transitions of a CRF; `energy` the score of a generative
    adversarial network on a grid of points. The prefix can be omitted where no
    layer has the same name. What is computed several times is called NAME, NAME#2, ... in the .npz file.
    In an image, rows and columns are the last two axes; white is the largest number. Runs of
    generative tasks need no --text. Probing changes neither the model nor the run.
    """
    if lists == bool(layers):
        raise UsageError("give either --list or --layer NAME (once or more).")
    if lists and output is not None:
        raise UsageError("--output: cannot be combined with --list; name the arrays with --layer.")
    _check_suffix(output, layers)
    from nlpx.config.paths import files_read
    from nlpx.runs.framework import framework
    from nlpx.workflow.model import open_model
    from nlpx.workflow.probe import chosen, file_of, probe

    used = choose(root, run, includes)
    used.expect_weights()
    text = _input(used, text, lists)
    target = OutputFile(output, [used.run.path, *files_read(used.experiment)])
    with framework(None):  # its messages are not written into the run
        model = open_model(root, str(used.run.path), checkpoint, includes)
    arrays = probe(model, text)
    found = arrays if lists else chosen(arrays, layers)
    if output is not None:
        with target.open() as file:
            file.buffer.write(file_of(found, output.suffix.lower()))
    if as_json:
        echo_json(
            {"run": str(used.run.path), "step": model.step, "text": text, "tensors": _described(found, lists)}
        )
    elif output is None:
        for line in described(found, lists):
            echo(line)


def _check_suffix(output: Path | None, layers: tuple[str, ...]) -> None:
    from nlpx.workflow.probe import SUFFIXES

    if output is None:
        return
    suffix = output.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"{output}: expected a name that ends in {one_of(SUFFIXES)}.")
    if suffix == ".png" and len(layers) > 1:
        raise UsageError(
            f"{output}: an image shows one --layer; got {len(layers)}. Choose .npz, or one layer."
        )


def _input(used: ChosenRun, text: str | None, lists: bool) -> str | None:
    """The text of the option, or the first sample of the config to list shapes; None generates."""
    experiment = used.experiment
    if text is not None:
        used.expect_input([text], None)
        return text
    if lists and experiment.samples:
        return experiment.samples[0]
    if not experiment.generates:
        raise UsageError("give --text TEXT, an image file for a run that takes images.")
    return None


def _described(arrays: Mapping[str, np.ndarray], lists: bool) -> list[dict[str, object]]:
    """Each name with its shape; otherwise also with its range. Later calls are only counted in a list."""
    from nlpx.workflow.probe import first_call

    described: dict[str, dict[str, object]] = {}
    calls: dict[str, int] = {}
    for name, array in arrays.items():
        first = first_call(name)
        calls[first] = calls.get(first, 0) + 1
        if lists and name != first:
            continue
        described[name] = {"name": name, "shape": list(array.shape), "dtype": str(array.dtype)}
        if not lists:
            numbers = (array.min(), array.mean(), array.max()) if array.size else ()
            described[name] |= dict(
                zip(("min", "mean", "max"), map(finite, map(float, numbers)), strict=False)
            )
    for name, entry in described.items():
        if lists:
            entry["calls"] = calls[name]
    return list(described.values())


def described(arrays: Mapping[str, np.ndarray], lists: bool) -> list[str]:
    """A table of arrays: their shapes, and the range of each, or in a list how often it is computed."""
    from nlpx.cli.tables import table, terminal_width

    rows = [["name", "shape", "dtype", *(["calls"] if lists else ["min", "mean", "max"])]]
    for entry in _described(arrays, lists):
        shape = "x".join(map(str, entry["shape"])) or "1"  # type: ignore[call-overload]  # a list
        numbers = [str(entry["calls"])] if lists else [_short(entry.get(n)) for n in rows[0][3:]]
        rows.append([str(entry["name"]), shape, str(entry["dtype"]), *numbers])
    return table(rows, left=(0, 1, 2), width=terminal_width())


def _short(number: object) -> str:
    """A number for the table; a dash where an array is empty or holds something that is not finite."""
    return "-" if number is None else f"{number:.4g}"
