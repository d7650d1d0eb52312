"""`nlpx check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlpx.config.problems import CODES
from nlpx.core.component import builtin_registry
from nlpx.core.suggest import one_of
from tests.cli.program import Nlpx, nlpx

__all__ = ["nlpx"]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "c.yaml"
    path.write_text("task: couplet\ntrain: {epochs: 3}\n", encoding="utf-8")
    return path


def test_sound_configs(nlpx: Nlpx, config: Path) -> None:
    other = config.with_name("d.yaml")
    other.write_text("task: segmentation\n", encoding="utf-8")
    done = nlpx("check", "c.yaml", "d.yaml")
    assert (done.code, done.out, done.err) == (0, "c.yaml: ok\nd.yaml: ok\n", "")


def test_shipped_configs_are_sound(nlpx: Nlpx) -> None:
    patterns = ("*.yaml", "tricks/*.yaml", "sweeps/*.yaml")
    configs = sorted(str(path) for pattern in patterns for path in (ROOT / "configs").glob(pattern))
    done = nlpx("check", *configs)
    assert done.code == 0, done.err
    assert done.out.count(": ok\n") == len(configs) >= 2


def test_a_config_whose_init_cannot_be_used_does_not_hide_the_others(nlpx: Nlpx, config: Path) -> None:
    config.write_text("task: couplet\ninit: {from: broken}\n", encoding="utf-8")
    config.with_name("broken").mkdir()
    (config.parent / "broken" / "snapshot.json").write_text("{}", encoding="utf-8")
    config.with_name("d.yaml").write_text("task: segmentation\n", encoding="utf-8")
    config.with_name("e.yaml").write_text("task: couplet\nsede: 1\n", encoding="utf-8")
    done = nlpx("check", "c.yaml", "d.yaml", "e.yaml")
    assert (done.code, done.out) == (4, "d.yaml: ok\n")
    assert "c.yaml: init.from: " in done.err and "this run is incomplete" in done.err
    assert "e.yaml:2:1" in done.err


def test_a_run_to_start_from_that_is_not_there(nlpx: Nlpx, config: Path) -> None:
    config.write_text("task: couplet\ninit: {from: nothing}\n", encoding="utf-8")
    done = nlpx("check", "c.yaml")
    assert (done.code, "c.yaml:2:8: error C206: init.from: there is no run or checkpoint" in done.err) == (
        2,
        True,
    )


@pytest.mark.parametrize("command", [("check",), ("train",), ("data", "check")])
def test_standard_input_is_no_config(nlpx: Nlpx, config: Path, command: tuple[str, ...]) -> None:
    done = nlpx(*command, "-")
    assert done.code == 2
    assert "there is no such file; a config cannot be read from standard input" in done.err


def test_every_problem_of_every_file(nlpx: Nlpx, config: Path) -> None:
    config.with_name("bad.yaml").write_text("task: couplet\nsed: 1\nloss: crf_nll\n", encoding="utf-8")
    config.with_name("worse.yaml").write_text("task: cuplet\n", encoding="utf-8")
    done = nlpx("check", "bad.yaml", "c.yaml", "worse.yaml", "gone.yaml")
    tasks = builtin_registry().names("task")
    assert done.code == 2
    assert done.out == "c.yaml: ok\n"
    assert done.err.splitlines() == [
        "bad.yaml:2:1: error C101: sed: unknown key; expected one of task, name, seed, init, data, loss, optimizer, "
        "tricks, train, checkpoint, metrics, samples, observers, export, vocabulary, model, decode, format, extends, include, vars; "
        "did you mean seed?",
        "    sed: 1",
        "    ^",
        "bad.yaml:3:1: error C201: loss: the loss crf_nll needs `crf_nll`, which the head softmax does not give; "
        "expected the head crf, or one of the losses cross_entropy, focal, hard_truncated, nce, negative_sampling, "
        "sampled_softmax, soft_truncated",
        "    loss: crf_nll",
        "    ^",
        f"worse.yaml:1:7: error C106: task: there is no task called cuplet; expected {one_of(tasks)}; "
        "did you mean couplet?",
        "    task: cuplet",
        "          ^",
        "gone.yaml: error C001: cannot be read: there is no such file",
        "4 problems in 3 of 4 configs; nlpx describe error/C101 explains C101",
    ]


def test_what_is_wrong_in_a_base_is_told_once_with_those_that_extend_it(nlpx: Nlpx, config: Path) -> None:
    config.with_name("base.yaml").write_text("task: couplet\nsed: 1\n", encoding="utf-8")
    config.with_name("a.yaml").write_text("extends: base.yaml\nseed: 1\n", encoding="utf-8")
    config.with_name("b.yaml").write_text("extends: base.yaml\nsede: 1\n", encoding="utf-8")
    done = nlpx("check", "a.yaml", "c.yaml", "b.yaml", "base.yaml")
    assert (done.code, done.out) == (2, "c.yaml: ok\n")
    lines = done.err.splitlines()
    assert [line for line in lines if ": error " in line] == [lines[0], lines[4]]
    assert lines[0].startswith("base.yaml:2:1: error C101: sed: unknown key")
    assert lines[1:4] == ["    sed: 1", "    ^", "    found through a.yaml, b.yaml"]
    assert lines[4].startswith("b.yaml:2:1: error C101: sede: unknown key")
    assert lines[5:] == [
        "    sede: 1",
        "    ^",
        "2 problems in 3 of 4 configs; nlpx describe error/C101 explains C101",
    ]
    results = json.loads(nlpx("check", "a.yaml", "b.yaml", "--json").out)["configs"]
    assert [(result["config"], len(result["problems"])) for result in results] == [
        ("a.yaml", 1),
        ("b.yaml", 2),
    ]


def test_many_problems_are_counted(nlpx: Nlpx, config: Path) -> None:
    text = "task: couplet\n" + "".join(f"wrong{i}: 1\n" for i in range(130))
    config.with_name("bad.yaml").write_text(text, encoding="utf-8")
    done = nlpx("check", "bad.yaml", "c.yaml")
    assert done.err.count(": error C101: ") == 100
    more, counted = done.err.splitlines()[-2:]
    assert more == "bad.yaml: ... and 30 more problems"
    assert counted.startswith("130 problems in 1 of 2 configs; ")
    (bad, good) = json.loads(nlpx("check", "bad.yaml", "c.yaml", "--json").out)["configs"]
    assert (len(bad["problems"]), bad["more"], good["more"]) == (100, 30, 0)


def test_set_and_json(nlpx: Nlpx, config: Path) -> None:
    done = nlpx("check", "c.yaml", "--set", "train.epochs=many", "--json")
    assert (done.code, done.err) == (2, "")
    (result,) = json.loads(done.out)["configs"]
    (problem,) = result["problems"]
    assert (result["config"], result["ok"]) == ("c.yaml", False)
    assert (problem["source"], problem["code"], problem["path"]) == (
        "--set train.epochs=many",
        "C103",
        "train.epochs",
    )
    assert nlpx("check", "c.yaml", "--set", "train.epochs=4").code == 0


def test_plugins(nlpx: Nlpx, config: Path) -> None:
    config.write_text("task: couplet\nmodel: {encoder: [gated_conv, squeeze_excite]}\n", encoding="utf-8")
    assert "no encoder called squeeze_excite" in nlpx("check", "c.yaml").err
    plugin = ROOT / "docs" / "plugins" / "squeeze.py"
    assert nlpx("check", "c.yaml", "--include", plugin).code == 0
    assert nlpx("check", ROOT / "docs" / "plugins" / "squeeze.yaml").code == 0
    done = nlpx("check", "c.yaml", "--include", plugin, "--set", "model.encoder.1.reduction=0")
    assert (
        "error C105: model.encoder.1.reduction: out of range; got the integer 0, expected at least 1"
        in done.err
    )


def test_a_plugin_that_takes_a_name(nlpx: Nlpx, config: Path) -> None:
    plugin = config.with_name("taken.py")
    text = (ROOT / "docs" / "plugins" / "squeeze.py").read_text(encoding="utf-8")
    plugin.write_text(text.replace("squeeze_excite", "conv"), encoding="utf-8")
    config.write_text("task: couplet\ninclude: taken.py\n", encoding="utf-8")
    done = nlpx("check", "c.yaml")
    assert done.code == 2
    assert "c.yaml:2:10: error C012: include: encoder/conv is registered twice" in done.err
    assert f"{plugin}:" in done.err
    assert "encoders/conv.py:" in done.err


def test_a_plugin_that_is_missing(nlpx: Nlpx, config: Path) -> None:
    config.write_text("task: couplet\ninclude: [gone.py]\n", encoding="utf-8")
    done = nlpx("check", "c.yaml")
    assert done.code == 2
    assert "error C012: include:" in done.err
    assert "no such plugin file" in done.err


def test_no_config_is_a_wrong_use(nlpx: Nlpx) -> None:
    done = nlpx("check")
    assert done.code == 2
    assert "at least one config" in done.err


def test_codes(nlpx: Nlpx) -> None:
    lines = nlpx("check", "--codes").out.splitlines()
    assert [line.split()[0] for line in lines] == list(CODES)


WORDS = [
    (b"\xbd\xe1\xbb\xe9\t5\n", "words.tsv:1: not UTF-8"),
    ("结婚 5\n".encode(), "words.tsv:1: got '结婚 5', expected a word, a tab or comma"),
    ("结婚\tabc\n".encode(), "words.tsv:1: 'abc' is not a number"),
    (None, "there is no file"),
]


@pytest.mark.parametrize(("content", "expected"), WORDS)
@pytest.mark.parametrize("command", [("check",), ("data", "check"), ("train",)])
def test_a_dictionary_that_cannot_be_used_is_found_without_training(
    nlpx: Nlpx, config: Path, command: tuple[str, ...], content: bytes | None, expected: str
) -> None:
    config.write_text("task: segmentation\ndecode: viterbi\n", encoding="utf-8")
    if content is not None:
        config.with_name("words.tsv").write_bytes(content)
    done = nlpx(*command, "c.yaml", "--set", "decode.dictionary=words.tsv")
    code = "C206" if content is None else "C221"
    exit_code = 2 if content is None or command == ("check",) else 3
    assert (done.code, f"error {code}: decode.dictionary: " in done.err) == (exit_code, True), done.err
    assert expected in done.err
    assert "tensorflow" not in done.err


def test_a_table_of_rhymes_that_cannot_be_used_is_found(nlpx: Nlpx, config: Path) -> None:
    config.with_name("rhymes.tsv").write_text("东 同\n" * 9, encoding="utf-8")
    config.write_text(
        "task: poem\ndata: {length: 20}\ndecode: {type: verse, rhymes: {type: table, file: rhymes.tsv}}\n",
        encoding="utf-8",
    )
    done = nlpx("check", "c.yaml")
    assert done.code == 2
    assert "error C221: decode.rhymes.file: " in done.err
    assert [f"rhymes.tsv:{line}: " in done.err for line in (1, 5, 6)] == [True, True, False]
    assert "... and 4 more" in done.err
