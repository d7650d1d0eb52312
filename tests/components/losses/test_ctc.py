"""CTC against the sum over all alignments."""

from __future__ import annotations

from itertools import groupby, product

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import log_softmax, logsumexp

from nlpx.components.losses.ctc import CTC

CLASSES = 4
TRANSCRIPTS = [[1, 1, 2], [3], [2, 1, 3], [], [1, 2, 3], [2], []]
FRAMES = np.array([5, 3, 3, 4, 5, 1, 0])


def all_alignments(logits: np.ndarray, transcript: list[int]) -> float:
    """-log p(transcript) in float64; logits (T, U)."""
    log_p = log_softmax(logits.astype(np.float64), -1)
    scores = [
        log_p[range(len(path)), path].sum()
        for path in product(range(CLASSES), repeat=len(logits))
        if [label for label, _ in groupby(path) if label] == transcript
    ]
    return -float(logsumexp(scores)) if scores else np.inf


def batch(transcripts: list[list[int]], frames: np.ndarray, scale: float = 1.0) -> dict[str, tf.Tensor]:
    rng = np.random.default_rng(0)
    labels = rng.integers(1, CLASSES, (len(transcripts), 4)).astype(np.int32)
    for row, transcript in zip(labels, transcripts, strict=True):
        row[: len(transcript)] = transcript
    return {
        "logits": tf.constant(rng.normal(size=(len(frames), 6, CLASSES)) * scale, tf.float32),
        "transcript": tf.constant(labels),
        "transcript_length": tf.constant([len(transcript) for transcript in transcripts]),
        "mask": tf.constant(np.arange(6) < frames[:, None]),
    }


@pytest.mark.parametrize("scale", [1.0, 50.0])
def test_equals_the_sum_over_all_alignments(scale: float) -> None:
    values = batch(TRANSCRIPTS, FRAMES, scale)
    rows = zip(values["logits"].numpy(), TRANSCRIPTS, FRAMES, strict=True)
    expected = [all_alignments(row[:n], transcript) for row, transcript, n in rows if n]
    found = CTC()(values, 0)["loss"]
    assert float(found.sum) == pytest.approx(sum(expected), rel=1e-5)
    assert float(found.weight) == len(expected) == 6


def test_the_gradient_is_that_of_differences() -> None:
    values = batch(TRANSCRIPTS, FRAMES)
    logits = values["logits"]
    with tf.GradientTape() as tape:
        tape.watch(logits)
        total = CTC()(values, 0)["loss"].sum
    gradient = tape.gradient(total, logits).numpy()
    for row, transcript, n, found in zip(logits.numpy(), TRANSCRIPTS, FRAMES, gradient, strict=True):
        assert not found[n:].any()
        for t, k in ((0, 0), (n - 1, 1)) if n else ():
            up, down = row[:n].astype(np.float64), row[:n].astype(np.float64)
            up[t, k] += 1e-4
            down[t, k] -= 1e-4
            slope = (all_alignments(up, transcript) - all_alignments(down, transcript)) / 2e-4
            assert found[t, k] == pytest.approx(slope, abs=1e-4)


def test_a_row_without_alignment_is_left_out() -> None:
    """Two equal labels need a blank between them; Keras gives two frames for them a finite loss."""
    transcripts, frames = [[], [1, 1], [1]], np.array([3, 2, 2])
    values = batch(transcripts, frames)
    labels, count = values["transcript"], values["transcript_length"]
    theirs = keras.ops.ctc_loss(labels, values["logits"], count, tf.constant(frames), mask_index=0).numpy()
    rows = zip(values["logits"].numpy(), transcripts, frames, strict=True)
    truth = [all_alignments(row[:n], transcript) for row, transcript, n in rows]
    assert theirs[[0, 2]].tolist() == pytest.approx([truth[0], truth[2]], rel=1e-5)
    assert np.isfinite(theirs[1])
    assert truth[1] == np.inf
    with tf.GradientTape() as tape:
        tape.watch(values["logits"])
        total, rows_used, _ = CTC()(values, 0)["loss"]
    assert float(total) == pytest.approx(truth[0] + truth[2], rel=1e-5)
    assert float(rows_used) == 2
    gradient = tape.gradient(total, values["logits"]).numpy()
    assert np.isfinite(gradient).all()
    assert gradient[0].any()
    assert not gradient[1].any()
