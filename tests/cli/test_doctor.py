"""`nlpx doctor`."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from nlpx import __version__
from nlpx.cli import doctor
from nlpx.core.extras import EXTRAS
from tests.cli.program import Nlpx, nlpx

__all__ = ["nlpx"]


def found(nlpx: Nlpx, *flags: str) -> dict[str, dict[str, str]]:
    done = nlpx("doctor", "--no-devices", "--json", *flags)
    assert done.code == 0
    parsed: dict[str, dict[str, str]] = json.loads(done.out)
    return parsed


def test_versions_and_extras(nlpx: Nlpx) -> None:
    told = found(nlpx)
    assert set(told) == {"versions", "machine", "extras", "folders"}
    assert (told["versions"]["nlpx"], told["versions"]["python"]) == (__version__, platform.python_version())
    assert set(doctor.PACKAGES) <= set(told["versions"])
    assert set(told["extras"]) == set(EXTRAS)


def test_missing_extras_say_how_to_install(nlpx: Nlpx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXTRAS, "metrics", ("no_such_module",))
    assert (
        found(nlpx)["extras"]["metrics"]
        == "missing no_such_module: pip install -e '.[metrics]' in the checkout of nlpx"
    )


def test_missing_packages_are_told(nlpx: Nlpx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("no-such-package",))
    assert "missing" in found(nlpx)["versions"]["no-such-package"]


def test_folders(nlpx: Nlpx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NLPX_CACHE", str(tmp_path))
    monkeypatch.delenv("NLPX_DATA", raising=False)
    folders = found(nlpx)["folders"]
    assert "NLPX_DATA is not set" in folders["data"]
    assert folders["cache"] == f"{tmp_path}: writable"
    assert folders["runs"] == f"{tmp_path / 'runs'}: writable, created when needed"
    monkeypatch.setenv("NLPX_DATA", str(tmp_path / "gone"))
    assert "no such folder" in found(nlpx)["folders"]["data"]
    monkeypatch.setenv("NLPX_DATA", str(tmp_path))
    assert found(nlpx)["folders"]["data"] == f"{tmp_path} ($NLPX_DATA)"


def test_a_folder_that_cannot_be_written(nlpx: Nlpx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    monkeypatch.setenv("NLPX_CACHE", str(tmp_path))
    assert found(nlpx)["folders"]["cache"] == f"{tmp_path}: cannot be written: Permission denied"


def test_devices_are_found_without_noise() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nlpx", "doctor"], capture_output=True, encoding="utf-8", check=True
    )
    assert "devices\n  CPU:0" in done.stdout
    assert done.stderr == ""
