"""What a shell offers for the arguments and options of commands. Nothing is imported until it is needed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from nlpx.specs.experiment import Experiment

# As text, because items of click 8.2 are of no type in particular.
Completer = Callable[[click.Context, click.Parameter, str], "list[CompletionItem[str]]"]

CHECKPOINTS = ("best", "last")
STATUSES = ("running", "finished", "interrupted", "diverged", "failed", "killed", "broken")
COMPONENTS = Path(__file__).parents[1] / "components"
TASKS = COMPONENTS.with_name("tasks")
SAFE = re.compile(r"\w[\w.,:@=/+-]*")
"""Words that are offered. Bash puts them into the line as they are, and would execute `$(...)` in others."""
KIND = re.compile(r'^    kind: ClassVar\[str\] = "(\w+)"$', re.MULTILINE)


def files(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem[str]]:
    """Files, which the shell finds."""
    return [CompletionItem(typed, type="file")]


def words(*offered: str) -> Completer:
    """Fixed words."""
    return lambda context, parameter, typed: _items(offered, typed)


def runs(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem[str]]:
    """TASK/NAME of the runs under --root, newest first, or names once one is begun; otherwise files."""
    from nlpx.runs.folders import run_folders, task_of

    root = context.params.get("root") or context.params.get("output") or "runs"
    given = context.params.get(str(parameter.name)) if parameter.nargs == -1 else ()
    folders = sorted(run_folders(Path(str(root))), key=lambda path: path.name, reverse=True)
    names = [f"{task_of(path)}/{path.name}" for path in folders]
    if typed and "/" not in typed:
        names += [path.name for path in folders]
    found = _items((name for name in names if name not in (given or ())), typed)
    return found or files(context, parameter, typed)


def configs_and_runs(
    context: click.Context, parameter: click.Parameter, typed: str
) -> list[CompletionItem[str]]:
    """Runs once one is begun; otherwise files."""
    return runs(context, parameter, typed) if typed else files(context, parameter, typed)


def splits(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem[str]]:
    """Names of splits."""
    return _items(("train", "valid", "test"), typed)


def tasks(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem[str]]:
    """Built-in tasks."""
    return _items(sorted(file.parent.name for file in TASKS.glob("*/config.py")), typed)


def kinds(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem[str]]:
    """Kinds of built-in components."""
    return _items(sorted(_folders_of_kinds()), typed)


def components(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem[str]]:
    """KIND/ of built-in components and of errors, then KIND/NAME; imports the components of one kind."""
    kind, slash, _ = typed.partition("/")
    known = _folders_of_kinds()
    if not slash:
        return _items((f"{kind}/" for kind in sorted([*known, "error"])), typed)
    if kind == "error":
        from nlpx.config.problems import CODES

        return _items((f"error/{code}" for code in CODES), typed)
    if kind == "task":
        return _items((f"task/{item.value}" for item in tasks(context, parameter, "")), typed)
    return _items((f"{kind}/{name}" for name in _names(kind, known[kind])), typed) if kind in known else []


def keys(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem[str]]:
    """Keys of the config, or of the config of the run, on the command line: one more part at a time."""
    from nlpx.runs.flatten import flatten

    if "=" in typed or (experiment := _experiment(context)) is None:
        return []
    known = flatten(experiment.model_dump(mode="json", by_alias=True))
    begun = typed.rpartition(".")[0].count(".") + 2 if "." in typed else 1
    parts = [key.split(".") for key in known if key.startswith(typed)]
    return _items(
        dict.fromkeys(".".join(part[:begun]) + ("." if len(part) > begun else "=") for part in parts), typed
    )


def _items(offered: Iterable[str], typed: str) -> list[CompletionItem[str]]:
    return [CompletionItem(word) for word in offered if word.startswith(typed) and SAFE.fullmatch(word)]


def _folders_of_kinds() -> dict[str, Path]:
    """Kind -> folder, read from the text of the base classes, which is faster than importing them."""
    bases = COMPONENTS.glob("*/base.py")
    found = {match[1]: base.parent for base in bases if (match := KIND.search(base.read_text("utf-8")))}
    return {**found, "task": TASKS}


def _names(kind: str, folder: Path) -> Iterator[str]:
    import importlib

    from nlpx.core.component import entries_of

    for file in sorted(folder.glob("*.py")):
        if not file.stem.endswith("_layer"):
            module = importlib.import_module(f"nlpx.components.{folder.name}.{file.stem}")
            yield from (entry.name for entry in entries_of(module) if entry.kind == kind)


def _experiment(context: click.Context) -> Experiment | None:
    """The config that --set changes; None if it has plugins, which completion does not execute."""
    given = context.params.get("config") or context.params.get("path")
    if given is not None:
        from nlpx.config.files import read_tree
        from nlpx.config.load import load_experiment

        path = Path(str(given))
        if read_tree(path)[1].value("include") is not None:
            return None
        return load_experiment(path, moved=True).experiment
    if "run" not in context.params:
        return None
    from nlpx.workflow.model import config_of

    run = context.params["run"]
    return config_of(Path(str(context.params.get("root") or "runs")), None if run is None else str(run))
