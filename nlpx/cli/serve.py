"""`nlpx serve`: models over HTTP, with a page."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nlpx.cli import completed
from nlpx.cli.echo import tell
from nlpx.cli.options import engine_option, include_option, root_option
from nlpx.errors import DataError, EnvironmentProblem, UsageError
from nlpx.serving.limits import Limits

if TYPE_CHECKING:
    from nlpx.workflow.engine import Engine

TOKEN = "NLPX_SERVE_TOKEN"
SHORTEST_TOKEN, LONGEST_TOKEN = 8, 1000
DEFAULT_PORT = 8000
MIB = 1 << 20
DEFAULTS = Limits()


@click.command(epilog="Example: nlpx serve --port 8001")
@click.argument("models", nargs=-1, metavar="[RUN_OR_BUNDLE]...", shell_complete=completed.runs)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address; 0.0.0.0 for other machines.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="0 selects a free one.",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"A file with the token that requests must carry; default: ${TOKEN}, else none.",
)
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="A name by which clients may call this server; can be given several times.",
)
@click.option(
    "--max-rows",
    type=click.IntRange(min=1),
    default=DEFAULTS.rows,
    show_default=True,
    help="Texts or images of a request.",
)
@click.option(
    "--max-characters",
    type=click.IntRange(min=1),
    default=DEFAULTS.characters,
    show_default=True,
    help="Characters of a text.",
)
@click.option(
    "--max-mib", type=click.IntRange(1, 1024), default=8, show_default=True, help="MiB of a request."
)
@click.option(
    "--batch-rows",
    type=click.IntRange(min=1),
    default=DEFAULTS.batch_rows,
    show_default=True,
    help="Rows computed together, at most.",
)
@click.option(
    "--queue-rows",
    type=click.IntRange(min=1),
    default=DEFAULTS.queue_rows,
    show_default=True,
    help="Rows of a model that may wait; further requests get the status 429.",
)
@click.option(
    "--wait-ms",
    type=click.FloatRange(0, 1000),
    default=3,
    show_default=True,
    help="How long the first row of a batch waits for others.",
)
@click.option(
    "--deadline",
    type=click.FloatRange(0, min_open=True),
    default=DEFAULTS.deadline,
    show_default=True,
    help="Seconds that a row may wait; then it is not computed any more.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=DEFAULTS.timeout,
    show_default=True,
    help="Seconds until a response, at most.",
)
@click.option("--quiet", is_flag=True, help="Write no line for each request.")
@click.option("--log-texts", is_flag=True, help="Write what users send and get into these lines.")
@engine_option("auto: onnxruntime if there is a bundle in the run.")
@root_option
@include_option
def command(
    models: tuple[str, ...],
    host: str,
    port: int,
    token_file: Path | None,
    hosts: tuple[str, ...],
    max_rows: int,
    max_characters: int,
    max_mib: int,
    batch_rows: int,
    queue_rows: int,
    wait_ms: float,
    deadline: float,
    timeout: float,
    quiet: bool,
    log_texts: bool,
    engine: Engine,
    root: Path,
    includes: tuple[Path, ...],
) -> None:
    """Serve models over HTTP: a page for people, and a JSON API, described in /openapi.json.

    RUN_OR_BUNDLE is a folder, a zip file of a bundle, or an id under --root; default: the newest finished run
    of each task. Texts of users are neither stored nor written into the log. Ctrl-C ends the server
    after the requests that are open.
    """
    from nlpx.core.extras import how_to_install, missing_modules

    if missing := missing_modules("serve"):
        raise EnvironmentProblem(
            f"serve needs {', '.join(missing)}, which is not installed. Install it: {how_to_install('serve')}"
        )
    from nlpx.serving.app import make_app
    from nlpx.serving.guard import Access, is_loopback
    from nlpx.serving.models import open_models
    from nlpx.serving.server import address, listen, serve

    limits = Limits(
        batch_rows=batch_rows,
        queue_rows=queue_rows,
        rows=max_rows,
        characters=max_characters,
        body=max_mib * MIB,
        wait=wait_ms / 1000,
        deadline=deadline,
        timeout=timeout,
    )
    token = _token(token_file)
    listening = listen(host, port)
    with listening:
        served = open_models(root, models, engine, includes, _report, tell)
        if not (token or is_loopback(host)):
            tell(f"warning: anybody who reaches {host} can use the models. Set ${TOKEN} to ask for a token.")
        app = make_app(served, limits, Access.of(host, hosts, token), None if quiet else _log, log_texts)
        tell(f"serving at {address(listening, host)} (Ctrl-C ends)")
        serve(app, listening, limits)
    tell("stopped")


def _token(path: Path | None) -> str:
    """The token of a file, or of the environment; empty if there is none."""
    source = f"${TOKEN}" if path is None else str(path)
    try:
        token = os.environ.get(TOKEN, "") if path is None else _first_bytes(path).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: the token cannot be read: {error}. Check --token-file.") from None
    if not token and path is None:
        return ""
    if not (SHORTEST_TOKEN <= len(token) <= LONGEST_TOKEN and token.isascii() and token.isprintable()):
        raise UsageError(
            f"{source}: this is no token. Expected one line of {SHORTEST_TOKEN} to {LONGEST_TOKEN} ASCII "
            "characters."
        )
    return token


def _first_bytes(path: Path) -> bytes:
    """More of a file than a token has, which may be a pipe, or have no end."""
    with path.open("rb") as file:
        return file.read(2 * LONGEST_TOKEN)


def _log(line: str) -> None:
    """Write a line of the log; a reader that has gone is no reason to serve nobody."""
    with suppress(OSError):
        tell(line)


def _report(model: str, error: BaseException) -> None:
    """Say where a model failed. The message of the exception is left out: it may contain text of a user."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    tell(f"error: {model} failed for a row: {type(error).__name__}{place}")
