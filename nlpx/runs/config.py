"""Load the config of a run without executing any code that the run names.

Plugin files are Python code, which is only imported if the command line contains `--include FILE`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx.config.load import Loaded, load_resolved
from nlpx.config.paths import DATA_ROOT, local_paths
from nlpx.config.problems import ConfigProblems
from nlpx.config.source import absolute
from nlpx.core.files import current_folder, file_hash
from nlpx.core.registry import load_registry
from nlpx.errors import ConfigError, DamagedRun, UsageError
from nlpx.runs.bundle import CONFIG, Bundle
from nlpx.runs.directory import RunDirectory
from nlpx.runs.manifest import ADVICE
from nlpx.runs.record import Snapshot

if TYPE_CHECKING:
    from nlpx.specs.experiment import Experiment

NOT_INCLUDED = "C012"
CALLBACK = re.compile(r"[\w.]+:\w+")
HARMLESS = frozenset(
    f"keras.callbacks:{name}" for name in ("EarlyStopping", "History", "ReduceLROnPlateau", "TerminateOnNaN")
)
"""Keras callbacks that do not write files, open connections, or call a function given as an argument."""
SHORT_HASH = 12
READING = ("decode", "metrics")
"""Sections whose components read files when a model is used."""


def load_run(
    run: RunDirectory,
    overrides: Sequence[str] = (),
    includes: Sequence[Path] = (),
    *,
    say: Callable[[str], None] = lambda message: None,
) -> Loaded:
    """The config of a run, to use its model.

    Args:
        includes: plugin files given on the command line; only these are executed.
        say: called with a message about a plugin file that has changed since training.

    Raises:
        DamagedRun: resolved.yaml is not as written by nlpx.
        UsageError: the config needs a plugin file that is not given on the command line.
        ConfigError: a plugin file or an override is invalid.
    """
    if isinstance(run, Bundle):
        run.read(CONFIG)  # raises DamagedRun if it has changed
        recorded: Mapping[str, str] = run.manifest.includes
    else:
        recorded = Snapshot.of(run).includes
    # Load plugins first, so that their errors are not reported as damage of the run.
    load_registry([absolute(Path(), str(path)) for path in includes])
    _compare_plugins(recorded, includes, say)
    try:
        if isinstance(run, Bundle) and not includes:
            record = run.manifest.files[CONFIG]
            context = current_folder(), os.environ.get(DATA_ROOT)
            loaded = _loaded_once(run.resolved.absolute(), record.sha256, context)
        else:
            loaded = load_resolved(run.resolved, (), includes, moved=True)
    except ConfigError as error:
        raise _explained(run, recorded, includes, error) from None
    if isinstance(run, Bundle):
        _refuse_other_files(run, loaded.experiment)
    if not overrides:
        return loaded
    return load_resolved(run.resolved, overrides, includes, moved=True)


@lru_cache(maxsize=1)
def _loaded_once(path: Path, sha256: str, context: object) -> Loaded:
    """The config of a bundle, which a command needs twice; the other arguments are what it depends on."""
    return load_resolved(path, moved=True)


def load_run_to_train(run: RunDirectory, includes: Sequence[Path] = ()) -> Loaded:
    """The config of a run, to resume it on this machine with the local cache.

    Args:
        includes: plugin files, and `module:Class` of Keras callbacks, given on the command line.

    Raises:
        DamagedRun, UsageError: as in `load_run`; also for a Keras callback that is not given.
        ConfigError: something is missing on this machine.
    """
    callbacks = {str(path) for path in includes if CALLBACK.fullmatch(str(path))}
    files = [path for path in includes if str(path) not in callbacks]
    _refuse_callbacks(run, load_run(run, (), files).experiment, callbacks)
    loaded = load_resolved(run.resolved, (), files)
    # The cache is written and cleaned up, so its folder must not come from the run.
    data = loaded.experiment.data.model_copy(update={"cache": None})
    return replace(loaded, experiment=loaded.experiment.model_copy(update={"data": data}))


def _refuse_other_files(bundle: Bundle, experiment: Experiment) -> None:
    """Raise DamagedRun if the decoder or a metric reads a file that is not one of the bundle, unchanged."""
    for (section, *_), value, _ in local_paths(experiment):
        if section in READING:
            path = Path(value)
            inside = path.is_relative_to(bundle.resolved.parent.absolute())
            name = str(path.relative_to(bundle.resolved.parent.absolute())) if inside else ""
            if name not in bundle.manifest.files:
                what = f"{section} names the file {value[:100]!r}, which does not belong to the bundle"
                raise DamagedRun(bundle.resolved, what, ADVICE)
            bundle.read(name)


def missing_plugins(recorded: Mapping[str, str], includes: Sequence[Path]) -> list[str]:
    """The plugin files that a run was trained with, except those included, under any name."""
    hashes = {file_hash(path) for path in includes if path.is_file()}
    names = {path.name for path in includes}
    return [
        path for path, sha256 in recorded.items() if sha256 not in hashes and Path(path).name not in names
    ]


def _compare_plugins(
    recorded: Mapping[str, str], includes: Sequence[Path], say: Callable[[str], None]
) -> None:
    by_name = {Path(path).name: sha256 for path, sha256 in recorded.items()}
    for path in includes:
        now, then = file_hash(path), by_name.get(path.name)
        if then is not None and now not in recorded.values():
            say(
                f"the plugin {path} has changed since the run was trained: its SHA-256 was "
                f"{then[:SHORT_HASH]}…, is now {now[:SHORT_HASH]}…"
            )


def _explained(
    run: RunDirectory, recorded: Mapping[str, str], includes: Sequence[Path], error: ConfigError
) -> Exception:
    """The reason why a config cannot be used: a missing plugin, a plugin named by the run, or damage."""
    missing = missing_plugins(recorded, includes)
    if missing:
        flags = " ".join(f"--include {path}" for path in missing)
        files = ", ".join(f"{path} (SHA-256 {recorded[path][:SHORT_HASH]}…)" for path in missing)
        return UsageError(
            f"{run.path}: this run was trained with the plugin {files}. Plugins are Python code, which "
            f"is only executed if it is given on the command line: {flags}\nWithout it:\n{error}"
        )
    if isinstance(error, ConfigProblems) and any(p.code == NOT_INCLUDED for p in error.problems):
        return error
    return DamagedRun(run.resolved, f"this is not the config of a run:\n{error}\n", "Restore it from a copy.")


def _refuse_callbacks(run: RunDirectory, experiment: Experiment, named: set[str]) -> None:
    """Refuse callbacks that are not included: they can be any class with any arguments."""
    for observer in experiment.observers:
        callback = getattr(observer, "callback", None)
        if isinstance(callback, str) and callback not in HARMLESS and callback not in named:
            raise UsageError(
                f"{run.path}: this run uses the Keras callback {callback}, which may execute any code. It is "
                "only used if it is given on the command line: if you trust the run, add "
                f"--include {callback}"
            )
