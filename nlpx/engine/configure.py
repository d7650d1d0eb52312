"""What holds for a whole process: seeds, determinism, precision."""

from __future__ import annotations

import keras
import tensorflow as tf

from nlpx.specs.experiment import Experiment


def configure(experiment: Experiment) -> None:
    """Seed everything, and set determinism and precision. To be called before the model is built.

    Determinism cannot be switched off again in the same process.
    """
    keras.utils.set_random_seed(experiment.seed)
    if experiment.train.deterministic:
        tf.config.experimental.enable_op_determinism()
    keras.config.set_dtype_policy(experiment.train.precision)
