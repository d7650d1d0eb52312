"""What the lines of `nlpx repl` do: predict, or change how predictions are made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from nlpx.core.suggest import did_you_mean, one_of
from nlpx.errors import DataError, UsageError
from nlpx.inference.lines import Line
from nlpx.inference.rendering import Rendering
from nlpx.inference.stream import predictions
from nlpx.runs.bundle import Bundle
from nlpx.runs.config import load_run
from nlpx.runs.directory import RunDirectory
from nlpx.runs.flatten import flatten
from nlpx.runs.framework import framework
from nlpx.specs.predictor import Predictor, Say, UnconditionalPredictor
from nlpx.workflow.model import OpenModel, open_model
from nlpx.workflow.predict import RunOpener
from nlpx.workflow.probe import Arrays, chosen, probe

SIGN = ":"
MOST_SAMPLES = 1000
HELP = """\
A line is a text to predict for; a line that begins with :: is a text that begins with one colon.
:set KEY=VALUE    change a value of the config, such as decode.size=8; :set alone lists the changes
:reset            drop all changes
:sample [N]       generate N texts without input, if the task does that
:probe            list what the layers of the model compute; :probe NAME [TEXT] shows the range of one
:info             show the run, its task and the values of decode
:help             show this text
:quit             end, like Ctrl-D; Ctrl-C cancels a line"""


class Console:
    """The state between lines: a model, and the values that are changed.

    Args:
        run: the run.
        takes_input: whether there are predictions for texts.
        opener: loads its model.
        show: called with predictions and what is asked for, as text of one or more lines.
        say: called with messages about slow operations.
        described: the lines of a table of arrays, or of a list of their names.

    Raises:
        NlpxError: the model cannot be loaded.
    """

    def __init__(
        self,
        run: RunDirectory,
        takes_input: bool,
        opener: RunOpener,
        show: Say,
        say: Say,
        described: Callable[[Arrays, bool], Sequence[str]],
    ) -> None:
        self._run, self._takes_input, self._opener = run, takes_input, opener
        self._show, self._say, self._described = show, say, described
        self._predictor: Predictor[Any, Any] = opener(say)
        self._samples = 0
        self._last: str | None = None
        self._layers: OpenModel | None = None

    def __call__(self, line: Line) -> bool:
        """Predict for a line, or obey it; whether there may be further lines.

        Raises:
            NlpxError: the line cannot be obeyed; nothing has changed.
        """
        if not line.text.startswith(SIGN) or line.error:
            self._predict(line)
            return True
        if line.text.startswith(SIGN * 2):
            self._predict(replace(line, text=line.text.removeprefix(SIGN)))
            return True
        name, _, rest = line.text.removeprefix(SIGN).strip().partition(" ")
        if name in ("quit", "q"):
            return False
        commands: dict[str, Callable[[str], None]] = {
            "set": self._set,
            "reset": lambda rest: self._open(()),
            "sample": self._sample,
            "probe": self._probe,
            "info": self._info,
            "help": lambda rest: self._show(HELP),
        }
        if name not in commands:
            advice = did_you_mean(name, commands) or f"there is {one_of([*commands, 'quit'])}."
            raise UsageError(f"there is no command :{name}; {advice} A text that begins with : is written ::")
        commands[name](rest.strip())
        return True

    def _predict(self, line: Line) -> None:
        if not line.text.strip() and not line.error:
            self._show("")
            return
        if not self._takes_input:
            raise UsageError("this run generates without input. Write :sample N instead of a text.")
        for _, prediction in predictions(self._predictor, [line]):
            if prediction.failed:
                raise DataError(prediction.text)
            self._show(Rendering()(line, prediction))
            self._last = line.text

    def _set(self, text: str) -> None:
        if not text:
            self._show("\n".join(self._opener.overrides) or "nothing is changed")
            return
        key = text.partition("=")[0].strip()
        # A new value for a whole section replaces what was set in the old one.
        kept = [each for each in self._opener.overrides if not _is_within(each.partition("=")[0], key)]
        self._open((*kept, f"{key}={text.partition('=')[2].strip()}" if "=" in text else text))

    def _open(self, overrides: Sequence[str]) -> None:
        opener = replace(self._opener, overrides=tuple(overrides))
        predictor = opener(self._say)
        self._opener, self._predictor, self._layers = opener, predictor, None

    def _sample(self, text: str) -> None:
        if not isinstance(self._predictor, UnconditionalPredictor):
            raise UsageError(":sample: this task does not generate without input. Write a text instead.")
        if text and not (text.isdecimal() and 1 <= int(text) <= MOST_SAMPLES):
            raise UsageError(f":sample: got {text!r}, expected a number from 1 to {MOST_SAMPLES}.")
        for prediction in self._predictor.generate(int(text or 1), self._samples):
            self._show(prediction.text)
        self._samples += 1

    def _probe(self, rest: str) -> None:
        name, _, given = rest.partition(" ")
        text = given.strip() or self._last
        if text is None and not isinstance(self._predictor, UnconditionalPredictor):
            raise UsageError(":probe: there is no text yet. Write one first, or :probe NAME TEXT.")
        if isinstance(self._run, Bundle):
            raise UsageError(f":probe: {self._run.path} is a bundle, which has no layers. Open its run.")
        if self._layers is None:
            self._say("loading the layers")
            opener = self._opener
            with framework(None):  # its messages are not written into the run
                self._layers = open_model(
                    opener.root, str(opener.run), opener.checkpoint, opener.includes, opener.overrides
                )
        arrays = probe(self._layers, text)
        self._show("\n".join(self._described(chosen(arrays, [name]) if name else arrays, not name)))

    def _info(self, text: str) -> None:
        experiment = load_run(self._run, self._opener.overrides, self._opener.includes).experiment
        values = flatten({"decode": experiment.model_dump(mode="json", by_alias=True).get("decode")})
        lines = [f"run: {self._run.path}", f"task: {experiment.type}"]
        lines.append(f"checkpoint: {self._opener.checkpoint}")
        self._show("\n".join([*lines, *(f"{key}: {value}" for key, value in values.items())]))


def _is_within(key: str, section: str) -> bool:
    return key == section or key.startswith(f"{section}.")
