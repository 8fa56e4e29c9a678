"""Holds every answer against what the OpenAPI document promises of it, with an independent JSON Schema validator."""

import json
import re
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

FILES = {"text/csv", "application/x-ndjson", "application/vnd.apache.parquet"}
"""No JSON document: tests of the formats look at what is inside."""
PLACEHOLDER = re.compile(r"\{[^}]+\}")


class NotAsPromised(AssertionError):
    """An answer that the OpenAPI document does not promise."""


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    document: dict[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.path


def _pattern(template: str) -> re.Pattern[str]:
    """What addresses fit a path template: each placeholder stands for one step."""
    steps = ("[^/]+" if PLACEHOLDER.fullmatch(step) else re.escape(step) for step in template.split("/"))
    return re.compile("/".join(steps) + r"\Z")


def events_of(stream: str) -> list[dict[str, str]]:
    """The events of a stream, each as its fields."""
    parts = [part.split("\n") for part in stream.split("\n\n") if part]
    return [dict(line.split(": ", 1) for line in part) for part in parts]


def hold(where: str, validator: Any, document: Any) -> None:
    """Raises `NotAsPromised` where the document is not of the schema."""
    faults = [
        f"{'.'.join(map(str, fault.instance_path))}: {fault.message}" for fault in validator.iter_errors(document)
    ]
    if faults:
        raise NotAsPromised(f"{where}: " + "; ".join(faults[:5]))


class Contract:
    """The OpenAPI document of one application, with its schemas ready to judge answers."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.operations = {
            (method.upper(), path): Operation(method.upper(), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        }
        self._patterns = [(_pattern(key[1]), key) for key in self.operations]
        self._validators: dict[str, Any] = {}

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation behind a request; an exact path wins over one with placeholders."""
        plain = path.partition("?")[0]
        found = [key for pattern, key in self._patterns if key[0] == method and pattern.match(plain)]
        return self.operations[min(found, key=lambda key: key[1].count("{"))] if found else None

    def check(self, method: str, path: str, response: Any) -> None:
        """Raises `NotAsPromised` where status, media type or body are not as documented."""
        operation = self.operation(method, path)
        if operation is None:
            return
        status = str(response.status_code)
        where = f"{method} {operation.path} -> {status}"
        promised = operation.document["responses"].get(status)
        if promised is None:
            raise NotAsPromised(f"{where} is not documented: {response.text[:300]}")
        content = promised.get("content")
        if content is None:
            if response.content:
                raise NotAsPromised(f"{where} has a body that nobody promised")
            return
        media_type = response.headers["content-type"].split(";")[0]
        if media_type not in content:
            raise NotAsPromised(f"{where} came as {media_type}")
        if media_type in FILES:
            return
        if content[media_type]["schema"].get("format") == "binary":
            if not response.content:
                raise NotAsPromised(f"{where} is empty")
            return
        validator = self._validator(content[media_type]["schema"])
        if media_type == "text/plain":
            hold(where, validator, response.text)
            return
        if media_type == "text/event-stream":
            for event in events_of(response.text):
                hold(where, validator, event)
                inner = content[media_type]["schema"]["properties"]["data"]["contentSchema"]
                hold(where, self._validator(inner), json.loads(event["data"]))
            return
        if media_type.endswith("ndjson"):
            for line in response.text.splitlines():
                hold(where, validator, json.loads(line))
            return
        hold(where, validator, response.json())

    def _validator(self, schema: dict[str, Any]) -> Any:
        """One for each schema, not for each answer: each holds a copy of all the components, more than a megabyte."""
        key = json.dumps(schema)
        if key not in self._validators:
            whole = {**schema, "components": self.document["components"]}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return self._validators[key]
