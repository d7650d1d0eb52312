"""Write the report of a run into it.

Environment:
    NLPX_REPORT: `never` for training runs without reports.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from nlpx.core.files import replace_file
from nlpx.core.language import preferred
from nlpx.errors import NlpxError, UsageError
from nlpx.report.page import report
from nlpx.runs.directory import RunDirectory
from nlpx.runs.record import Snapshot
from nlpx.specs.predictor import Say

VARIABLE, NEVER = "NLPX_REPORT", "never"
SHOWN = 300


def write_report(run: RunDirectory, say: Say) -> None:
    """Write report.html of a run that this process has trained, or say why there is none.

    The run is finished either way. Its plugins are those that this process has executed.
    """
    wanted = os.environ.get(VARIABLE) or "auto"
    if wanted == NEVER:
        return
    try:
        if wanted != "auto":
            raise UsageError(f"${VARIABLE} is {wanted[:SHOWN]!r}. Expected auto or {NEVER}.")
        includes = [Path(path) for path in Snapshot.of(run).includes]
        replace_file(run.report, report(run, includes, read_data=True, language=preferred()))
    except KeyboardInterrupt:
        command = shlex.join(["nlpx", "report", str(run.path)])
        say(f"no report: it was stopped. The run is finished; to make the report: {command}")
    except NlpxError as error:
        say(f"no report: {error}")
    except Exception as error:  # noqa: BLE001  (a bug of a report must not spoil a finished run)
        say(f"no report: {type(error).__name__}: {' '.join(str(error).split())[:SHOWN]}")
    else:
        say(f"report {run.report}")
