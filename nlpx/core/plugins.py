"""Import plugins, and distinguish their errors from bugs in nlpx."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import sys
import sysconfig
import traceback
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType

from nlpx.core.files import Unreadable, read_regular
from nlpx.errors import ConfigError, DataError, Diverged, EnvironmentProblem, Interrupted, UsageError

LARGEST_PLUGIN = 1 << 22
"""Maximum size of a plugin file in bytes."""

LONGEST_MESSAGE = 1000
PLUGIN_MODULE = "nlpx_plugin_"
"""Prefix of the module names of plugin files."""

NOT_PLUGINS = (
    Path(__file__).resolve().parents[1],
    *(Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib")),
)
"""Folders whose code does not belong to plugins, even if a plugin file is in a parent folder."""

EXPECTED = (UsageError, DataError, EnvironmentProblem, Diverged, Interrupted)
"""Errors that are reported unchanged, even if a plugin raises them."""

_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_files: dict[Path, None] = {}
_packages: set[Path] = set()


class PluginFault(ConfigError):
    """An exception raised by a plugin: exit 2. The message contains its location."""


def import_file(path: Path) -> ModuleType:
    """Import a Python file under a name derived from its path; the same path gives the same module.

    Output of the plugin goes to standard error, because standard output is reserved for results.

    Raises:
        ConfigError: there is no such file, or importing it fails.
    """
    try:
        path = path.resolve()
        name = (
            f"{PLUGIN_MODULE}{path.stem}_{hashlib.sha256(str(path).encode(errors='replace')).hexdigest()[:8]}"
        )
        if name in sys.modules:
            return sys.modules[name]
        read_regular(path, LARGEST_PLUGIN)
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such plugin file. Check `include`.") from None
    except (Unreadable, OSError, RuntimeError, ValueError) as error:
        raise ConfigError(f"{path}: this plugin file cannot be read: {error}. Check `include`.") from None
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path}: this plugin is not a Python file (.py). Check `include`.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    _files[path] = None
    try:
        with redirect_stdout(sys.stderr):
            spec.loader.exec_module(module)
    except BaseException as error:
        sys.modules.pop(name, None)
        if isinstance(error, KeyboardInterrupt):
            raise
        raise PluginFault(
            f"{_place(error) or path}: this plugin cannot be imported: {describe(error)}"
        ) from error
    return module


def is_plugin_file(module: str) -> bool:
    """Whether a module is a plugin file, which cannot be imported by an `import` statement."""
    return module.startswith(PLUGIN_MODULE)


def register_package(module: ModuleType) -> None:
    """Treat the installed package of a module as a plugin."""
    top = sys.modules.get(module.__name__.partition(".")[0], module)
    if top.__file__ is not None:
        file = Path(top.__file__).resolve()
        _packages.add(file.parent if file.name == "__init__.py" else file)


def plugin_files() -> list[Path]:
    """The plugin files imported by this process."""
    return list(_files)


def plugin_fault(error: BaseException) -> PluginFault | None:
    """The error to report instead of an exception that passed through a plugin; None for all others."""
    if isinstance(error, (*EXPECTED, KeyboardInterrupt)):
        return None
    place = _place(error)
    return None if place is None else PluginFault(f"the plugin {place} raised {describe(error)}")


def describe(error: BaseException) -> str:
    """`ValueError: its message`, on one line, without the colours that Keras adds."""
    text = ""
    try:
        text = " ".join(_STYLE.sub("", str(error)).split())
    except BaseException as wrong:
        if isinstance(wrong, KeyboardInterrupt):
            raise
    cut = text if len(text) <= LONGEST_MESSAGE else text[:LONGEST_MESSAGE] + "…"
    return f"{type(error).__name__}: {cut}" if cut else type(error).__name__


def _place(error: BaseException) -> str | None:
    """`file:line` of the innermost plugin frame of an exception."""
    if isinstance(error, SyntaxError) and error.filename and _is_plugin(error.filename):
        return f"{error.filename}:{error.lineno}"
    lines = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    return next((f"{file}:{line}" for file, line in reversed(lines) if _is_plugin(file)), None)


def _is_plugin(name: str) -> bool:
    above = {Path(name), *Path(name).parents}
    if above & _packages:
        return True
    return bool(above & {file.parent for file in _files}) and not above & set(NOT_PLUGINS)
