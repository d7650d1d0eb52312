"""The run that a command uses, and whether its input fits the input of the command."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nlpx.core.paths import is_file, is_folder, is_there
from nlpx.core.printable import printable
from nlpx.errors import NlpxError, UsageError

if TYPE_CHECKING:
    from nlpx.data.formats.character_sets import Encoding
    from nlpx.inference.lines import Line
    from nlpx.runs.directory import RunDirectory
    from nlpx.specs.experiment import Experiment

SIGNATURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF")
"""The first bytes of image files."""
LOOKED_AT = 4096
CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\f")


@dataclass(frozen=True)
class ChosenRun:
    """A run with its config, and the folder of other runs."""

    run: RunDirectory
    experiment: Experiment
    root: Path

    @property
    def takes_images(self) -> bool:
        return self.experiment.takes_images

    def expect_weights(self) -> None:
        """Raise UsageError if this is a bundle, which has graphs instead of layers with weights."""
        from nlpx.runs.bundle import Bundle

        if isinstance(self.run, Bundle):
            raise UsageError(f"{self.run.path}: this is a bundle, which has no layers. Give its run.")

    def expect_engine(self, engine: str) -> None:
        """Raise UsageError if this is a bundle, and the engine is TensorFlow."""
        from nlpx.runs.bundle import Bundle

        if engine == "tensorflow" and isinstance(self.run, Bundle):
            raise UsageError(f"--engine tensorflow: {self.run.path} is a bundle. Give the run.")

    def expect_input(self, texts: Sequence[str], source: str | None, encoding: Encoding = "utf-8") -> None:
        """Raise UsageError if the run takes images and the input is text, or vice versa; needs no model.

        Args:
            encoding: the declared character set; a file in any but UTF-8 is taken for text.
        """
        if not self.experiment.takes_input and (texts or source is not None):
            raise UsageError(
                f"the run {self.run.path} ({self.experiment.type}) generates unconditionally and takes no "
                "input; use --count and --seed instead of --text and --input."
            )
        path = None if source in (None, "-") else Path(str(source))
        if self.takes_images:
            if texts and not any(map(_means_file, texts)):
                self._refuse(f"--text {texts[0][:40]!r} is not an image file")
            if path is not None and is_file(path) and _holds_text(path):
                self._refuse(f"{path} contains text")
        elif path is not None and is_folder(path):
            self._refuse(f"{path} is a folder")
        elif (
            path is not None
            and is_file(path)
            and encoding == "utf-8"
            and _beginning(path).startswith(SIGNATURES)
            and not _holds_text(path)  # text may begin like an image file: BMW
        ):
            self._refuse(f"{path} is an image")

    def expecting_input(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The same lines; the first one is checked in the same way."""
        for number, line in enumerate(lines):
            if self.takes_images and not number and line.text and not _means_file(line.text):
                self._refuse(f"{line.text[:40]!r} is not an image file")
            yield line

    def _refuse(self, what: str) -> None:
        wanted = "images" if self.takes_images else "text, one per line"
        other = newest_of(self.root, images=not self.takes_images)
        kind = "text" if self.takes_images else "images"
        advice = (
            f"no run under --root takes {kind}"
            if other is None
            else f"for {kind}, use a run such as {other.path}"
        )
        raise UsageError(
            f"{what}, but the run {self.run.path} ({self.experiment.type}) takes {wanted}; {advice}."
        )


def choose(root: Path, name: str | None, includes: Sequence[Path]) -> ChosenRun:
    """The run with the given name, or the newest finished one, which is printed; raises UsageError."""
    from nlpx.specs.document import documentation
    from nlpx.workflow.model import config_of, named_run

    run = named_run(root, name)
    experiment = config_of(root, str(run.path), includes)
    if name is None:
        summary = documentation(type(experiment)).summary
        click.echo(printable(f"run: {run.path} ({experiment.type}: {summary})"), err=True)
    return ChosenRun(run, experiment, root)


def newest_of(root: Path, *, images: bool) -> RunDirectory | None:
    """The newest finished run whose task takes images, or text."""
    from nlpx.core.registry import load_registry
    from nlpx.runs.lookup import newest

    specs = [entry.component for entry in load_registry() if entry.kind == "task"]
    wanted = [spec for spec in specs if getattr(spec, "takes_images", False) == images]
    try:
        # The folder of a run has the name that its task had when it was trained, which may be an old one.
        return newest(root, {str(name) for spec in wanted for name in (spec.type_name(), *spec.aliases)})
    except NlpxError:
        return None


def _means_file(text: str) -> bool:
    """Whether a text is the path of a file, or looks like one."""
    try:
        path = Path(text)
        return is_there(path) or (path.suffix != "" and path.suffix.isascii() and text.isprintable())
    except (OSError, ValueError):
        return False


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LOOKED_AT)
    except OSError:
        return b""


def _holds_text(path: Path) -> bool:
    start = _beginning(path)
    if not start or CONTROL & set(start):
        return False
    # The last character may be incomplete.
    return any(_is_utf_8(start[: len(start) - cut]) for cut in range(4))


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
