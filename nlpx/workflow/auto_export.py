"""Write the bundle of a finished run into it.

Environment:
    NLPX_EXPORT: `never` for training runs without bundles, whatever their configs say.
"""

from __future__ import annotations

import os
import shlex

from nlpx.engine.signals import Abandoned, StopRequest
from nlpx.errors import NlpxError, UsageError
from nlpx.specs.predictor import Say
from nlpx.workflow.export import export_bundle
from nlpx.workflow.model import OpenModel

VARIABLE = "NLPX_EXPORT"
NEVER = "never"
SHOWN = 300


def export_trained(model: OpenModel, say: Say) -> None:
    """Write the bundle of a model into its run, or say why there is none: the run is finished either way.

    A signal ends the export only, so that the results of the run are still printed.
    """
    wanted = os.environ.get(VARIABLE) or model.experiment.export
    if wanted == NEVER:
        return
    try:
        if wanted != "auto":
            raise UsageError(f"${VARIABLE} is {wanted[:SHOWN]!r}. Expected auto or {NEVER}.")
        with StopRequest() as request, request.abandonable():
            done = export_bundle(model, model.run.bundle, say)
    except Abandoned:
        command = shlex.join(["nlpx", "export", str(model.run.path), "--to", "bundle"])
        say(f"no bundle: its export was stopped. The run is finished; to make the bundle: {command}")
    except NlpxError as error:
        say(f"no bundle: {error}")
    except Exception as error:  # noqa: BLE001  (a bug of a converter must not spoil a finished run)
        say(f"no bundle: {type(error).__name__}: {' '.join(str(error).split())[:SHOWN]}")
    else:
        say(f"bundle {done.path}: {done.bytes:,} bytes, predicts without TensorFlow")
