"""What a bundle does with damage and bad intentions."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import cast
from unittest.mock import Mock

import pytest

import nlpx as package
from nlpx.core.zip_files import zip_folder
from nlpx.data.records import Sentence
from nlpx.errors import DataError, NlpxError
from nlpx.workflow.corpus import open_corpus
from nlpx.workflow.export import export_bundle
from nlpx.workflow.model import OpenModel, open_model
from tests.tasks.conftest import Command, nlpx
from tests.trained import SEGMENTATION, Trained, TrainOnce

__all__ = ["nlpx"]

pytest.importorskip("tf2onnx")
pytest.importorskip("onnxruntime")

TEXT = "研究生命的起源"


@pytest.fixture(scope="module")
def run(trained_once: TrainOnce) -> Trained:
    return trained_once(SEGMENTATION)


@pytest.fixture(scope="module")
def model(run: Trained) -> OpenModel:
    return open_model(Path(), str(run.path), "best")


@pytest.fixture(scope="module")
def exported(model: OpenModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "bundle"
    export_bundle(model, path)
    return path


@pytest.fixture
def copy(exported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "copy"))


def test_other_answers_than_exported_are_an_error(copy: Path) -> None:
    golden = json.loads((copy / "golden.json").read_text(encoding="utf-8"))
    golden[0]["prediction"]["words"] = ["什么"]
    rewrite(copy, "golden.json", json.dumps(golden).encode())
    with pytest.raises(NlpxError, match=r"golden.json: damaged: for '.*this machine predicts"):
        package.load(copy)


@pytest.mark.parametrize(
    ("name", "damage", "reason"),
    [
        ("graphs/scores.onnx", "half", "SHA-256 differs"),
        ("vocabulary/char.json", "longer", "larger than"),
        ("resolved.yaml", "byte", "SHA-256 differs"),
        ("golden.json", "missing", "no such file"),
        ("vocabulary/keys.u64", "link", "symbolic link"),
        ("graphs", "link", "symbolic link"),
        ("golden.json", "folder", "larger than"),
        ("manifest.json", "half", "JSON"),
        ("manifest.json", "list", "valid dictionary"),
    ],
)
def test_a_damaged_file_is_a_line(copy: Path, nlpx: Command, name: str, damage: str, reason: str) -> None:
    path = copy / name
    content = path.read_bytes() if path.is_file() else b""
    aside = copy.parent / "aside"
    path.rename(aside)
    make: dict[str, Callable[[], object]] = {
        "half": lambda: path.write_bytes(content[: len(content) // 2]),
        "longer": lambda: path.write_bytes(content + b" "),
        "byte": lambda: path.write_bytes(content.replace(b"m", b"n", 1)),
        "missing": lambda: None,
        "link": lambda: path.symlink_to(aside),
        "folder": path.mkdir,
        "list": lambda: path.write_bytes(b"[]"),
    }
    make[damage]()
    shown = nlpx("predict", copy, "--text", "我")
    assert (shown.code, shown.out) == (4, "")
    assert str(copy) in shown.text and reason in shown.text


def test_every_file_that_is_read_is_named_when_it_is_damaged(copy: Path) -> None:
    """All but the model card, which is there to be edited."""
    files = json.loads((copy / "manifest.json").read_text())["files"]
    assert len(files) > 5
    for name in {"manifest.json", *files} - {"README.md"}:
        content = (copy / name).read_bytes()
        for damage in (None, b"", content[: len(content) // 2], content[::-1]):
            (copy / name).unlink()
            if damage is not None:
                (copy / name).write_bytes(damage)
            with pytest.raises(NlpxError, match=rf"{name}: damaged: .*[Ee]xport the run again"):
                package.load(copy)
            (copy / name).write_bytes(content)
    (copy / "README.md").write_text("mine", encoding="utf-8")
    package.load(copy)


@pytest.mark.parametrize("name", ["../aside", "/etc/passwd", "a/../../b", ".hidden", "a/b/c", "a//b", ""])
def test_names_stay_inside(copy: Path, name: str) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"][name] = {"sha256": "0", "bytes": 1}
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(NlpxError, match="not a valid name"):
        package.load(copy)


@pytest.mark.parametrize("place", ["outside", "unlisted"])
def test_a_config_names_no_other_file(copy: Path, tmp_path: Path, place: str) -> None:
    words = tmp_path / "words.tsv" if place == "outside" else copy / "words.tsv"
    words.write_text("今天\t2\n", encoding="utf-8")
    config = (copy / "resolved.yaml").read_bytes()
    changed = config.replace(b"dictionary: null", f"dictionary: {words}".encode())
    rewrite(copy, "resolved.yaml", changed)
    with pytest.raises(NlpxError, match="does not belong to the bundle"):
        package.load(copy)


def test_files_that_do_not_fit_each_other(copy: Path) -> None:
    """Other vocabularies than the graph was made for, with right hashes."""
    many = {"tokens": ["<unk>", *map(chr, range(0x4E00, 0x5E00))], "counts": [1] * 4097}
    rewrite(copy, "vocabulary/char.json", json.dumps(many).encode())
    with pytest.raises(NlpxError, match="do not fit each other"):
        package.load(copy)
    rewrite(copy, "graphs/scores.onnx", b"no graph")
    with pytest.raises(NlpxError, match="onnxruntime cannot read it"):
        package.load(copy)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"task": "couplet"}, "its task is 'couplet', but that of resolved.yaml is segmentation"),
        ({"constants": {"transitions": [1e39]}}, "graphs or constants do not fit the task: overflow"),
        ({"format": None}, r"format: .* Export the run again"),
    ],
)
def test_another_manifest(copy: Path, change: dict[str, object], reason: str) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, **change}))
    with pytest.raises(NlpxError, match=f"manifest.json: damaged: {reason}"):
        package.load(copy)


@pytest.mark.parametrize("golden", [[], [{"text": " ", "prediction": {"words": []}}]])
def test_golden_texts_that_prove_nothing(copy: Path, golden: list[object]) -> None:
    rewrite(copy, "golden.json", json.dumps(golden).encode())
    with pytest.raises(NlpxError, match="which are not all blank"):
        package.load(copy)


@pytest.mark.parametrize(
    "command", [("train", "--resume"), ("average",), ("runs", "show"), ("runs", "compare")]
)
def test_other_commands_name_the_bundle(copy: Path, nlpx: Command, command: tuple[str, ...]) -> None:
    shown = nlpx(*command, copy, *([copy] if command[-1] in ("average", "compare") else []))
    assert (shown.code, "this is a bundle" in shown.text) == (2, True)


def test_a_checkpoint_is_no_bundle(run: Trained, nlpx: Command) -> None:
    folder = next((run.path / "checkpoints").iterdir())
    shown = nlpx("predict", folder, "--text", "我")
    assert (shown.code, "this folder is not a run" in shown.text) == (2, True)


@pytest.fixture
def zipped(copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """Makes the copy a zip file, which is unpacked in an empty cache."""
    monkeypatch.setenv("NLPX_CACHE", str(tmp_path / "cache"))

    def make() -> Path:
        zip_folder(copy, tmp_path / "x.zip")
        return tmp_path / "x.zip"

    return make


def test_a_zip_file_is_exported(
    run: Trained, nlpx: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nlpx.workflow.convert.rows_of", lambda model: [])
    monkeypatch.setenv("NLPX_CACHE", str(tmp_path / "cache"))
    shown = nlpx("export", run.path, "--output", tmp_path / "x.zip", "--json")
    assert (shown.code, [path.name for path in tmp_path.iterdir()]) == (0, ["x.zip"])
    assert json.loads(shown.out)["bytes"] == (tmp_path / "x.zip").stat().st_size
    answered = nlpx("predict", tmp_path / "x.zip", "--text", TEXT)
    assert (answered.code, answered.err, bool(answered.out.strip())) == (0, "", True)
    again = nlpx("export", run.path, "--output", tmp_path / "x.zip")
    assert (again.code, "already exists" in again.text) == (2, True)
    over = nlpx("predict", tmp_path / "x.zip", "--text", TEXT, "--output", tmp_path / "x.zip")
    assert (over.code, "is the same file as" in over.text) == (2, True)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("../aside", b"", "'../aside' differs"),
        ("unlisted", b"", "'unlisted' differs"),
        ("golden.json", b"longer than it was" * 99, "'golden.json' differs"),
        ("manifest.json", b"[]", "manifest.json: damaged: the file: "),
        ("manifest.json", b"{", "not JSON"),
        ("manifest.json", b"", "not JSON"),
        ("manifest.json", None, "it contains no manifest.json"),
        ("golden.json", None, "'golden.json' differs"),
    ],
)
def test_a_hostile_zip_file(
    zipped: Callable[[], Path], nlpx: Command, tmp_path: Path, name: str, content: bytes | None, reason: str
) -> None:
    """Nothing is written, neither outside nor in the cache."""
    with zipfile.ZipFile(zipped()) as whole:
        files = {each: whole.read(each) for each in whole.namelist()}
    files[name] = content or b""
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as file:
        for each, bytes_of in files.items():
            if each != name or content is not None:
                file.writestr(each, bytes_of)
    shown = nlpx("predict", tmp_path / "x.zip", "--text", TEXT)
    assert (shown.code, shown.out) == (4, "")
    for part in (f"{tmp_path / 'x.zip'}", reason, "Export the run again."):
        assert part in shown.text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "x.zip"]


def test_what_is_unpacked_is_checked(copy: Path, zipped: Callable[[], Path], tmp_path: Path) -> None:
    path, graph = zipped(), "graphs/scores.onnx"
    package.load(path)
    (unpacked,) = (tmp_path / "cache" / "bundles").iterdir()
    content = (unpacked / graph).read_bytes()
    (unpacked / graph).write_bytes(content[:-1])  # another size is unpacked again
    package.load(path)
    assert (unpacked / graph).read_bytes() == content
    (unpacked / graph).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(NlpxError, match="SHA-256 differs"):
        package.load(path)
    rewrite(copy, graph, content[:-1] + bytes([content[-1] ^ 1]), content)
    with pytest.raises(NlpxError, match=r"x.zip/graphs/scores.onnx: damaged: .*SHA-256 differs"):
        package.load(zipped())


@pytest.mark.parametrize("missing", ["file", "cache"])
def test_where_a_zip_file_cannot_be_used(
    zipped: Callable[[], Path], nlpx: Command, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    path = zipped()
    if missing == "file":
        path.unlink()
    else:
        monkeypatch.setenv("NLPX_CACHE", "/dev/null")
    shown = nlpx("predict", path, "--text", TEXT)
    reason = "there is no such file" if missing == "file" else "cannot be unpacked here"
    assert (shown.code, f"{path}" in shown.text, reason in shown.text) == (4, True, True)


def test_a_newer_layout(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, "format": 2}))
    with pytest.raises(NlpxError, match="newer version"):
        package.load(copy)


def test_a_single_text_is_no_list(exported: Path) -> None:
    bundle = package.load(exported)
    for call in (bundle.predict, lambda text: next(bundle.predict_iter(text))):
        with pytest.raises(TypeError, match="single text"):
            call("春风")
    with pytest.raises(ValueError, match="at_once is 0, expected at least 1"):
        next(bundle.predict_iter(["春风"], at_once=0))
    assert (bundle.task, bundle.predict([])) == ("segmentation", [])


def test_int8_weights(
    model: OpenModel, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nlpx: Command
) -> None:
    """The predictions are nearly those of the run, the differences are counted, and batches do not matter."""
    monkeypatch.setattr("nlpx.workflow.quantize.FEWEST", 1)
    done = export_bundle(model, tmp_path / "b", int8=True)
    found = json.loads((tmp_path / "b" / "manifest.json").read_text(encoding="utf-8"))["quantization"]
    assert done.rounded is not None and found == json.loads(done.rounded.record.model_dump_json())
    assert found["after"]["f1"] == pytest.approx(found["before"]["f1"], abs=0.02)
    assert found["bytes"][1] < found["bytes"][0]
    assert done.rounded.describe() in (tmp_path / "b" / "README.md").read_text(encoding="utf-8")
    rows = [cast(Sentence, row).text for row in open_corpus(model.trained).rows("valid")]
    exact, rounded = (package.load(path) for path in (exported, tmp_path / "b"))
    texts = [each.text for each in rounded.predict(rows)]
    same = sum(one.text == other for one, other in zip(exact.predict(rows), texts, strict=True))
    assert 0.9 * len(rows) < same == found["equal"]
    assert [rounded.predict([row])[0].text for row in rows[:20]] == texts[:20]
    monkeypatch.setattr("nlpx.workflow.rounded.open_corpus", Mock(side_effect=DataError("x: no such file")))
    with pytest.raises(NlpxError, match=r"validation rows\. x: no such file"):
        export_bundle(model, tmp_path / "c", int8=True)
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    refused = nlpx("export", model.run.path, "--output", "x.npz", "--quantize", "int8")
    assert (refused.code, "--quantize is for --to bundle" in refused.text) == (2, True)


def rewrite(bundle: Path, name: str, content: bytes, hashed: bytes | None = None) -> None:
    """Another content with the right hash, as by somebody with bad intentions; or with that of another one."""
    path = bundle / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    sha256 = hashlib.sha256(content if hashed is None else hashed).hexdigest()
    record = {"sha256": sha256, "bytes": len(content)}
    path.write_text(json.dumps({**manifest, "files": {**manifest["files"], name: record}}))
    (bundle / name).write_bytes(content)
