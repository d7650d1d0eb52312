"""Rules about the machine: required extras, implementations and files exist."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path as FilePath
from typing import Any

from nlpx.config.nodes import MappingNode, Path, descend, dotted
from nlpx.config.paths import corpus_files, local_paths
from nlpx.config.plugin_faults import missing_implementation
from nlpx.config.rules import Finding, Rules
from nlpx.config.run_names import is_trained
from nlpx.core.build import implementation_name
from nlpx.core.component import Component, Registry, Section, Split, is_own, where
from nlpx.core.extras import how_to_install, missing_modules
from nlpx.core.files import KINDS
from nlpx.core.paths import absent_file, is_folder, is_there, why_no_folder
from nlpx.data.files import read_lines
from nlpx.data.vectors import width_of
from nlpx.errors import DataError
from nlpx.specs.experiment import Experiment

SHOWN_LINES = 5
"""Maximum number of reported errors in a file."""


def extras_are_installed(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """The optional extras that components need are installed."""
    for path, spec in components(experiment):
        missing = missing_modules(spec.extra)
        if missing:
            what = f"{spec.kind}/{spec.type} needs {', '.join(missing)}, which is not installed"
            yield Finding("C205", (path, path[:1]), what, advice=how_to_install(spec.extra))


def plugins_are_complete(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """The implementations of plugin components exist."""
    named: list[tuple[Path, Component]] = [(("task",), experiment), *components(experiment)]
    for path, spec in named:
        if not isinstance(spec, Split) or is_own(type(spec)):
            continue
        missing = missing_implementation(type(spec))
        if missing:
            named_in = f"{spec.kind}/{spec.type} ({where(type(spec))})"
            what = f"{named_in} names the implementation {implementation_name(type(spec))}: {missing}"
            yield Finding("C013", (path, path[:1]), what)


def corpus_files_exist(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """The files of a source exist under `data.root`."""
    for path, file in corpus_files(experiment):
        what = _lacking(file, experiment.data.source.reads_folders)
        if what:
            advice = "" if is_there(file) else "set data.root or $NLPX_DATA to the folder of the corpora"
            yield Finding("C206", (path, path[:3], path[:2]), what, advice=advice)


def input_files_are_read(
    experiment: Experiment, registry: Registry, counts: Callable[[Path], bool] = lambda path: True
) -> Iterator[Finding]:
    """Files that a component reads exist and are valid.

    Args:
        experiment, registry: as for every rule.
        counts: whether to check the file at a config path.
    """
    parts = dict(components(experiment))
    for path, value, mark in local_paths(experiment):
        if not mark.must_exist or not counts(path):
            continue
        part = parts.get(path[:-1])
        what = _lacking(FilePath(value))
        if what:
            yield Finding("C206", (path,), what)
        elif path[-1] != "pretrained":  # vectors have a rule of their own
            try:
                if part is None:
                    next(read_lines(FilePath(value)))
                else:
                    part.prepare()
            except DataError as error:
                lines = str(error).splitlines()
                more = [f"... and {len(lines) - SHOWN_LINES} more"] if len(lines) > SHOWN_LINES else []
                yield Finding("C221", (path,), "\n".join(lines[:SHOWN_LINES] + more))


def run_to_start_from_exists(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """The run or checkpoint of a warm start is there."""
    if experiment.init is None:
        return
    folder = FilePath(experiment.init.source)
    if not is_trained(folder):
        what = f"there is no run or checkpoint {folder}, and no run with this name"
        if os.path.lexists(folder) and not is_folder(folder):
            what = f"{folder}: {why_no_folder(folder)}"
        advice = "give the folder of one, or TASK/ID of `nlpx runs list`"
        yield Finding("C206", (("init", "from"), ("init",)), what, advice=advice)


def vectors_have_the_width(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """Pretrained vectors can be read, and are as wide as their embedding."""
    for path, value, _ in local_paths(experiment):
        if path[-1] != "pretrained" or _lacking(FilePath(value)):
            continue
        section: Any = experiment
        for key in path[:-1]:
            section = section[key] if isinstance(key, int) else getattr(section, key)
        try:
            width = width_of(FilePath(value))
        except DataError as error:
            yield Finding("C221", (path,), str(error))
        else:
            if width != section.dim:
                what = f"the file has vectors of {width} numbers"
                place = dotted((*path[:-1], "dim"))
                yield Finding("C222", (path,), what, f"{place}: {section.dim}", f"{place}: {width}")


def _lacking(path: FilePath, or_folder: bool = False) -> str:
    """Why a path is not a file, or a folder if that is allowed; empty if it is."""
    wanted = "file or folder" if or_folder else "file"
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return absent_file(path, wanted)
    if stat.S_ISREG(mode) or (or_folder and stat.S_ISDIR(mode)):
        return ""
    return f"{path} is {KINDS.get(stat.S_IFMT(mode), 'something else')}, not a {wanted}"


def rules_of_overrides(tree: MappingNode) -> Rules:
    """Rules for files given with `--set`, which are local even if the config was resolved elsewhere.

    Args:
        tree: the config as written.
    """

    def counts(path: Path) -> bool:
        node, reached = descend(tree, path)
        return len(reached) == len(path) and not node.mark.source.is_file

    return ((partial(input_files_are_read, counts=counts), ()),)


def components(section: Section, path: Path = ()) -> Iterator[tuple[Path, Component]]:
    """All components in a section, with their paths."""
    for name in type(section).model_fields:
        value = getattr(section, name)
        items = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, item in items:
            here = (*path, name) if index is None else (*path, name, index)
            if isinstance(item, Component):
                yield here, item
            if isinstance(item, Section):
                yield from components(item, here)


MACHINE_RULES: Rules = (
    (extras_are_installed, ()),
    (plugins_are_complete, ()),
    (corpus_files_exist, ("data.source", "data.root")),
    (input_files_are_read, ()),
    (run_to_start_from_exists, ("init",)),
    (vectors_have_the_width, ("model.embedding",)),
)
