"""Who of the clinic is signed in, for its lead: where and since when, and never with what."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.errors import refusals
from app.api.own_account import OpenSignInOut
from app.api.routes import router as make_router
from app.api.strict import Id
from app.domain.people import Act, Role
from app.services import signed_in

router = make_router()


class SignedInOut(Out):
    """Somebody with every sign-in of theirs that is open, or that a PIN opens again; newest first."""

    staff_id: Id
    name: str
    role: Role
    sign_ins: list[OpenSignInOut]


class EverybodySignedInOut(Out):
    items: list[SignedInOut]


@router.get("/v1/sign-ins", response_model=EverybodySignedInOut)
async def list_everybody(call: Annotated[Call, allow(Act.MANAGE_STAFF)]) -> Response:
    """Who of the clinic is signed in now, or can be again with a PIN; by name."""
    found = await call.read(signed_in.everybody, call.wall, call.shared.policy)
    return answer(
        {
            "items": [
                {
                    "staff_id": one.staff_id,
                    "name": one.staff.name,
                    "role": one.staff.role,
                    "sign_ins": [asdict(shift) for shift in one.shifts],
                }
                for one in found
            ]
        }
    )


@router.post("/v1/staff/{staff_id}/sign-ins/end", status_code=204, responses=refusals(409))
async def end_sign_ins(staff_id: UUID, call: Annotated[Call, allow(Act.MANAGE_STAFF)]) -> Response:
    """End every sign-in of one person at once, and forget their PINs. They may sign in again.

    What they typed and a tablet has not sent yet can still be sent by a colleague. Who may not come back is given
    `active: false` instead.
    """
    await call.write(signed_in.end_all_of, staff_id, call.wall, call.shared.policy)
    return Response(status_code=204)
