"""The config of a run that somebody else may have made: nothing it names is executed or read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from nlpx.cli.main import run as nlpx
from nlpx.components.observers.keras_callback import KerasCallback
from nlpx.config.load import load_experiment
from nlpx.core.files import file_hash
from nlpx.errors import ConfigError, DamagedRun, UsageError
from nlpx.runs.config import load_run, load_run_to_train
from nlpx.runs.directory import RunDirectory
from nlpx.runs.snapshot import verify_resume
from tests.runs.making import HASHES, couplet, make_run

TRICK = '''
from pathlib import Path
from typing import ClassVar, Literal
from nlpx.components.tricks.base import Trick
Path(__file__).with_suffix(".executed").touch()
class {name}(Trick):
    """Nothing."""
    implementation: ClassVar[str] = ":{name}"
    type: Literal["{name}"] = "{name}"
'''


def _plugin(folder: Path, name: str) -> Path:
    path = folder / f"{name}.py"
    path.write_text(TRICK.format(name=name), encoding="utf-8")
    return path


def _executed(plugin: Path) -> bool:
    return plugin.with_suffix(".executed").exists()


def _foreign(root: Path, first_line: str) -> RunDirectory:
    """A whole run whose resolved.yaml has one more line."""
    run = make_run(root, "foreign", valid={1: 2.0}, best=1)
    resolved = run.resolved.read_text(encoding="utf-8")
    run.resolved.write_text(f"{first_line}\n{resolved}", encoding="utf-8")
    return run


COMMANDS = (
    ("predict", "--text", "春风"),
    ("predict", "RUN", "--text", "春风"),
    ("probe", "RUN", "--layer", "head", "--text", "春风"),
    ("eval",),
    ("eval", "RUN"),
    ("data", "label", "RUN", "--input", "."),
    ("train", "--resume", "RUN"),
    ("runs", "list"),
    ("runs", "show", "RUN"),
    ("runs", "compare", "RUN", "RUN"),
)


class TestForeign:
    @pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
    def test_no_command_executes_what_a_run_includes(
        self, tmp_path: Path, arguments: Sequence[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        plugin = _plugin(tmp_path, "stranger")
        run = _foreign(tmp_path / "runs", f"include: [{plugin}]")
        if "--resume" in arguments:
            run.set_status("interrupted")
        root = ["--output" if arguments[0] == "train" else "--root", str(tmp_path / "runs")]
        output = ["--output", str(tmp_path / "labels.tsv")] if "label" in arguments else []
        words = [str(run.path) if word == "RUN" else word for word in arguments]
        code = nlpx([*words, *root, *output])
        shown = capsys.readouterr()
        assert not _executed(plugin)
        if arguments[0] != "runs":
            assert code == 2
            assert f"--include {plugin}" in shown.err

    def test_a_base_file_is_neither_read_nor_executed(self, tmp_path: Path) -> None:
        plugin = _plugin(tmp_path, "base")
        (tmp_path / "base.yaml").write_text("include: [base.py]\n", encoding="utf-8")
        run = _foreign(tmp_path / "runs", f"extends: {tmp_path / 'base.yaml'}")
        with pytest.raises(DamagedRun, match=r"extends: the config of a run is complete"):
            load_run(run)
        assert not _executed(plugin)

    def test_what_the_command_line_names_is_executed(self, tmp_path: Path) -> None:
        plugin, other = _plugin(tmp_path, "named"), _plugin(tmp_path, "unnamed")
        run = _foreign(tmp_path / "runs", f"include: [{plugin}]")
        with pytest.raises(ConfigError, match=f"--include {plugin}"):
            load_run(run, includes=[other])
        assert not _executed(plugin)
        assert load_run(run, includes=[plugin]).includes == (plugin,)
        assert _executed(plugin)

    @pytest.mark.parametrize("reference", ["${env:HOME}", "a${env:NO_SUCH_VARIABLE:-b}"])
    def test_the_environment_stays_unknown(self, tmp_path: Path, reference: str) -> None:
        run = make_run(tmp_path)
        resolved = run.resolved.read_text(encoding="utf-8")
        run.resolved.write_text(resolved.replace("name: null", f'name: "{reference}"', 1), encoding="utf-8")
        with pytest.raises(DamagedRun, match="does not depend on the environment"):
            load_run(run)

    def test_text_that_looks_like_a_reference_is_text(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HERE", "/here")
        run = make_run(tmp_path, experiment=couplet(data={"root": "/a/${env:HERE}"}))
        assert load_run(run).experiment.data.root == "/a/${env:HERE}"
        assert load_run(run, ["data.root=${env:HERE}"]).experiment.data.root == "/here"

    @pytest.mark.parametrize("content", [b"", b"[1]", b"\xff", b"task: nothing\n", b"a: [" * 2000])
    def test_a_damaged_config(self, tmp_path: Path, content: bytes) -> None:
        run = make_run(tmp_path)
        run.resolved.write_bytes(content)
        with pytest.raises(DamagedRun, match=r"resolved\.yaml: damaged") as caught:
            load_run(run)
        assert caught.value.exit_code == 4


class TestPlugins:
    """Runs that were trained with a component of a plugin."""

    def _trained(self, folder: Path, name: str) -> tuple[RunDirectory, Path]:
        plugin = _plugin(folder, name)
        config = folder / f"{name}.yaml"
        config.write_text(f"task: couplet\ninclude: [{name}.py]\ntricks: [{name}]\n", encoding="utf-8")
        experiment = load_experiment(config).experiment
        run = make_run(folder / "runs", name, experiment=experiment, includes=[plugin])
        return run, plugin

    def test_the_missing_one_is_named_with_its_hash(self, tmp_path: Path) -> None:
        run, plugin = self._trained(tmp_path, "missing_trick")
        with pytest.raises(UsageError) as caught:
            load_run(run)
        assert caught.value.exit_code == 2
        for part in (f"--include {plugin}", file_hash(plugin)[:12], "there is no trick called missing_trick"):
            assert part in str(caught.value)
        assert load_run(run, includes=[plugin]).experiment.tricks[0].type == "missing_trick"

    def test_a_file_that_was_changed_since_is_told(self, tmp_path: Path) -> None:
        run, plugin = self._trained(tmp_path, "changed_trick")
        before = file_hash(plugin)
        told: list[str] = []
        load_run(run, includes=[plugin], say=told.append)
        assert told == []
        plugin.write_text(plugin.read_text(encoding="utf-8") + "# more\n", encoding="utf-8")
        load_run(run, includes=[plugin], say=told.append)
        assert told == [
            f"the plugin {plugin} has changed since the run was trained: its SHA-256 was "
            f"{before[:12]}…, is now {file_hash(plugin)[:12]}…"
        ]

    def test_a_moved_file_is_the_same(self, tmp_path: Path) -> None:
        run, plugin = self._trained(tmp_path, "moved_trick")
        moved = plugin.rename(tmp_path / "elsewhere.py")
        told: list[str] = []
        experiment = load_run(run, includes=[moved], say=told.append).experiment
        assert (experiment.tricks[0].type, told) == ("moved_trick", [])
        assert verify_resume(run, experiment, HASHES, includes=[moved]) == []
        assert verify_resume(run, experiment, HASHES) == [
            f"the run was started with the plugin {plugin}, which is not included now"
        ]

    def test_a_plugin_that_does_not_exist_is_no_damage_of_the_run(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="there is no such plugin file"):
            load_run(make_run(tmp_path), includes=[tmp_path / "none.py"])


class TestCallbacks:
    """A Keras callback is a class of any module with any arguments: `subprocess:Popen` would be one."""

    def _run(self, root: Path, callback: str) -> RunDirectory:
        observer = KerasCallback(callback=callback, arguments={"filename": "x.csv"})
        return make_run(root, experiment=couplet(observers=[observer]))

    @pytest.mark.parametrize("callback", ["subprocess:Popen", "keras.callbacks:CSVLogger"])
    def test_going_on_wants_it_named(self, tmp_path: Path, callback: str) -> None:
        run = self._run(tmp_path, callback)
        with pytest.raises(UsageError, match=f"--include {callback}"):
            load_run_to_train(run)
        assert load_run_to_train(run, [Path(callback)]).includes == ()
        assert load_run(run).experiment.observers

    def test_harmless_ones_go_on(self, tmp_path: Path) -> None:
        assert load_run_to_train(self._run(tmp_path, "keras.callbacks:EarlyStopping")).experiment.observers


def test_old_snapshots_without_newer_keys_open(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    values = json.loads(run.snapshot.read_text(encoding="utf-8"))
    for key in ("cpu", "devices"):
        del values[key]
    values["versions"] = {name: values["versions"][name] for name in ("python", "nlpx", "tensorflow")}
    run.snapshot.write_text(json.dumps(values), encoding="utf-8")
    experiment = load_run(run).experiment
    assert verify_resume(run, experiment, HASHES) == []


def test_going_on_uses_no_cache_that_a_run_names(tmp_path: Path) -> None:
    experiment = couplet(data={"cache": str(tmp_path / "named")})
    run = make_run(tmp_path, experiment=experiment)
    assert f"cache: {tmp_path / 'named'}" in run.resolved.read_text(encoding="utf-8")
    loaded = load_run_to_train(run)
    assert loaded.experiment.data.cache is None
    assert verify_resume(run, loaded.experiment, HASHES) == []
