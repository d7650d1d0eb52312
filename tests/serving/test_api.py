"""Requests and responses, with a fake model."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Awaitable, Callable
from io import BytesIO
from types import SimpleNamespace
from typing import Any, cast

import httpx
import numpy as np
import pytest
from starlette.requests import ClientDisconnect

from nlpx.data.png import png
from nlpx.serving.app import Service
from nlpx.serving.calls import Options, Predict
from nlpx.serving.guard import Access
from nlpx.serving.limits import Limits
from nlpx.serving.meters import Meters
from nlpx.serving.refusal import Refusal
from nlpx.serving.tasks.segmentation import SegmentationApi, SegmentationOptions
from tests.serving.fakes import NAME, FakePredictor, client, fake_app, fake_model

PREDICT = f"/v1/{NAME}/predict"
LIMITS = Limits(rows=4, characters=10, body=2000, pixels=1000)


def ask(app: Any, body: Callable[[httpx.AsyncClient], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        async with client(app) as opened:
            return await body(opened)

    return asyncio.run(main())


def post(app: Any, **arguments: Any) -> httpx.Response:
    found = ask(app, lambda http: http.post(arguments.pop("path", PREDICT), **arguments))
    assert isinstance(found, httpx.Response)
    return found


def test_one_text() -> None:
    found = post(fake_app(FakePredictor()), json={"text": "春风"})
    assert found.status_code == 200
    assert found.json() == {"model": NAME, "predictions": [{"text": "风春", "length": 2, "nan": None}]}


def test_many_texts_keep_their_order_and_a_bad_one_fails_alone() -> None:
    predictor = FakePredictor()
    texts = ["a", "bad", 3, "x" * 11, "unreadable", "\ud800", "b", ""]
    found = post(
        fake_app(predictor, Limits(characters=10)),
        content=json.dumps({"texts": texts}),
        headers={"Content-Type": "application/json"},
    )
    assert found.status_code == 200
    shown = [row.get("text", row.get("error", {}).get("code")) for row in found.json()["predictions"]]
    assert shown == [
        "a",
        "internal_error",
        "not_a_text",
        "text_too_long",
        "cannot_be_predicted",
        "not_unicode",
        "b",
        "",
    ]
    assert "secret" not in found.text


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"json": {"text": "bad"}}, 500, "internal_error"),
        ({"json": {"text": "unreadable"}}, 422, "cannot_be_predicted"),
        ({"json": {"text": "x" * 11}}, 413, "text_too_long"),
        ({"json": {"text": None}}, 422, "not_a_text"),
        ({"json": {"texts": ["a"] * 5}}, 413, "too_many_rows"),
        ({"json": {"texts": "a"}}, 422, "bad_request"),
        ({"json": {"text": "a", "texts": []}}, 422, "bad_request"),
        ({"json": {}}, 422, "bad_request"),
        ({"json": []}, 422, "bad_request"),
        ({"json": {"text": "a", "option": {}}}, 422, "unknown_field"),
        ({"json": {"text": "a", "options": {"dictionary": "/etc/passwd"}}}, 422, "unknown_field"),
        ({"json": {"text": "a", "options": 3}}, 422, "bad_options"),
        ({"json": {"text": "a" * 2000}}, 413, "body_too_large"),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400, "bad_json"),
        ({"content": b'{"text": NaN}', "headers": {"Content-Type": "application/json"}}, 400, "bad_json"),
        ({"content": b"[" * 1999, "headers": {"Content-Type": "application/json"}}, 400, "bad_json"),
        ({"content": rb'{"\ud800": 1}', "headers": {"Content-Type": "application/json"}}, 422, "unknown_field"),
        ({"content": b"\xff", "headers": {"Content-Type": "application/json"}}, 400, "not_utf8"),
        ({"content": b'{"text": "a"}'}, 415, "wrong_type"),
        ({"data": {"text": "a"}}, 415, "wrong_type"),
        ({"path": "/v1/none/predict", "json": {"text": "a"}}, 404, "unknown_model"),
        ({"path": "/v1/../../etc/passwd/predict", "json": {"text": "a"}}, 404, "not_found"),
        ({"path": "/v1/models"}, 405, "wrong_method"),
        ({"path": "/nothing"}, 404, "not_found"),
        ({"path": f"/v1/{NAME}/generate", "json": {"count": 5}}, 422, "bad_request"),
        ({"path": f"/v1/{NAME}/generate", "json": {"seed": -1}}, 422, "bad_request"),
        ({"path": f"/v1/{NAME}/generate", "json": {"count": True}}, 422, "bad_request"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(sent: dict[str, Any], status: int, code: str) -> None:
    found = post(fake_app(FakePredictor(), LIMITS), **sent)
    assert (found.status_code, found.json()["error"]["code"]) == (status, code)
    assert found.json()["error"]["message"].endswith((".", "?"))


def test_a_body_without_a_length_is_limited_too() -> None:
    async def chunks() -> Any:
        for _ in range(100):
            yield b" " * 1000

    found = post(
        fake_app(FakePredictor(), LIMITS), content=chunks(), headers={"Content-Type": "application/json"}
    )
    assert (found.status_code, found.json()["error"]["code"]) == (413, "body_too_large")
    assert found.headers["connection"] == "close"


def test_a_body_that_does_not_end_is_given_up() -> None:
    async def endless() -> Any:
        yield b"{"
        await asyncio.sleep(60)

    limits = Limits(reading=0.05)
    found = post(
        fake_app(FakePredictor(), limits), content=endless(), headers={"Content-Type": "application/json"}
    )
    assert (found.status_code, found.json()["error"]["code"]) == (408, "too_slow")


def image(width: int = 8) -> bytes:
    return png(np.zeros((8, width, 3), np.uint8))


def test_images_are_uploaded_and_their_names_are_no_paths() -> None:
    predictor = FakePredictor()
    app = fake_app(predictor, LIMITS, images=True)
    files = [("image", ("../../etc/passwd", BytesIO(image()))), ("image", ("b.png", BytesIO(image(500))))]
    found = post(app, files=files).json()["predictions"]
    assert found[0] == {"text": "dwssap/cte/../..", "bytes": len(image()), "nan": None}
    assert found[1]["error"]["code"] == "image_too_large"
    one = post(app, files=files[1:])
    assert (one.status_code, one.json()["error"]["code"]) == (413, "image_too_large")


def test_long_words_of_a_dictionary_count_as_rows() -> None:
    api = SegmentationApi(cast(Any, None))
    for letters, rows in ((0, 1), (9, 1), (50, 6)):
        words = {"啊" * letters: 2.0} if letters else None
        assert api.cost(SegmentationOptions(dictionary=words)) == rows


def test_large_inputs_count_as_several_rows() -> None:
    limits = Limits(rows=4, queue_rows=4)
    texts = post(fake_app(FakePredictor(), limits), json={"texts": ["x" * 500] * 3})
    assert (texts.status_code, texts.json()["error"]["code"]) == (413, "too_many_rows")
    assert "3 texts count as 6 rows" in texts.json()["error"]["message"]
    large = ("image", ("a.png", image(25_000)))
    app = fake_app(FakePredictor(), limits, images=True)
    assert post(app, files=[large]).status_code == 200
    found = post(app, files=[large] * 3)
    assert (found.status_code, found.json()["error"]["code"]) == (413, "too_many_rows")


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"json": {"text": "a.png"}}, 415, "wrong_type"),
        ({"files": {"picture": b"x"}}, 422, "unknown_field"),
        ({"files": {"options": (None, "{}")}}, 422, "bad_request"),
        ({"files": {"image": b"x", "options": (None, "[")}}, 400, "bad_json"),
        ({"files": [("image", b"x")] * 5}, 400, "bad_form"),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400, "bad_form"),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=y"}}, 400, "bad_form"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_images_is_said(
    sent: dict[str, Any], status: int, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    """To the client alone: others could fill a log with it."""
    found = post(fake_app(FakePredictor(), LIMITS, images=True), **sent)
    assert (found.status_code, found.json()["error"]["code"]) == (status, code)
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == []


def test_samples_are_generated_by_seed() -> None:
    found = post(fake_app(FakePredictor()), path=f"/v1/{NAME}/generate", json={"count": 3, "seed": 5})
    assert [row["text"] for row in found.json()["predictions"]] == ["5-0", "5-1", "5-2"]


def test_a_task_names_its_first_model_and_the_list_tells_no_path() -> None:
    app = fake_app(FakePredictor())
    assert post(app, path="/v1/fake/predict", json={"text": "a"}).json()["model"] == NAME
    (model,) = ask(app, lambda http: http.get("/v1/models")).json()["models"]
    assert model.keys() == {
        "name",
        "task",
        "step",
        "engine",
        "takes",
        "generates",
        "facts",
        "options",
        "samples",
    }
    assert model["samples"] == ["样例"]


def test_the_token_is_asked_for() -> None:
    app = fake_app(FakePredictor(), access=Access("a-long-token"))

    async def body(http: httpx.AsyncClient) -> list[int]:
        headers = [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer a-long-token"}]
        shown = [await http.get("/v1/models", headers=header) for header in headers]
        open_to_all = [await http.get(path) for path in ("/healthz", "/")]
        return [found.status_code for found in (*shown, *open_to_all)]

    assert ask(app, body) == [401, 401, 200, 200, 200]


@pytest.mark.parametrize(
    ("listening", "allowed", "host", "status"),
    [
        ("127.0.0.1", [], "localhost:8000", 200),
        ("127.0.0.1", [], "[::1]:8000", 200),
        ("127.0.0.1", [], "evil.example", 403),
        ("127.0.0.1", [], "[", 403),
        ("127.0.0.1", [], "localhost/evil.example", 403),
        ("127.0.0.1", [], "evil.example@localhost", 403),
        ("127.0.0.1", ["box.example"], "BOX.example", 200),
        ("0.0.0.0", [], "box.example", 200),
        ("0.0.0.0", ["box.example"], "other.example", 403),
        ("192.0.2.1", ["box.example"], "box.example:80", 200),
    ],
)  # fmt: skip
def test_hosts(listening: str, allowed: list[str], host: str, status: int) -> None:
    app = fake_app(FakePredictor(), access=Access.of(listening, allowed, ""))
    assert ask(app, lambda http: http.get("/healthz", headers={"Host": host})).status_code == status


def test_other_origins_may_send_nothing_and_read_nothing() -> None:
    app = fake_app(FakePredictor())
    for origin in ("http://evil.example", "null", "http://[", "file://localhost"):
        found = post(app, json={"text": "a"}, headers={"Origin": origin})
        assert (found.status_code, found.json()["error"]["code"]) == (403, "other_origin")
    own = post(app, json={"text": "a"}, headers={"Origin": "http://localhost"})
    assert own.status_code == 200
    assert not any(name.startswith("access-control") for name in own.headers)
    assert "default-src 'none'" in own.headers["content-security-policy"]


def test_the_log_has_no_text_unless_asked() -> None:
    for log_texts in (False, True):
        lines: list[str] = []
        app = fake_app(FakePredictor(), lines=lines, log_texts=log_texts)
        post(app, json={"texts": ["秘密\n", "b"]})
        ask(app, lambda http: http.get("/a%0Ab%1b[31m"))
        assert f"POST {PREDICT} 200 " in lines[0] and " 2 rows" in lines[0]
        assert ("秘密" in lines[0]) is log_texts
        assert all(line.isprintable() for line in lines)


def test_metrics_are_those_of_prometheus_and_name_no_unknown_path() -> None:
    app = fake_app(FakePredictor())

    async def body(http: httpx.AsyncClient) -> str:
        await http.post(PREDICT, json={"texts": ["a", "b"]})
        await http.get("/some-secret")
        return (await http.get("/metrics")).text

    text = ask(app, body)
    route = '{route="/v1/{model:path}/predict",model="fake/one",status="200"}'
    assert f"nlpx_requests_total{route} 1" in text
    assert 'nlpx_rows_total{model="fake/one"} 2' in text
    assert 'nlpx_batch_rows_bucket{model="fake/one",le="2"} 1' in text
    assert "secret" not in text
    for line in text.splitlines():
        name, _, number = line.rpartition(" ")
        assert line.startswith("# TYPE ") or (name and float(number) >= 0)


def test_the_document_describes_the_paths() -> None:
    document = ask(fake_app(FakePredictor()), lambda http: http.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert {PREDICT, f"/v1/{NAME}/generate", "/v1/models"} <= document["paths"].keys()
    for reference in set(_references(document)):
        place: Any = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def _references(value: Any) -> Any:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def test_a_client_that_leaves_when_its_rows_expire_leaves_no_error_behind() -> None:
    predictor, problems = FakePredictor(), list[str]()

    async def leave() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: problems.append(context["message"]))
        model = fake_model(predictor)
        service = Service({NAME: model}, Limits(), Meters())
        batcher, call = service._batchers[NAME], Predict(1, Options())
        first = asyncio.create_task(batcher.predict(call, ["hold"]))
        while not predictor.batches:
            await asyncio.sleep(0.01)

        def expire() -> None:
            batcher._rows[0].result.set_exception(Refusal(503, "deadline_exceeded", "too late"))

        async def receive() -> dict[str, str]:
            # After this has been noticed, and before the rows are cancelled.
            loop.call_soon(loop.call_soon, expire)
            return {"type": "http.disconnect"}

        request: Any = SimpleNamespace(receive=receive)
        with pytest.raises(ClientDisconnect):
            await service._computed(request, model, call, ["a", "b"], [1, 1])
        predictor.released.set()
        await first
        await batcher.close()
        gc.collect()

    asyncio.run(leave())
    assert problems == []
