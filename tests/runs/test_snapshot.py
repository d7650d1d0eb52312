from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import scipy

from nlpx.config.load import load_experiment
from nlpx.data.prepared import Counts
from nlpx.errors import DataError, UsageError
from nlpx.runs.directory import RunDirectory
from nlpx.runs.project import PATCH_LIMIT, project_state
from nlpx.runs.record import Snapshot
from nlpx.runs.snapshot import (
    cpu_model,
    verify_devices,
    verify_resume,
    versions,
    without_home,
    write_snapshot,
)
from tests.runs.making import HASHES, VOCABULARIES, couplet, make_run


def _git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Li Bai", "-c", "user.email=li.bai@example.org"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)
    return done.stdout.decode("utf-8").strip()


def _extras(project: dict[str, dict[str, list[str]]]) -> dict[str, list[str]]:
    optional = project["optional-dependencies"]
    return {name: demands for name, demands in optional.items() if name not in ("dev", "site")}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    _git(folder, "init", "--quiet")
    (folder / "model.py").write_text("width = 1\n", encoding="utf-8")
    _git(folder, "add", ".")
    _git(folder, "commit", "--quiet", "-m", "start")
    return folder


class TestProject:
    def test_no_repository(self, tmp_path: Path) -> None:
        assert project_state(tmp_path) is None

    def test_clean(self, repository: Path) -> None:
        state = project_state(repository)
        assert state is not None
        assert (state.commit, state.patch) == (_git(repository, "rev-parse", "HEAD"), b"")

    def test_patch_gives_the_changes_back(self, repository: Path) -> None:
        changed = "width = 2  # 宽\n"
        (repository / "model.py").write_text(changed, encoding="utf-8")
        state = project_state(repository)
        assert state is not None
        assert state.complete
        (repository.parent / "p").write_bytes(state.patch)
        _git(repository, "checkout", "--quiet", ".")
        _git(repository, "apply", "../p")
        assert (repository / "model.py").read_text(encoding="utf-8") == changed

    def test_large_patch_is_cut_and_says_so(self, repository: Path) -> None:
        (repository / "model.py").write_text("x = 1\n" * (PATCH_LIMIT // 6), encoding="utf-8")
        state = project_state(repository)
        assert state is not None
        assert (len(state.patch), state.complete) == (PATCH_LIMIT, False)

    def test_before_the_first_commit(self, tmp_path: Path) -> None:
        _git(tmp_path, "init", "--quiet")
        state = project_state(tmp_path)
        assert state is not None
        assert state.commit == ""

    def test_without_git(self, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")
        assert project_state(repository) is None


class TestWrite:
    def test_holds_what_is_needed_to_run_again(
        self, tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (repository / "model.py").write_text("width = 2\n", encoding="utf-8")
        plugin = tmp_path / "plugin.py"
        plugin.write_text("", encoding="utf-8")
        monkeypatch.chdir(repository)
        experiment = couplet(seed=7)
        run = RunDirectory.create(tmp_path, experiment, "task: couplet\n")
        written = write_snapshot(
            run,
            experiment,
            fingerprints=HASHES,
            vocabularies=VOCABULARIES,
            counts={split: Counts(10, 1, 2) for split in HASHES},
            includes=[plugin],
            command=["/home/libai/venv/bin/nlpx", "train", "x.yaml"],
        )
        assert Snapshot.of(run) == written
        assert written.command == ["nlpx", "train", "x.yaml"]
        assert written.seed == 7
        assert written.experiment["task"] == written.task == "couplet"
        assert written.data["test"].model_dump() == {"sha256": "c" * 64, "rows": 10, "bad": 1, "left_out": 2}
        assert written.vocabularies == VOCABULARIES
        assert written.directions["nll"] == "min"
        assert written.directions["char_accuracy"] == "max"
        assert list(written.includes) == [str(plugin)]
        assert written.packages["numpy"] == np.__version__
        assert written.versions["python"] == ".".join(map(str, sys.version_info[:3]))
        assert written.project is not None
        assert written.project.changed
        assert run.patch.read_bytes().startswith(b"diff --git")

    def test_holds_no_secrets_and_no_names_of_people(
        self, tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(repository)
        home = tmp_path / "homes" / "dufu"
        monkeypatch.setenv("HOME", str(home))
        for name, value in {
            "NLPX_DATA": f"{home}/corpora",
            "NLPX_TOKEN": "s3cret-1",
            "TF_CPP_API_KEY": "s3cret-2",
            "TF_VAR_database": "s3cret-3",
            "OMP_NUM_THREADS": "2",
            "EMAIL": "dufu@example.org",
            "USER": "dufu",
        }.items():
            monkeypatch.setenv(name, value)
        experiment = couplet()
        run = RunDirectory.create(tmp_path, experiment, "")
        written = write_snapshot(
            run,
            experiment,
            fingerprints={},
            vocabularies={},
            command=["nlpx", "train", f"{home}/x.yaml", "--output", f"{home}-other"],
        )
        text = run.snapshot.read_text(encoding="utf-8")
        assert written.environment["NLPX_DATA"] == "~/corpora"
        assert written.environment["OMP_NUM_THREADS"] == "2"
        assert written.command[2:] == ["~/x.yaml", "--output", f"{home}-other"]
        assert not any(word in text for word in ("s3cret", "@", "Li Bai", "USER"))

    def test_the_repository_is_that_of_the_config(
        self, tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        monkeypatch.chdir(elsewhere)
        (tmp_path / "link").symlink_to(repository)
        experiment = couplet()
        for folder in (repository, Path("../project"), tmp_path / "link"):
            run = RunDirectory.create(tmp_path, experiment, "")
            written = write_snapshot(
                run, experiment, fingerprints={}, vocabularies={}, folder=folder, devices=["CPU", "GPU H100"]
            )
            assert written.project is not None
            assert written.project.commit == _git(repository, "rev-parse", "HEAD")
            assert written.devices == ["CPU", "GPU H100"]
            assert written.cpu == cpu_model()
        monkeypatch.chdir(repository)
        assert (
            write_snapshot(run, experiment, fingerprints={}, vocabularies={}, folder=elsewhere).project
            is None
        )

    def test_every_package_that_computes_is_recorded(self) -> None:
        """What pyproject.toml demands, and what Keras and TensorFlow compute and store with."""
        text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
        project = tomllib.loads(text)["project"]
        demanded = [*project["dependencies"], *chain(*_extras(project).values())]
        names = {re.split("[<>=]", demand)[0].lower() for demand in demanded}
        around = {"click", "filelock", "platformdirs", "rich", "tqdm", "tensorboard", "optuna"}
        around |= {"onnx", "onnxruntime", "tf2onnx"}  # for bundles, which have records of their own
        around |= {"starlette", "uvicorn", "python-multipart", "zstandard"}
        around |= {"alembic", "mlflow-skinny", "sqlalchemy", "trackio", "wandb"}  # recorders
        assert names - around | {"nlpx", "python", "ml_dtypes", "h5py"} == {
            name.lower() for name in versions()
        }
        assert versions()["scipy"] == scipy.__version__

    def test_a_stranger_s_repository_starts_no_program(self, repository: Path, tmp_path: Path) -> None:
        script = tmp_path / "monitor.sh"
        script.write_text(f"#!/bin/sh\ntouch {tmp_path / 'started'}\n", encoding="utf-8")
        script.chmod(0o755)
        _git(repository, "config", "core.fsmonitor", str(script))
        (repository / "model.py").write_text("width = 3\n", encoding="utf-8")
        state = project_state(repository)
        assert state is not None
        assert state.patch
        assert not (tmp_path / "started").exists()

    def test_versions_import_nothing(self) -> None:
        code = (
            "import sys, nlpx.runs.snapshot as s; v = s.versions();"
            "assert {'nlpx', 'tensorflow', 'keras', 'numpy'} < set(v);"
            "assert not {'tensorflow', 'keras', 'numpy'} & set(sys.modules)"
        )
        subprocess.run([sys.executable, "-c", code], check=True)

    def test_home_is_replaced_at_folder_ends_only(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", "/home/du")
        assert without_home("/home/du --x=/home/du/y /home/dufu") == "/home/du --x=~/y /home/dufu"
        monkeypatch.setenv("HOME", "/")
        assert without_home("/data/x") == "/data/x"


class TestResume:
    def test_nothing_changed(self, tmp_path: Path) -> None:
        run = make_run(tmp_path)
        experiment = load_experiment(run.resolved, moved=True).experiment
        assert verify_resume(run, experiment, HASHES, vocabularies=VOCABULARIES) == []

    def test_places_may_change(self, tmp_path: Path) -> None:
        """So may `export`, which is not in the snapshots of older runs."""
        run = make_run(tmp_path)
        snapshot = json.loads(run.snapshot.read_text(encoding="utf-8"))
        assert snapshot["experiment"].pop("export") == "auto"
        run.snapshot.write_text(json.dumps(snapshot), encoding="utf-8")
        data = {"root": "/else", "cache": "/else/cache"}
        experiment = couplet(name="other", train={"epochs": 3}, data=data, export="never")
        assert verify_resume(run, experiment, HASHES) == []

    def test_changed_config_lists_the_keys(self, tmp_path: Path) -> None:
        run = make_run(tmp_path)
        text = run.resolved.read_text(encoding="utf-8")
        run.resolved.write_text(text.replace("epochs: 3", "epochs: 4"), encoding="utf-8")
        experiment = load_experiment(run.resolved, ["tricks=[ema]"], moved=True).experiment
        with pytest.raises(UsageError, match=r"resolved\.yaml: the config has changed") as caught:
            verify_resume(run, experiment, HASHES)
        message = str(caught.value)
        assert caught.value.exit_code == 2
        assert "train.epochs: was 3, is 4" in message
        assert "tricks.0.type: was -, is 'ema'" in message
        assert "train a new run" in message

    def test_an_option_that_is_younger_than_the_run(self, tmp_path: Path) -> None:
        """`train.stages` is not in the snapshots of older runs: not using it is no change, using it is."""
        run = make_run(tmp_path)
        snapshot = json.loads(run.snapshot.read_text(encoding="utf-8"))
        del snapshot["experiment"]["train"]["stages"]
        run.snapshot.write_text(json.dumps(snapshot), encoding="utf-8")
        experiment = load_experiment(run.resolved, moved=True).experiment
        assert verify_resume(run, experiment, HASHES) == []
        staged = load_experiment(run.resolved, ["train.epochs=~", "train.stages=[{epochs: 3}]"], moved=True)
        with pytest.raises(UsageError, match=r"train\.stages\.0\.epochs: was -, is 3"):
            verify_resume(run, staged.experiment, HASHES)

    def test_changed_record_of_the_config(self, tmp_path: Path) -> None:
        run = make_run(tmp_path)
        experiment = load_experiment(run.resolved, moved=True).experiment
        run.config.write_text("task: couplet\ntrain: {epochs: 9}\n", encoding="utf-8")
        with pytest.raises(
            UsageError, match=r"config\.yaml: this file has changed.*nlpx train .*config\.yaml"
        ):
            verify_resume(run, experiment, HASHES)

    def test_changed_data_lists_the_splits(self, tmp_path: Path) -> None:
        run = make_run(tmp_path)
        experiment = load_experiment(run.resolved, moved=True).experiment
        with pytest.raises(DataError) as caught:
            verify_resume(run, experiment, {"train": "a" * 64, "valid": "e" * 64, "extra": "f" * 64})
        message = str(caught.value)
        assert caught.value.exit_code == 3
        assert "split train" not in message
        assert f"split valid: was {'b' * 16}…, is {'e' * 16}…" in message
        assert f"split test: was {'c' * 16}…, is not there" in message
        assert f"split extra: was not there, is {'f' * 16}…" in message

    def test_changed_vocabulary(self, tmp_path: Path) -> None:
        run = make_run(tmp_path)
        experiment = load_experiment(run.resolved, moved=True).experiment
        with pytest.raises(DataError, match="vocabulary char: was dddd"):
            verify_resume(run, experiment, HASHES, vocabularies={"char": "e" * 64})

    def test_a_vocabulary_that_is_no_longer_counted_changes_nothing(self, tmp_path: Path) -> None:
        run = make_run(tmp_path)
        experiment = load_experiment(run.resolved, moved=True).experiment
        text = run.snapshot.read_text("utf-8").replace(
            '"vocabularies": {', f'"vocabularies": {{"term": "{"e" * 64}",'
        )
        run.snapshot.write_text(text, encoding="utf-8")
        assert verify_resume(run, experiment, HASHES, vocabularies=VOCABULARIES) == []
        with pytest.raises(DataError, match="vocabulary word: was not there"):
            verify_resume(run, experiment, HASHES, vocabularies={**VOCABULARIES, "word": "f" * 64})

    def test_other_versions_cpus_and_plugins_are_noted(self, tmp_path: Path) -> None:
        run = make_run(tmp_path)
        plugin = tmp_path / "plugin.py"
        plugin.write_text("", encoding="utf-8")
        values = json.loads(run.snapshot.read_text(encoding="utf-8"))
        values["versions"]["keras"] = "3.0.0"
        values["cpus"] = 9999
        values["cpu"] = "Abacus 3000"
        run.snapshot.write_text(json.dumps(values), encoding="utf-8")
        experiment = load_experiment(run.resolved, moved=True).experiment
        notes = verify_resume(run, experiment, HASHES, includes=[plugin])
        assert notes[0] == f"keras was 3.0.0 when the run was started and is {versions()['keras']} now"
        assert notes[1] == f"the run was started on the processor Abacus 3000 and is resumed on {cpu_model()}"
        assert "9999 CPUs" in notes[2]
        assert str(plugin) in notes[3]

    def test_other_devices_are_noted(self, tmp_path: Path) -> None:
        run = make_run(tmp_path)
        assert verify_devices(run, ["CPU"]) == []  # an older run has recorded none
        values = json.loads(run.snapshot.read_text(encoding="utf-8"))
        run.snapshot.write_text(json.dumps({**values, "devices": ["CPU", "GPU H100"]}), encoding="utf-8")
        assert verify_devices(run, ["CPU", "GPU H100"]) == []
        assert verify_devices(run, ["CPU"]) == ["the run was started on CPU, GPU H100 and is resumed on CPU"]
