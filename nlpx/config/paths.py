"""Local paths: relative to the file that contains them, and absolute after a config is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path as FilePath
from typing import Annotated, TypeVar, get_args, get_origin

from nlpx.config.nodes import MappingNode, Path, descend
from nlpx.config.run_names import is_trained, named_runs
from nlpx.config.source import absolute
from nlpx.core.component import Section
from nlpx.core.options import LocalPath
from nlpx.specs.experiment import Experiment

DATA_ROOT = "NLPX_DATA"

SectionT = TypeVar("SectionT", bound=Section)


def resolve_paths(
    experiment: Experiment, tree: MappingNode, environment: Mapping[str, str], runs: FilePath
) -> Experiment:
    """The experiment with absolute local paths.

    A path is relative to the folder of the file that contains it, or to the current folder in `--set`.
    `init.from` may also be the id of a run under `runs`, which is looked for if there is no such folder.
    `data.root` defaults to $NLPX_DATA, or else the folder of the config.
    """
    folder = tree.mark.source.folder
    for path, value, _ in local_paths(experiment):
        node, reached = descend(tree, path)
        written_in = node.mark.source.folder if len(reached) == len(path) else folder
        place = absolute(written_in, value)
        if path[0] == "init" and not is_trained(place):
            # Several runs have a name where tasks share it; the message then says to write TASK/ID.
            found = named_runs(runs, value)
            place = found[0] if len(found) == 1 else place
        experiment = replace_path(experiment, path, str(place))
    if experiment.data.root is None:
        root = str(absolute(FilePath(), environment.get(DATA_ROOT) or str(folder)))
        experiment = replace_path(experiment, ("data", "root"), root)
    return experiment


def local_paths(section: Section, path: Path = ()) -> Iterator[tuple[Path, str, LocalPath]]:
    """All local paths in a section: config path, text and mark."""
    marks = _marks(type(section))
    for name in type(section).model_fields:
        here = (*path, name)
        value = getattr(section, name)
        mark = marks.get(name)
        for at, item in _items(value, here):
            if isinstance(item, Section):
                yield from local_paths(item, at)
            elif isinstance(item, str) and mark is not None:
                yield at, item, mark


def corpus_files(experiment: Experiment) -> Iterator[tuple[Path, FilePath]]:
    """All files and folders of the source below `data.root`, with their config paths."""
    root = FilePath(str(experiment.data.root))
    for option, names in experiment.data.source.files().items():
        for index, name in enumerate(names):
            yield ("data", "source", option, index), root / name


def files_read(experiment: Experiment) -> Iterator[FilePath]:
    """The files that an experiment reads: its corpus, and files of components."""
    yield from (path for _, path in corpus_files(experiment))
    yield from (FilePath(value) for _, value, mark in local_paths(experiment) if mark.must_exist)


def _items(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield (*path, index), item
    else:
        yield path, value


@cache
def _marks(section: type[Section]) -> dict[str, LocalPath]:
    """The marks of the fields of a section that are local paths."""
    found = {name: _mark(field.rebuild_annotation()) for name, field in section.model_fields.items()}
    return {name: mark for name, mark in found.items() if mark is not None}


def _mark(annotation: object) -> LocalPath | None:
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return next((mark for mark in arguments[1:] if isinstance(mark, LocalPath)), _mark(arguments[0]))
    return next((mark for mark in map(_mark, arguments) if mark is not None), None)


def replace_path(section: SectionT, path: Path, value: str) -> SectionT:
    """The section with another local path, which is at a path given by `local_paths`."""
    name, rest = str(path[0]), path[1:]
    return section.model_copy(update={name: _replaced(getattr(section, name), rest, value)})


def _replaced(old: object, path: Path, value: str) -> object:
    if not path:
        return value
    if isinstance(old, list) and isinstance(path[0], int):
        return [_replaced(item, path[1:], value) if i == path[0] else item for i, item in enumerate(old)]
    if isinstance(old, Section):
        return replace_path(old, path, value)
    raise TypeError(f"no section at {path}: {type(old).__name__}")
