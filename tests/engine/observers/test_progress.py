"""What a person sees."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import select
import struct
import termios
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from nlpx.components.losses.base import Loss
from nlpx.components.losses.centred_cross_entropy import CentredCrossEntropy
from nlpx.components.losses.crf_nll import CRFNegativeLogLikelihood
from nlpx.components.losses.cross_entropy import CrossEntropy
from nlpx.components.losses.elbo import ELBO
from nlpx.components.losses.normalized_softmax import NormalizedSoftmax
from nlpx.components.losses.sequence_cross_entropy import SequenceCrossEntropy
from nlpx.components.observers.base import Setting
from nlpx.components.observers.events import (
    EpochEnded,
    Evaluated,
    EvaluationBegan,
    Event,
    LossLogged,
    StageBegan,
    StageEnded,
    StepDone,
    Stopped,
)
from nlpx.engine.observers.messages import evaluation_line
from nlpx.engine.observers.progress import Lines, progress_observer
from nlpx.models.classifier import ClassifierLearner
from nlpx.models.tagger import TaggingLearner

EVENTS: list[Event] = [
    StepDone(1, 0, loss=2.0, weight=100.0, learning_rate=1e-3, gradient_norm=1.0, seconds=0.5),
    StepDone(2, 0, loss=1.0, weight=300.0, learning_rate=1e-3, gradient_norm=1.0, seconds=1.5),
    LossLogged(2, 0, loss=1.25, learning_rate=1e-3, gradient_norm=1.0),
    EvaluationBegan(2, 0),
    Evaluated(2, 0, {"valid/nll": 3.0, "valid/seen/nll": 1.0}, [], improved=True),
    EpochEnded(2, 0, loss=1.25, metrics={}),
    Stopped(2, 1, "epochs"),
]


def shown(
    stream: io.StringIO,
    *,
    step: int = 0,
    damaged: tuple[str, ...] = (),
    resumed: bool = False,
    pause: float = 0.0,
    before: Sequence[Event] = (),
) -> str:
    observer = progress_observer(stream)
    observer.begin(
        Setting(
            Path("run"),
            None,
            total_steps=3602,
            updates_per_epoch=2,
            monitor="valid/nll",
            unit="chars",
            step=step,
            resumed=resumed,
            damaged=damaged,
        )
    )
    for event in (*before, *EVENTS):
        time.sleep(pause)  # a bar is drawn at most ten times a second
        observer.on(event)
    observer.end()
    return stream.getvalue()


def test_lines_in_a_pipe() -> None:
    assert shown(io.StringIO()).splitlines() == [
        "step 2/3602  loss 1.2500  rate 1.00e-03  200 chars/s  1:00:00 left",
        "valid at step 2  nll 3.0000  *",
        "epoch 1 ended at step 2  loss 1.2500",
        "stopped at step 2: epochs",
    ]


def test_no_control_characters_in_a_pipe() -> None:
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", shown(io.StringIO()))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal() -> None:
    text = shown(Terminal(), pause=0.11)
    assert "\r" in text
    assert "2/3602" in text
    assert "valid at step 2  nll 3.0000  *\n" in text
    assert "loss 1.000" in text
    assert text.endswith("\n")


TERMS = {"reconstruction": 0.75, "kl": 2.0}


def test_terms_are_shown_where_there_are_several() -> None:
    """Last on a bar, where they are left out first; after the loss in a line."""
    done, logged = EVENTS[0], EVENTS[2]
    assert isinstance(done, StepDone)
    assert isinstance(logged, LossLogged)
    events = [replace(done, terms=TERMS), replace(logged, terms=TERMS)]
    wide, narrow = (shown_on_terminal(24, width, events) for width in (140, 80))
    assert any("rate 1.0e-03, reconstruction 0.750, kl 2.000" in line for line in wide)
    assert any("loss 2.000" in line for line in narrow)
    assert not any("kl" in line for line in narrow)
    lines: list[str] = []
    for event in events:
        Lines(lines.append).on(event)
    assert lines[0].startswith("step 2/0  loss 1.2500  reconstruction 0.7500  kl 2.0000  rate 1.00e-03")


METRICS = {f"valid/metric_number_{i}": float(i) for i in range(12)}


def shown_on_terminal(height: int, width: int, events: Sequence[Event]) -> list[str]:
    """The lines that a pseudo-terminal of that size is sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    with os.fdopen(theirs, "w", encoding="utf-8") as stream:
        observer = progress_observer(stream)
        observer.begin(
            Setting(Path("run"), None, total_steps=3602, updates_per_epoch=2, monitor="valid/metric_number_7")
        )
        for event in events:
            time.sleep(0.11)
            observer.on(event)
        observer.end()
        stream.flush()
        # A terminal hands over what was written bit by bit.
        text = ""
        while select.select([ours], [], [], 0.2)[0]:
            text += os.read(ours, 65536).decode()
    os.close(ours)
    return [line for line in re.split(r"[\r\n]+", text) if line.strip()]


@pytest.mark.parametrize("height", [0, 2])
def test_a_terminal_without_room_for_a_bar_gets_plain_lines(height: int) -> None:
    lines = shown_on_terminal(height, 80, EVENTS)
    assert any(line.startswith("step 2/3602  loss 1.2500") for line in lines)
    assert lines[-1] == "stopped at step 2: epochs"
    assert not any("|" in line for line in lines)


