"""Write the bundle of a finished run into it.

Environment:
    NLPX_EXPORT: `never` for training runs without bundles, whatever their configs say.
"""

from __future__ import annotations

import os

from nlpx.errors import NlpxError, UsageError
from nlpx.specs.predictor import Say
from nlpx.workflow.export import export_bundle
from nlpx.workflow.model import OpenModel

VARIABLE = "NLPX_EXPORT"
NEVER = "never"
SHOWN = 300


def export_trained(model: OpenModel, say: Say) -> None:
    """Write the bundle of a model into its run, or say why there is none: the run is finished either way."""
    wanted = os.environ.get(VARIABLE) or model.experiment.export
    if wanted == NEVER:
        return
    try:
        if wanted != "auto":
            raise UsageError(f"${VARIABLE} is {wanted[:SHOWN]!r}. Expected auto or {NEVER}.")
        done = export_bundle(model, model.run.bundle, say)
    except NlpxError as error:
        say(f"no bundle: {error}")
    except Exception as error:  # noqa: BLE001  (a bug of a converter must not spoil a finished run)
        say(f"no bundle: {type(error).__name__}: {' '.join(str(error).split())[:SHOWN]}")
    else:
        say(f"bundle {done.path}: {done.bytes:,} bytes, predicts without TensorFlow")
