"""The OpenAPI document of a server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nlpx import __version__
from nlpx.serving.limits import Limits
from nlpx.serving.models import ServedModel

ERRORS = {
    "400": "The body cannot be read.",
    "401": "The token is missing or wrong.",
    "403": "Another host or origin.",
    "404": "There is no such model.",
    "408": "The request arrived too slowly.",
    "413": "The request, or its only text, is too large.",
    "415": "Another content type is expected.",
    "422": "A field is wrong, or the only text cannot be predicted.",
    "429": "The queue is full; see Retry-After.",
    "503": "The request waited too long; see Retry-After.",
    "504": "The prediction took too long.",
}


def openapi(models: Mapping[str, ServedModel], limits: Limits) -> dict[str, Any]:
    """The document, with one path for each model and action."""
    paths: dict[str, Any] = {
        "/healthz": _get("Whether the server is ready.", {"type": "object"}),
        "/v1/models": _get("The models, their options and the limits.", {"type": "object"}),
    }
    for name, model in models.items():
        if model.takes != "nothing":
            paths[f"/v1/{name}/predict"] = _post(model, _input(model, limits))
        if model.generates:
            paths[f"/v1/{name}/generate"] = _post(model, _json(_samples(model, limits)))
    return {
        "openapi": "3.1.0",
        "info": {"title": "nlpx", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": {"Error": _ERROR, "Predictions": _PREDICTIONS},
            "responses": {
                status: {
                    "description": text,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
                }
                for status, text in ERRORS.items()
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        }
    },
}
_PREDICTIONS = {
    "type": "object",
    "required": ["model", "predictions"],
    "properties": {
        "model": {"type": "string"},
        "predictions": {
            "type": "array",
            "description": "One for each input, in order: `text` and fields of the task, or `error`.",
            "items": {
                "anyOf": [
                    {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
                    {"$ref": "#/components/schemas/Error"},
                ]
            },
        },
    },
}


def _get(summary: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"get": {"summary": summary, "responses": {"200": {"description": "OK", "content": content}}}}


def _post(model: ServedModel, body: Mapping[str, Any]) -> dict[str, Any]:
    predictions = {"application/json": {"schema": {"$ref": "#/components/schemas/Predictions"}}}
    errors = {status: {"$ref": f"#/components/responses/{status}"} for status in ERRORS}
    return {
        "post": {
            "summary": f"{model.task}, step {model.api.model.step}",
            "tags": [model.task],
            "requestBody": {"required": True, "content": body},
            "responses": {"200": {"description": "OK", "content": predictions}, **errors},
        }
    }


def _input(model: ServedModel, limits: Limits) -> dict[str, Any]:
    options = model.api.options.model_json_schema()
    if model.takes == "image":
        image = {"type": "string", "contentMediaType": "application/octet-stream"}
        images = {"type": "array", "items": image, "maxItems": limits.rows}
        form = {"type": "object", "required": ["image"], "properties": {"image": images}}
        return {"multipart/form-data": {"schema": form}}
    text = {"type": "string", "maxLength": limits.characters}
    texts = {"type": "array", "items": {"type": "string"}, "maxItems": limits.rows}
    one = {"properties": {"text": text, "options": options}, "required": ["text"]}
    many = {"properties": {"texts": texts, "options": options}, "required": ["texts"]}
    forms = [{"type": "object", "additionalProperties": False, **form} for form in (one, many)]
    return _json({"oneOf": forms})


def _samples(model: ServedModel, limits: Limits) -> dict[str, Any]:
    count = {"type": "integer", "minimum": 1, "maximum": limits.rows, "default": 1}
    seed = {"type": "integer", "minimum": 0, "default": 0}
    return {
        "type": "object",
        "properties": {"count": count, "seed": seed, "options": model.api.options.model_json_schema()},
        "additionalProperties": False,
    }


def _json(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