@pytest.mark.parametrize("width", [30, 50, 80, 120, 300])
def test_a_bar_fits_the_terminal_and_stays_a_bar(width: int) -> None:
    """In a pseudo-terminal of that width; numbers beside the bar give way to it."""
    lines = shown_on_terminal(24, width, [*EVENTS[:3], Evaluated(2, 0, METRICS, [], improved=True)])
    assert all(len(line) <= max(width, 60) for line in lines)
    bars = [line for line in lines if "3602" in line]
    assert bars
    # At 30 columns the counts alone take the room.
    assert all(len(re.findall(r"\|(.*)\|", line)[0]) >= (20 if width > 50 else 1) for line in bars)
    assert ("rate 1.0e-03" in bars[-1]) == (width >= 120)
    assert ("loss 1.000" in bars[-1]) == (width >= 80)
    assert any(line.startswith("valid at step 2  metric_number_7 7.0000") for line in lines)


def test_an_evaluation_line_begins_with_the_monitor_and_counts_what_is_left_out() -> None:
    metrics = {"valid/errors": 0.0, "valid/f1": float("nan"), **METRICS, "valid/seen/nll": 1.5}
    event = Evaluated(9, 0, metrics, [], improved=False)
    assert evaluation_line(event, "valid/seen/nll", 70) == (
        "valid at step 9  seen/nll 1.5000  metric_number_1 1.0000  and 13 more"
    )
    line = evaluation_line(event, "valid/metric_number_3", 1000)
    assert line.startswith("valid at step 9  metric_number_3 3.0000  metric_number_1 1.0000  metric_number_2")
    assert line.endswith("  metric_number_11 11.0000  errors 0.0000  f1 nan  metric_number_0 0.0000")
    assert "seen" not in line


ALL_SKIPPED = EpochEnded(5, 0, loss=1.0, metrics={}, updates=5, skipped=5)


@pytest.mark.parametrize("kind", [io.StringIO, Terminal])
def test_updates_that_overflowed_are_told(kind: type[io.StringIO]) -> None:
    stream = kind()
    observer = progress_observer(stream)
    observer.begin(Setting(Path("run"), None, total_steps=20, updates_per_epoch=5, monitor="valid/nll"))
    for event in (ALL_SKIPPED, replace(ALL_SKIPPED, epoch=1, skipped=4), Stopped(20, 4, "epochs", skipped=9)):
        observer.on(event)
    observer.end()
    text = stream.getvalue()
    assert text.count("warning: all ") == 1
    assert "warning: all 5 updates of epoch 1 were skipped, because gradients overflowed in float16" in text
    assert "9 of 20 updates were skipped, because gradients overflowed in float16\n" in text


def test_an_interval_with_skipped_updates() -> None:
    stream = io.StringIO()
    observer = progress_observer(stream)
    for skipped in (None, 0, 3):
        observer.on(LossLogged(2, 0, loss=1.25, learning_rate=1e-3, gradient_norm=1.0, skipped=skipped))
    assert [line.endswith("  3 skipped") for line in stream.getvalue().splitlines()] == [False, False, True]


STAGE = StageBegan(0, 0, stage=1, stages=3, updates=900, total=1802, trained=480072, optimizer="sgd")


def test_stages_are_told_and_change_what_is_left() -> None:
    lines = shown(io.StringIO(), before=[StageEnded(0, 0, 0, "early_stopping"), STAGE]).splitlines()
    assert lines[:3] == [
        "stage 1 ended at step 0: early_stopping",
        "stage 2 of 3  at most 900 steps  sgd  trains 480,072 parameters",
        "step 2/1802  loss 1.2500  rate 1.00e-03  200 chars/s  30:00 left",
    ]
    bar = shown(Terminal(), pause=0.11, before=[STAGE])
    assert "trains 480,072 parameters\n" in bar
    assert "2/1802" in bar


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_resumed_run_says_from_where_and_what_was_damaged(stream: type[io.StringIO]) -> None:
    text = shown(stream(), step=7, resumed=True, damaged=("step-9/state.npz: damaged",))
    assert text.startswith("not resumed: step-9/state.npz: damaged\nresuming after step 7\n")
    assert "resuming from the start: no checkpoint was saved" in shown(stream(), resumed=True)


@pytest.mark.parametrize(
    ("loss", "unit"),
    [
        (CRFNegativeLogLikelihood(), "chars"),
        (CRFNegativeLogLikelihood(per="sentence"), "sentences"),
        (ELBO(), "rows"),
        (SequenceCrossEntropy(), "tokens"),
        (NormalizedSoftmax(), "sentences"),
        (CentredCrossEntropy(), "images"),
    ],
)
def test_a_loss_says_what_it_counts(loss: Loss, unit: str) -> None:
    assert loss.unit == unit
    stream = io.StringIO()
    observer = progress_observer(stream)
    observer.begin(Setting(Path("run"), None, 9, 4, "valid/nll", unit=loss.unit))
    observer.on(StepDone(1, 0, loss=1.0, weight=30.0, seconds=0.1, learning_rate=1e-3, gradient_norm=0.0))
    observer.on(LossLogged(1, 0, loss=1.0, learning_rate=1e-3, gradient_norm=0.0))
    assert f" 300 {unit}/s " in stream.getvalue()


def test_cross_entropy_counts_the_targets_of_its_learner() -> None:
    assert CrossEntropy().unit == ""
    assert (TaggingLearner.unit, ClassifierLearner.unit) == ("chars", "images")


def test_standard_error_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    observer = progress_observer()
    observer.on(EVENTS[-1])
    out, err = capsys.readouterr()
    assert (out, err) == ("", "stopped at step 2: epochs\n")
