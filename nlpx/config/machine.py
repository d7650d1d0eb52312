"""What a config demands of the machine it is to run on: extras, implementations and files that exist."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath

from nlpx.config.nodes import Path
from nlpx.config.paths import local_paths
from nlpx.config.plugin_faults import missing_implementation
from nlpx.config.rules import Finding, Rules
from nlpx.core.build import is_own
from nlpx.core.component import Component, Registry, Section, Split, where
from nlpx.specs.experiment import Experiment
from nlpx.specs.extras import how_to_install, missing_modules

FILES = ("train", "valid", "test", "pseudo")
"""Options of sources that name files below `data.root`."""


def extras_are_installed(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """A component that needs an optional extra finds it."""
    for path, spec in components(experiment):
        missing = missing_modules(spec.extra)
        if missing:
            what = f"{spec.kind}/{spec.type} needs {', '.join(missing)}, which is not installed"
            yield Finding("C205", (path, path[:1]), what, advice=how_to_install(spec.extra))


def plugins_are_complete(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """What a component of a plugin names as its implementation is there."""
    named: list[tuple[Path, Component]] = [(("task",), experiment), *components(experiment)]
    for path, spec in named:
        if not isinstance(spec, Split) or is_own(type(spec)):
            continue
        missing = missing_implementation(type(spec))
        if missing:
            named_in = f"{spec.kind}/{spec.type} ({where(type(spec))})"
            what = f"{named_in} names the implementation {spec.implementation}: {missing}"
            yield Finding("C013", (path, path[:1]), what)


def corpus_files_exist(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """The files of a source lie under `data.root`."""
    source, root = experiment.data.source, FilePath(str(experiment.data.root))
    for option in FILES:
        names = source.files(option)
        for index, name in enumerate(names):
            path_exists = FilePath.exists if source.reads_folders else FilePath.is_file
            if not path_exists(root / name):
                path: Path = ("data", "source", option)
                yield Finding(
                    "C206",
                    ((*path, index), path, path[:2]),
                    f"there is no file {'or folder ' if source.reads_folders else ''}{root / name}",
                    advice="set data.root or $NLPX_DATA to the folder of the corpora",
                )


def input_files_exist(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """Files that a component reads exist."""
    for path, value, mark in local_paths(experiment):
        if mark.must_exist and not FilePath(value).is_file():
            yield Finding("C206", (path,), f"there is no file {value}")


def components(section: Section, path: Path = ()) -> Iterator[tuple[Path, Component]]:
    """Every component in a section, with its path."""
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
    (input_files_exist, ()),
)
