"""The OpenAPI document: what FastAPI derives, and the few things it cannot know."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict

DESCRIPTION = """\
The session log of a ketamine clinic. Nurses type what they measure; the service keeps it, compares recovery with the
patient's own baseline, and says when the clinic's discharge criteria look met, so that a clinician can look, and sign.

Every operation names in `x-act` what it takes to call it. Refusals are `application/problem+json` with a stable `code`.
"""


class Out(BaseModel):
    """The shape of an answer. Answers are written directly; these describe them."""

    model_config = ConfigDict(extra="forbid")


class FieldErrorOut(BaseModel):
    field: str
    message: str


class Problem(BaseModel):
    """A refusal (RFC 9457). Some carry more members, such as both versions of a conflict."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldErrorOut] | None = None


def install(app: FastAPI, *streamed: type[BaseModel]) -> None:
    """Let `app.openapi()` say also what a problem and what is `streamed` look like, and how to be signed in."""
    derive = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = derive()
            components = document.setdefault("components", {})
            schemas = components.setdefault("schemas", {})
            shapes: tuple[type[BaseModel], ...] = (Problem, *streamed)
            for shape in shapes:
                described = shape.model_json_schema(ref_template="#/components/schemas/{model}")
                schemas.update({name: part for name, part in described.pop("$defs").items() if name not in schemas})
                schemas[shape.__name__] = described
            components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents
