"""A server on a port: clients that leave, that are slow or broken, and signals."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from nlpx.errors import NlpxError
from nlpx.serving.app import make_app
from nlpx.serving.guard import Access
from nlpx.serving.limits import Limits
from nlpx.serving.models import open_models
from tests.cli.program import Nlpx
from tests.serving.fakes import NAME, FakePredictor, connected, fake_app, running

HEAD = f"POST /v1/{NAME}/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def sent(url: str, text: str) -> socket.socket:
    body = f'{{"text": "{text}"}}'
    found = connected(url)
    found.sendall(f"{HEAD}Content-Length: {len(body)}\r\n\r\n{body}".encode())
    return found


def test_a_client_that_leaves_is_not_computed() -> None:
    predictor = FakePredictor()
    with running(fake_app(predictor)) as url:
        holding = sent(url, "hold")
        wait_until(lambda: predictor.batches == [["hold"]])
        leaving = sent(url, "leaves")
        wait_until(lambda: 'waiting_rows{model="fake/one"} 1' in httpx.get(f"{url}metrics").text)
        leaving.close()
        wait_until(lambda: 'status="499"' in httpx.get(f"{url}metrics").text)
        predictor.released.set()
        assert b"200 OK" in holding.recv(1000)
        assert (
            httpx.post(f"{url}v1/fake/predict", json={"text": "next"}).json()["predictions"][0]["text"]
            == "txen"
        )
        holding.close()
    assert predictor.batches == [["hold"], ["next"]]


def test_open_requests_are_answered_before_the_server_ends() -> None:
    predictor = FakePredictor()
    with running(fake_app(predictor)) as url:
        holding = sent(url, "hold")
        wait_until(lambda: predictor.batches == [["hold"]])
        threading.Timer(0.3, predictor.released.set).start()
    with pytest.raises(OSError):
        connected(url)
    assert b"200 OK" in ended(holding)


def test_slow_and_broken_clients_are_disconnected_and_others_served() -> None:
    limits = Limits(reading=0.6, body=1000)
    with running(fake_app(FakePredictor(), limits), limits) as url:
        silent, slow_head, slow_body, endless, nonsense = (connected(url) for _ in range(5))
        slow_head.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
        slow_body.sendall(f'{HEAD}Content-Length: 100\r\n\r\n{{"text": '.encode())
        endless.sendall(
            f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode()
            + b"3e8\r\n"
            + b" " * 1000
            + b"\r\n"
            + b"1\r\n"
        )
        endless.sendall(b" \r\n")
        nonsense.sendall(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
        assert httpx.post(f"{url}v1/fake/predict", json={"text": "ab"}).status_code == 200
        assert ended(silent) == ended(slow_head) == b""
        assert b" 408 " in ended(slow_body).splitlines()[0]
        assert b" 413 " in ended(endless).splitlines()[0]
        assert b" 400 " in ended(nonsense).splitlines()[0]
        assert httpx.get(f"{url}healthz").status_code == 200


def ended(connection: socket.socket) -> bytes:
    """All that the server sends until it closes the connection."""
    received = b""
    with connection:
        try:
            while part := connection.recv(10_000):
                received += part
        except ConnectionResetError:
            pass
    return received


def test_a_bundle_and_a_run_predict_alone_and_in_batches_as_the_command_does(
    bundle: Path, finished: Path, nlpx: Nlpx
) -> None:
    run = finished / "segmentation" / "tiny"
    models = open_models(Path(), [str(bundle), str(run)], "auto", [], lambda *_: None, lambda _: None)
    assert [*models] == ["couplet/tiny", "segmentation/tiny"]
    texts = ["晚风摇树树还挺", "春", "", "研究生命的起源😀", "a b"]
    with running(make_app(models, Limits(), Access(), None)) as url:
        for path, task, field in ((bundle, "couplet", "lower"), (run, "segmentation", "words")):
            shown = nlpx("predict", path, *(word for text in texts for word in ("--text", text)))
            together = httpx.post(f"{url}v1/{task}/predict", json={"texts": texts}).json()["predictions"]
            alone = [httpx.post(f"{url}v1/{task}/predict", json={"text": text}).json() for text in texts]
            assert together == [row["predictions"][0] for row in alone]
            assert [row["text"] for row in together] == shown.out.splitlines()
            assert all(field in row for row in together)
        described = httpx.get(f"{url}v1/models").json()["models"]
        assert [model["engine"] for model in described] == ["onnx", "tensorflow"]
        assert str(finished) not in str(described)
        couplets(f"{url}v1/couplet/predict")
        segmentations(f"{url}v1/segmentation/predict")


def test_a_run_that_cannot_be_used_is_left_out_unless_it_is_named(finished: Path, tmp_path: Path) -> None:
    runs = shutil.copytree(finished, tmp_path / "runs")
    shutil.rmtree(runs / "segmentation" / "tiny" / "vocabulary")
    lines: list[str] = []
    models = open_models(runs, [], "auto", [], lambda *_: None, lines.append)
    assert [*models] == ["couplet/tiny"]
    assert any(line.startswith("left out: ") and "segmentation" in line for line in lines)
    with pytest.raises(NlpxError, match="segmentation"):
        open_models(runs, ["segmentation/tiny"], "auto", [], lambda *_: None, lines.append)


def couplets(path: str) -> None:
    """Drawn lines keep the rules, follow the seed, and differ."""
    upper = "晚风摇树树还挺"

    def drawn(seed: int) -> dict[str, object]:
        sent = {"texts": [upper, "春风"], "options": {"seed": seed, "temperature": 1}}
        found: dict[str, object] = httpx.post(path, json=sent).json()["predictions"][0]
        return found

    rows = [drawn(seed) for seed in (1, 2, 3, 1)]
    assert rows[0] == rows[3]
    assert len({str(row["lower"]) for row in rows}) > 1
    assert all(
        row["rules"] == dict.fromkeys(("punctuation", "reuse", "repetition", "distinct"), True)
        for row in rows
    )
    assert httpx.post(path, json={"text": upper, "options": {"temperature": 0}}).status_code == 422


def segmentations(path: str) -> None:
    """Words of a request are used for it alone."""
    text = "研究生命的起源"

    def cut(options: dict[str, object]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = httpx.post(path, json={"text": text, "options": options}).json()[
            "predictions"
        ][0]
        return found

    before = cut({})
    assert cut({"dictionary": {"生命的起": 1e30}})["words"] == ["研究", "生命的起", "源"]
    assert cut({}) == before and "jieba" not in before
    assert cut({"jieba": True})["jieba"] == ["研究", "生命", "的", "起源"]
    for wrong in ({"a b": 2}, {"ab": 0}, {"": 2}, {"ab": "x"}, "words.txt"):
        assert httpx.post(path, json={"text": text, "options": {"dictionary": wrong}}).status_code == 422


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_command(number: int, bundle: Path) -> None:
    command = [sys.executable, "-m", "nlpx", "serve", str(bundle), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stderr is not None
        url = next(line.split()[2] for line in process.stderr if line.startswith("serving at "))
        found = httpx.post(f"{url}v1/couplet/predict", json={"texts": ["晚风摇树树还挺"] * 100})
        process.send_signal(number)
        rest = process.stderr.read()
        assert (found.status_code, process.wait(20)) == (200, 0)
    assert " 200 " in rest and "晚" not in rest and rest.endswith("stopped\n")


def test_a_used_port_is_known_before_models_are_loaded(nlpx: Nlpx) -> None:
    with socket.create_server(("127.0.0.1", 0)) as used:
        shown = nlpx("serve", "no-such-run", "--port", used.getsockname()[1])
    assert shown.code == 4
    assert "choose another --port" in shown.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["no-such-run"], 2, "no-such-run"),
        (["--root", "none"], 2, "there is no finished run"),
        (["--host", "no.such.host.invalid"], 2, "there is no such address"),
        (["--queue-rows", "10"], 2, "--max-rows 256 is above --queue-rows 10"),
        (["--token-file", "none"], 3, "the token cannot be read"),
    ],
)
def test_mistakes(
    arguments: list[str], code: int, message: str, nlpx: Nlpx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = nlpx("serve", "--port", "0", *arguments)
    assert shown.code == code
    assert message in shown.err


def test_a_short_token_is_refused(nlpx: Nlpx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLPX_SERVE_TOKEN", "short")
    shown = nlpx("serve", "--port", "0")
    assert shown.code == 2
    assert "$NLPX_SERVE_TOKEN: this is no token" in shown.err
    shown = nlpx("serve", "--port", "0", "--token-file", "/dev/zero")  # which has no end
    assert (shown.code, "/dev/zero: this is no token" in shown.err) == (2, True)
