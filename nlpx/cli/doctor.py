"""`nlpx doctor`: report the environment and what is missing."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from nlpx import __version__
from nlpx.cli.echo import echo_json
from nlpx.cli.options import json_option
from nlpx.core.paths import is_folder, why_no_folder

PACKAGES = ("tensorflow", "keras", "numpy", "pydantic", "pyyaml", "click", "jieba", "scipy")


@click.command()
@click.option("--no-devices", is_flag=True, help="Do not start TensorFlow to find devices.")
@json_option
def command(no_devices: bool, as_json: bool) -> None:
    """Show versions, CPUs, devices, extras and folders, and how to install what is missing."""
    found: dict[str, dict[str, str]] = {
        "versions": {
            "nlpx": __version__,
            "python": platform.python_version(),
            **{package: _version(package) for package in PACKAGES},
        },
        "machine": _machine(),
        "extras": _extras(),
        "folders": _folders(),
    }
    if not no_devices:
        found["devices"] = _devices()
    if as_json:
        echo_json(found)
        return
    from nlpx.cli.tables import facts, terminal_width

    for title, rows in found.items():
        click.echo(click.style(title, bold=True))
        for line in facts(list(rows.items()), terminal_width(), indent=2, names=12):
            click.echo(line)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing: reinstall nlpx"


def _machine() -> dict[str, str]:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "CPUs": f"{os.cpu_count()}, {usable} available to this process",
        "threads": os.environ.get("NLPX_THREADS") or "one per CPU (set NLPX_THREADS to change it)",
        "encoding": f"{sys.getfilesystemencoding()} for file names",
    }


def _extras() -> dict[str, str]:
    from nlpx.core.extras import EXTRAS, how_to_install, missing_modules

    return {
        extra: f"missing {', '.join(missing)}: {how_to_install(extra)}" if missing else "installed"
        for extra, missing in ((extra, missing_modules(extra)) for extra in EXTRAS)
    }


def _folders() -> dict[str, str]:
    from nlpx.config.paths import DATA_ROOT
    from nlpx.core.folders import user_cache

    root = os.environ.get(DATA_ROOT)
    if not root:
        data = f"${DATA_ROOT} is not set: paths are relative to the config, or to data.root"
    else:
        data = f"{root} (${DATA_ROOT})" + ("" if is_folder(Path(root)) else f": {why_no_folder(Path(root))}")
    return {"data": data, "cache": _writable(user_cache()), "runs": _writable(Path("runs").absolute())}


def _writable(folder: Path) -> str:
    """The folder, and whether files can be created in it, or in the closest existing parent folder."""
    existing = next((place for place in (folder, *folder.parents) if is_folder(place)), None)
    if existing is None:
        return f"{folder}: there is no such folder"
    try:
        with tempfile.TemporaryFile(dir=existing):
            return f"{folder}: writable" + ("" if existing == folder else ", created when needed")
    except OSError as error:
        return f"{folder}: cannot be written: {error.strerror}"


def _devices() -> dict[str, str]:
    from nlpx.errors import EnvironmentProblem
    from nlpx.runs.framework import framework

    try:
        with framework(None):
            import tensorflow as tf
    except EnvironmentProblem as error:
        return {"TensorFlow": str(error)}
    devices = tf.config.list_physical_devices()
    rows = {device.name.removeprefix("/physical_device:"): device.device_type for device in devices}
    if not any(device.device_type == "GPU" for device in devices):
        rows["GPU"] = "none: training runs on the CPU"
    return rows
