"""A version as a form: what may stand in each field, for whoever makes a new version from it."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Response
from pydantic import Field

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.protocols import ProtocolId, ProtocolListedOut, Version, listed_document
from app.api.routes import router as make_router
from app.db.work import Work
from app.domain.people import Act
from app.domain.protocol.tables import FieldKind
from app.exchange.protocol_fields import form_of
from app.services import protocols

router = make_router()


class FormChoiceOut(Out):
    value: str
    label: str


class FormFieldOut(Out):
    name: str = Field(description="the key within its table; `*`: a name that the clinic chooses")
    label: str
    unit: str
    hint: str
    kind: FieldKind
    required: bool
    low: int | None = Field(description="of a whole number: the widest band that any version may have, inclusive")
    high: int | None
    longest: int | None = Field(description="characters of a text")
    choices: list[FormChoiceOut]


class FormTableOut(Out):
    table: str = Field(
        description="dotted, as in the file; empty: the version itself; `*`: a name that the clinic chooses"
    )
    title: str
    required: bool = Field(description="false: it may be left out whole")
    fields: list[FormFieldOut]


class ProtocolFormOut(ProtocolListedOut):
    document: dict[str, Any]
    next_version: int = Field(description="the number after the highest that this protocol has")
    tables: list[FormTableOut]


def _form(work: Work, protocol_id: str, version: int) -> tuple[int, dict[str, Any]]:
    row = protocols.find(work, protocol_id, version)
    return row.revision, {
        **listed_document(row),
        "document": row.document,
        "next_version": protocols.next_version(work, protocol_id),
        "tables": [asdict(table) for table in form_of(protocols.parsed(row).route)],
    }


@router.get("/v1/protocols/{protocol_id}/versions/{version}/form", response_model=ProtocolFormOut)
async def get_protocol_form(
    protocol_id: ProtocolId, version: Version, call: Annotated[Call, allow(Act.WRITE_PROTOCOLS)]
) -> Response:
    """A version with the schema of its route: each field with its words, its unit, and the band that it must lie in.

    What is made from it is kept as a draft by PUT, which says what is wrong field by field.
    """
    revision, document = await call.read(_form, protocol_id, version)
    return answer(document, revision=revision)
