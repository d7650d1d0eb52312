"""What a request asks for: its inputs and options, checked."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pydantic import ValidationError

from nlpx.core.suggest import did_you_mean
from nlpx.data.images import FORMATS, Upload
from nlpx.serving.calls import Call, Generate, Input, Options, Predict
from nlpx.serving.limits import Limits
from nlpx.serving.models import ServedModel
from nlpx.serving.refusal import Refusal

SHOWN = 40
MOST_SEED = 2**32
ROW_CHARACTERS, ROW_PIXELS = 250, 100_000
"""Of an input that counts as one row; larger ones count as several, because they take as much longer."""
Given = Input | Refusal
"""An input, or why it is none."""


@dataclass(frozen=True)
class Asked:
    """A request.

    Attributes:
        call: what is done with the inputs.
        inputs: of which invalid ones are refused alone.
        sizes: rows that each input counts as by its length or its pixels, without the options.
        single: whether there is one input that is not in a list, so that its error is that of the request.
    """

    call: Call
    inputs: Sequence[Given]
    sizes: Sequence[int]
    single: bool

    def accepted(self, limits: Limits) -> tuple[list[Input], list[int]]:
        """The inputs that are not refused, and the rows that each counts as; one alone fits any queue."""
        kept = [
            (given, min(size * self.call.cost, limits.queue_rows))
            for given, size in zip(self.inputs, self.sizes, strict=True)
            if not isinstance(given, Refusal)
        ]
        return [given for given, _ in kept], [cost for _, cost in kept]


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body; raises Refusal."""
    try:
        found = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise Refusal(400, "not_utf8", "the body is not UTF-8. Expected a JSON object in UTF-8.") from None
    except (ValueError, RecursionError) as error:
        reason = str(error).partition(": line")[0][:SHOWN]
        raise Refusal(400, "bad_json", f"the body is not valid JSON: {reason}. Expected an object.") from None
    if not isinstance(found, dict):
        raise Refusal(422, "bad_request", f"the body is a JSON {_kind(found)}, expected an object.")
    return found


def texts_asked(served: ServedModel, fields: Mapping[str, Any], limits: Limits) -> Asked:
    """The request for predictions of texts; raises Refusal."""
    _expect_known(fields, ("text", "texts", "options"))
    if ("text" in fields) == ("texts" in fields):
        raise Refusal(422, "bad_request", 'expected one of "text", a string, and "texts", a list of strings.')
    single = "text" in fields
    texts = [fields["text"]] if single else fields["texts"]
    if not isinstance(texts, list):
        raise Refusal(422, "bad_request", f"texts: got a JSON {_kind(texts)}, expected a list of strings.")
    call = _predict(served, fields.get("options"))
    _expect_count(len(texts), limits, "texts")
    inputs = [_text(text, limits) for text in texts]
    sizes = [math.ceil(len(text) / ROW_CHARACTERS) if isinstance(text, str) else 0 for text in inputs]
    return _few(Asked(call, inputs, [max(1, size) for size in sizes], single), limits, "texts")


def images_asked(served: ServedModel, images: Sequence[Upload], options: str, limits: Limits) -> Asked:
    """The request for predictions of images; raises Refusal."""
    if not images:
        raise Refusal(422, "bad_request", "the form has no image. Expected files called image.")
    call = _predict(served, parse_object(options.encode("utf-8", "replace")) if options else None)
    _expect_count(len(images), limits, "images")
    pixels = [_pixels(image) for image in images]
    inputs = [_image(image, size, limits) for image, size in zip(images, pixels, strict=True)]
    sizes = [max(1, math.ceil(width * height / ROW_PIXELS)) for width, height in pixels]
    return _few(Asked(call, inputs, sizes, len(images) == 1), limits, "images")


def samples_asked(served: ServedModel, fields: Mapping[str, Any], limits: Limits) -> Asked:
    """The request for samples; raises Refusal."""
    _expect_known(fields, ("count", "seed", "options"))
    count, seed = fields.get("count", 1), fields.get("seed", 0)
    for name, value, least, most in (("count", count, 1, limits.rows), ("seed", seed, 0, MOST_SEED - 1)):
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Refusal(
                422, "bad_request", f"{name}: got {json.dumps(value)[:SHOWN]}, expected {least} to {most}."
            )
    call = Generate(1, seed, _options(served, fields.get("options")))
    return Asked(call, range(count), [1] * count, single=False)


def _predict(served: ServedModel, options: object) -> Predict:
    checked = _options(served, options)
    return Predict(served.api.cost(checked), checked)


def _options(served: ServedModel, options: object) -> Options:
    if options is not None and not isinstance(options, dict):
        raise Refusal(422, "bad_options", f"options: got a JSON {_kind(options)}, expected an object.")
    model = served.api.options
    if options:
        _expect_known(options, tuple(model.model_fields), "options.")
    try:
        return model.model_validate(options or {})
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(["options", *(str(part)[:SHOWN] for part in first["loc"])])
        raise Refusal(422, "bad_options", f"{where}: {first['msg'][:200]}.") from None


def _expect_known(fields: Mapping[str, Any], known: Sequence[str], prefix: str = "") -> None:
    for name in fields:
        if name not in known:
            expected = f"expected {', '.join(known)}" if known else "this task has no options"
            advice = did_you_mean(name[:SHOWN], known) or f"{expected}."
            raise Refusal(422, "unknown_field", f"{prefix}{name[:SHOWN]}: there is no such field; {advice}")


def _expect_count(count: int, limits: Limits, what: str) -> None:
    most = limits.rows
    if count > most:
        raise Refusal(
            413, "too_many_rows", f"{count} {what}, and the limit is {most}. Send several requests."
        )


def _few(asked: Asked, limits: Limits, what: str) -> Asked:
    """The request; raises Refusal if it never fits the queue."""
    inputs, costs = asked.accepted(limits)
    rows = sum(costs)
    if rows > limits.queue_rows:
        raise Refusal(
            413,
            "too_many_rows",
            f"{len(inputs)} {what} count as {rows:,} rows by their sizes and the options, and the limit is "
            f"{limits.queue_rows:,}. Send several requests.",
        )
    return asked


def _text(text: object, limits: Limits) -> Given:
    if not isinstance(text, str):
        return Refusal(422, "not_a_text", f"got a JSON {_kind(text)}, expected a string.")
    if len(text) > limits.characters:
        return Refusal(
            413,
            "text_too_long",
            f"{len(text):,} characters, and the limit is {limits.characters:,}. Divide the text.",
        )
    if any("\ud800" <= character <= "\udfff" for character in text):
        return Refusal(422, "not_unicode", r"half of a character: \ud800 to \udfff come in pairs only.")
    return text


def _pixels(image: Upload) -> tuple[int, int]:
    """Width and height by the header of an image; 0 if it cannot be read, which the predictor explains."""
    from PIL import Image

    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(BytesIO(image.content), formats=FORMATS) as opened,
        ):
            return opened.size
    except Exception:  # noqa: BLE001  (decoders raise anything)
        return 0, 0


def _image(image: Upload, size: tuple[int, int], limits: Limits) -> Given:
    width, height = size
    if width * height > limits.pixels:
        return Refusal(
            413,
            "image_too_large",
            f"{width:,} x {height:,} pixels, and the limit is {limits.pixels:,} in all. Make it smaller.",
        )
    return image


def _kind(value: object) -> str:
    names = {dict: "object", list: "list", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")
