"""Where `nlpx predict` writes: nothing that is read, nothing half."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from nlpx.cli.output_file import OutputFile
from nlpx.cli.predict_output import expect_lines
from nlpx.errors import EnvironmentProblem, UsageError
from nlpx.tasks.segmentation.config import Segmentation
from tests.cli.program import Nlpx, nlpx
from tests.runs.making import make_run

__all__ = ["nlpx"]

ROOT = str(Path(__file__).resolve().parents[2])
WAYS: dict[str, Callable[[Path], Path]] = {
    "itself": lambda path: path,
    "another spelling": lambda path: path.parent / "." / path.name,
    "hard link": lambda path: _linked(path, os.link),
    "symbolic link": lambda path: _linked(path, os.symlink),
}


def _linked(path: Path, link: Callable[[Path, Path], None]) -> Path:
    link(path, path.with_name("link"))
    return path.with_name("link")


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    path = tmp_path / "asked.txt"
    path.write_text("春风\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("way", WAYS)
def test_a_file_that_is_read_is_not_written(asked: Path, way: str) -> None:
    target = WAYS[way](asked)
    with pytest.raises(UsageError, match=r"is the same file as .*asked\.txt, which is an input"):
        OutputFile(target, [Path("other"), asked])
    assert asked.read_text(encoding="utf-8") == "春风\n"


def test_a_file_inside_a_folder_that_is_read_is_not_written(asked: Path) -> None:
    with pytest.raises(UsageError, match=r"asked\.txt, which is an input"):
        OutputFile(asked, [asked.parent])
    OutputFile(asked.with_name("new.txt"), [asked.parent])


@pytest.mark.parametrize(
    "command",
    [
        ("predict", "--text", "春风"),
        ("schema",),
        ("data", "label", "--input", "."),
        ("data", "groups", "pairs.tsv"),
        ("data", "export", "c.yaml"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_an_empty_path_is_no_place_to_write_to(nlpx: Nlpx, command: tuple[str, ...]) -> None:
    done = nlpx(*command, "--output", "")
    assert (done.code, "'--output': the path is empty. Is a shell" in done.err) == (2, True)


@pytest.mark.parametrize("name", ["snapshot.json", "resolved.yaml", "vocabulary/char.json"])
def test_files_of_the_run_that_answers_are_not_written(nlpx: Nlpx, tmp_path: Path, name: str) -> None:
    run = make_run(tmp_path / "runs", "a")
    path = run.path / name
    path.parent.mkdir(exist_ok=True)
    path.touch()
    before = path.read_bytes()
    done = nlpx("predict", run.path, "--text", "春风", "--output", path)
    assert (done.code, f"this is the same file as {path}, which is an input" in done.err) == (2, True), (
        done.err
    )
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["rows.txt", "words.txt", "other_words.txt"])
def test_files_that_the_config_of_a_run_names_are_not_written(nlpx: Nlpx, tmp_path: Path, name: str) -> None:
    for file in ("rows.txt", "words.txt", "other_words.txt"):
        (tmp_path / file).write_text("春风,2\n", encoding="utf-8")
    source = {"type": "segmented_text", "train": "rows.txt", "holdout": 1}
    experiment = Segmentation.model_validate(
        {
            "type": "segmentation",
            "data": {"root": str(tmp_path), "source": source},
            "decode": {"type": "viterbi", "dictionary": str(tmp_path / "words.txt")},
        }
    )
    run, path = make_run(tmp_path / "runs", "a", experiment=experiment), tmp_path / name
    changed = ["--set", f"decode.dictionary={path}"] if name == "other_words.txt" else []
    done = nlpx("predict", run.path, "--text", "春风", *changed, "--output", path)
    assert (done.code, f"this is the same file as {path}, which is an input" in done.err) == (2, True), (
        done.err
    )
    assert path.read_text(encoding="utf-8") == "春风,2\n"


@pytest.mark.parametrize(
    ("redirection", "output", "read", "told"),
    [
        (
            ">> asked.txt",
            "None",
            "asked.txt",
            "standard output: this is the same file as asked.txt",
        ),
        ("< asked.txt", "Path('asked.txt')", "-", "this is the same file as standard input"),
    ],
)
def test_streams_of_the_shell_are_files_too(
    asked: Path, redirection: str, output: str, read: str, told: str
) -> None:
    code = f"from pathlib import Path; from nlpx.cli.output_file import OutputFile; OutputFile({output}, [Path('{read}')])"
    done = subprocess.run(
        ["bash", "-c", f'{sys.executable} -c "{code}" {redirection}'],
        cwd=asked.parent,
        env={**os.environ, "PYTHONPATH": ROOT},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert told in done.stderr
    assert asked.read_text(encoding="utf-8") == "春风\n"


def test_the_old_file_stays_until_the_end(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")
    path.chmod(0o640)
    with OutputFile(path, []).open() as out:
        out.write("新\n")
        out.flush()
        assert path.read_text(encoding="utf-8") == "old"
    assert path.read_text(encoding="utf-8") == "新\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("wrong")])
@pytest.mark.parametrize(("old", "left"), [("old", "was not changed"), (None, "was not written")])
def test_what_is_left_of_answers_that_were_interrupted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], error: BaseException, old: str | None, left: str
) -> None:
    path = tmp_path / "out.txt"
    if old is not None:
        path.write_text(old)
    with pytest.raises(type(error)), OutputFile(path, []).open() as out:
        out.write("half")
        raise error
    assert [file.read_text() for file in tmp_path.iterdir()] == ([] if old is None else [old])
    assert f"{path}: {left}" in capsys.readouterr().err


def test_a_full_disk(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with (
            pytest.raises(EnvironmentProblem, match=r"out\.txt: cannot be written: File too large"),
            OutputFile(path, []).open() as out,
        ):
            out.write("x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    with OutputFile(tmp_path / "link.txt", []).open() as out:
        out.write("new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_a_named_pipe_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(path.read_text()))
    reader.start()
    with OutputFile(path, []).open() as out:
        out.write("answer")
    reader.join()
    assert got == ["answer"]
    assert path.is_fifo()


def test_an_open_file_is_written_on(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log:
        log.write("before\n")
        log.flush()
        with OutputFile(Path(f"/dev/fd/{log.fileno()}"), []).open() as out:
            out.write("answer\n")
        log.write("after\n")
    assert (tmp_path / "log").read_text() == "before\nanswer\nafter\n"


def test_devices_stay_devices() -> None:
    with OutputFile(Path(os.devnull), []).open() as out:
        out.write("lost")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this machine")
def test_a_device_that_takes_nothing() -> None:
    with (
        pytest.raises(EnvironmentProblem, match="/dev/full: cannot be written: No space left"),
        OutputFile(Path("/dev/full"), []).open() as out,
    ):
        out.write("lost")


def test_a_name_that_is_not_utf_8_is_written_as_it_is(tmp_path: Path) -> None:
    with OutputFile(tmp_path / "out.txt", []).open() as out:
        out.write(os.fsdecode(b"caf\xe9.jpg"))
    assert (tmp_path / "out.txt").read_bytes() == b"caf\xe9.jpg"


def test_a_place_that_cannot_be_written_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match=r"there is no folder .*no\. Choose another --output"):
        OutputFile(tmp_path / "no" / "out.txt", [])
    if os.geteuid():
        (tmp_path / "old.txt").touch(0o400)
        with pytest.raises(EnvironmentProblem, match="it is read-only"):
            OutputFile(tmp_path / "old.txt", [])


def test_names_of_compressed_files_are_refused() -> None:
    expect_lines(Path("x.txt"), ())
    with pytest.raises(
        UsageError, match=r"x\.csv\.gz: this command writes text that is not compressed. Write x\.csv, "
    ):
        expect_lines(Path("x.csv.gz"), ())
