"""Learner of the task ocr_lines."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from nlpx.components.losses.base import Loss
from nlpx.components.losses.ctc import alignment_nll
from nlpx.data.codec import Vocabularies
from nlpx.data.items import Field
from nlpx.layers.compiled import Compiled
from nlpx.layers.masking import apply_mask
from nlpx.layers.taps import tap
from nlpx.models.blocks import build_blocks, run_blocks
from nlpx.models.built_by_call import BuiltByCall
from nlpx.models.learner import Exportable, InferenceGraph, Learner, batch_inputs, tensors
from nlpx.tasks.ocr_lines.codec import CHARACTER, IMAGE, TRANSCRIPT
from nlpx.tasks.ocr_lines.columns import BRIGHT, FRAME
from nlpx.tasks.ocr_lines.config import HEIGHT, LineModel, OcrLines

POOL = 2


class LineRecognizer(BuiltByCall):
    """Columns (B, W, 32, 1), ink 255 -> logits (B, W / 4, U) float32, of which the first is the blank.

    Every convolution halves the height, and the first two the width. Columns outside the mask are 0 before
    and after each, so that padding changes nothing.

    Args:
        spec: the options.
        classes: U.
    """

    def __init__(self, spec: LineModel, classes: int) -> None:
        super().__init__(name="ocr_lines")
        self.classes = classes
        self.convs, self.norms, self.pools = [], [], []
        for i, width in enumerate(spec.filters, start=1):
            across = POOL if POOL**i <= FRAME else 1
            self.convs.append(keras.layers.Conv2D(width, spec.kernel_size, padding="same", name=f"conv{i}"))
            self.norms.append(keras.layers.LayerNormalization(name=f"norm{i}"))
            self.pools.append(keras.layers.MaxPooling2D((across, POOL), name=f"pool{i}"))
        self.drop = keras.layers.Dropout(spec.dropout, name="dropout")
        self.encoder = build_blocks("encoder", spec.encoder)
        self.head = keras.layers.Dense(classes, name="head")
        self(tf.zeros((1, FRAME, HEIGHT, 1), tf.uint8), tf.ones((1, FRAME), tf.bool))

    def call(self, columns: tf.Tensor, mask: tf.Tensor, training: bool = False) -> tf.Tensor:
        """`mask` (B, W) bool is that of the columns; rows are whole frames long."""
        x = tap("image", ops.cast(columns, "float32")) / BRIGHT
        x = ops.cast(x, self.compute_dtype)
        for conv, norm, pool in zip(self.convs, self.norms, self.pools, strict=True):
            x = ops.relu(norm(conv(_kept(x, mask))))
            x = pool(_kept(x, mask))
            step = pool.pool_size[0]
            mask = mask[:, step - 1 :: step]
        x = ops.reshape(x, (ops.shape(x)[0], ops.shape(x)[1], x.shape[2] * x.shape[3]))
        x = run_blocks(self.encoder, self.drop(x, training=training), mask, training)
        return apply_mask(ops.cast(self.head(x), "float32"), mask)


def _kept(x: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    # LiteRT has no slice that adds two axes.
    return x * ops.expand_dims(ops.expand_dims(ops.cast(mask, x.dtype), -1), -1)


class LineLearner(Learner[LineRecognizer]):
    """A recognizer with its objective.

    A batch has `image` (B, W, 32, 1) uint8, `mask` (B, W) bool, and `transcript` (B, S) int32 with its mask.
    """

    unit = "lines"

    def __init__(self, model: LineRecognizer, objective: Loss) -> None:
        super().__init__(model, objective, {"classes": model.classes})
        self._scores = Compiled(self._traced_scores)

    def values(self, batch: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, tf.Tensor]:
        """`logits`, `mask` of frames, `transcript` and `transcript_length` of a batch."""
        mask = batch["mask"]
        return {
            "logits": self.model(batch[IMAGE], mask, training=training),
            "mask": mask[:, FRAME - 1 :: FRAME],
            "transcript": batch[TRANSCRIPT],
            "transcript_length": ops.sum(ops.cast(batch[f"{TRANSCRIPT}.mask"], "int32"), 1),
        }

    def scores(self, batch: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Log-probabilities of a batch (B, T, U), and -log p(transcript) of each row in nats (B,), float32.

        The latter is infinite where no alignment exists.
        """
        log_probs, nll = self._scores(tensors(batch))
        return log_probs.numpy(), nll.numpy()

    def exportable(self, fields: Mapping[str, Field]) -> Exportable:
        """The graph `frames`, and as a constant the columns of a frame."""
        inputs = batch_inputs(fields, [IMAGE])
        graph = InferenceGraph(
            lambda batch: tf.nn.log_softmax(self.model(batch[IMAGE], batch["mask"])), inputs, ("frames",)
        )
        return Exportable({"frames": graph}, {"frame": np.array(FRAME)})

    def _traced_scores(self, batch: Mapping[str, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
        values = self.values(batch, training=False)
        log_probs = tf.nn.log_softmax(values["logits"])
        rest = (values[name] for name in ("mask", "transcript", "transcript_length"))
        nll, used = alignment_nll(log_probs, *rest)
        return log_probs, ops.where(used, nll, np.inf)


def ocr_lines_learner(experiment: OcrLines, vocabularies: Vocabularies) -> LineLearner:
    """A recognizer with fresh weights."""
    return LineLearner(LineRecognizer(experiment.model, len(vocabularies[CHARACTER])), experiment.loss)
