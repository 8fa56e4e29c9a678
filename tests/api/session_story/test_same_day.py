"""The same-day check and the escort by phone over HTTP: asked, cleared, signed for, told."""

from uuid import uuid4

from tests.api import bodies
from tests.api.bodies import PASSWORD, at, event, screening

RIGHT = screening()["same_day"]
DOSE = event(0, "infusion-started", {"dose_mg": 36})


def answered(**wrong):
    """The check with these items answered wrongly."""
    return screening() | {"same_day": RIGHT | dict.fromkeys(wrong, "wrong")}


def dosed(clinic, session_id, status):
    """What the service says to a dose."""
    path = f"/v1/sessions/{session_id}/events/{uuid4()}"
    if status == 201:
        return clinic.nurse.put(path, DOSE)
    return {one["field"]: one["message"] for one in clinic.nurse.problem("PUT", path, DOSE, status=status)["errors"]}


def codes(clinic, session_id):
    said = clinic.nurse.get(f"/v1/sessions/{session_id}")["to_start"]
    return [(one["code"], one["params"].get("item")) for one in said if one["refuses"] and one["after"] is None]


def test_a_wrong_answer_waits_for_a_clinician_and_what_stops_is_signed_for(clinic):
    session_id = clinic.plan(cleared=False)
    path = f"/v1/sessions/{session_id}"
    clinic.to(0)
    clinic.clinician.put(f"{path}/clearance", {})
    # answers of before there was a same-day check leave every item open
    clinic.nurse.put(f"{path}/screening", {"answers": bodies.answers()})
    assert codes(clinic, session_id) == [("same-day-not-answered", item) for item in sorted(RIGHT)]
    assert set(dosed(clinic, session_id, 409)) == {f"screening.same_day.{item}" for item in RIGHT}

    wrong = answered(fluids=True, consent=True, belongings=True)
    kept = clinic.nurse.put(f"{path}/screening", wrong, expect=200, if_match='"1"')
    assert (kept["same_day"], kept["asked_at"]) == (wrong["same_day"], at(-210))
    assert codes(clinic, session_id) == [("same-day-stops", "consent"), ("same-day-asks", "fluids")]
    assert "Last drink? less than 30 minutes ago: a clinician must clear" in str(dosed(clinic, session_id, 409))

    # only what asks for a clinician can be cleared, and only what stands in the way signed for
    for items in (["consent"], ["belongings"], ["alcohol"], ["unheard-of"]):
        body = {"same_day": items}
        refused = clinic.clinician.problem("PUT", f"{path}/clearance", body, status=422, headers={"If-Match": '"1"'})
        assert (refused["code"], refused["errors"][0]["field"]) == ("nothing-to-clear", "same_day")
    cleared = clinic.clinician.put(f"{path}/clearance", {"same_day": ["fluids"]}, expect=200, if_match='"1"')
    assert cleared["same_day"] == ["fluids"]
    assert codes(clinic, session_id) == [("same-day-stops", "consent")]
    override = {"exclusions": [], "reason": "seen on paper", "password": PASSWORD}
    nothing = clinic.clinician.problem("POST", f"{path}/screening/override", override, status=422)
    assert "name what does not stop it" in nothing["errors"][0]["message"]
    stray = clinic.clinician.problem(
        "POST", f"{path}/screening/override", override | {"same_day": ["alcohol"]}, status=422
    )
    assert stray["code"] == "nothing-to-override"
    clinic.nurse.problem("POST", f"{path}/screening/override", override | {"same_day": ["consent"]}, status=403)
    signed = clinic.clinician.post(f"{path}/screening/override", override | {"same_day": ["consent"]})
    assert (signed["exclusions"], signed["same_day"]) == ([], ["consent"])
    assert codes(clinic, session_id) == []
    dosed(clinic, session_id, 201)


def test_what_is_asked_is_the_sessions_own_protocol_and_has_a_time(clinic):
    session_id = clinic.plan(cleared=False)
    path = f"/v1/sessions/{session_id}/screening"
    for change, field, said in (
        ({"same_day": RIGHT | {"nasal-spray": "right"}}, "same_day.nasal-spray", "is not asked by this session's"),
        ({"asked_at": None}, "asked_at", "is missing"),
        ({"same_day": {}}, "asked_at", "says when nothing was asked"),
        ({"asked_at": at(600)}, "asked_at", "is in the future"),
    ):
        refused = clinic.nurse.problem("PUT", path, screening() | change, status=422)
        assert [one["field"] for one in refused["errors"]] == [field]
        assert said in refused["errors"][0]["message"]
    clinic.nurse.problem("PUT", path, screening() | {"same_day": {"fluids": True}}, status=422)
    assert clinic.nurse.get(f"/v1/sessions/{session_id}")["screening"] is None


def test_answers_of_another_day_are_asked_again(clinic):
    session_id = clinic.plan(cleared=False)
    path = f"/v1/sessions/{session_id}"
    clinic.clinician.put(f"{path}/clearance", {})
    clinic.nurse.put(f"{path}/screening", screening() | {"asked_at": at(-721)})
    clinic.to(0)
    assert list(dosed(clinic, session_id, 409)) == ["screening.asked_at"]
    clinic.nurse.put(f"{path}/screening", screening() | {"asked_at": at(-1)}, expect=200, if_match='"1"')
    dosed(clinic, session_id, 201)


CALL = {"number": "+49 30 901820", "reached_at": at(58), "reached_by": "The nurse", "arrives_at": at(75)}


def test_an_escort_who_was_reached_by_phone_is_not_here(clinic):
    session_id = clinic.treated()
    path = f"/v1/sessions/{session_id}"
    clinic.to(60)
    named = {"name": "A friend", "present": False}
    for change, field, said in (
        ({"number": "at home"}, "phone.number", "is no phone number"),
        ({"reached_at": at(70)}, "phone.reached_at", "is in the future"),
        ({"arrives_at": at(50)}, "phone.arrives_at", "is before the call"),
    ):
        refused = clinic.nurse.problem("PUT", f"{path}/escort", named | {"phone": CALL | change}, status=422)
        assert [(one["field"], said in one["message"]) for one in refused["errors"]] == [(field, True)]
    kept = clinic.nurse.put(f"{path}/escort", named | {"phone": CALL})
    assert kept["phone"] == CALL
    finding = {one["criterion"]: one for one in clinic.nurse.get(f"{path}/readiness")["findings"]}["escort-present"]
    assert (finding["outcome"], finding["code"]) == ("not-met", "escort-not-seen")
    seen = {"name": "A friend", "present": True, "present_at": at(60), "phone": CALL}
    clinic.nurse.put(f"{path}/escort", seen, expect=200, if_match='"1"')
    finding = {one["criterion"]: one for one in clinic.nurse.get(f"{path}/readiness")["findings"]}["escort-present"]
    assert (finding["outcome"], finding["code"]) == ("met", "escort-seen")


def test_a_call_is_refused_where_the_protocol_does_not_allow_it(clinic):
    shipped = clinic.lead.get("/v1/protocols/iv-infusion-example/versions/1")["document"]
    draft = {name: table for name, table in shipped.items() if name not in {"escort", "same-day"}} | {"version": 41}
    version = "/v1/protocols/iv-infusion-example/versions/41"
    clinic.lead.put(version, draft)
    clinic.clinician.ask("POST", f"{version}/approve", {"password": PASSWORD}, expect=200, headers={"If-Match": '"1"'})
    session_id = clinic.plan(cleared=False, protocol={"id": "iv-infusion-example", "version": 41})
    path = f"/v1/sessions/{session_id}"
    clinic.to(60)
    body = {"name": "A friend", "present": False, "phone": CALL}
    refused = clinic.nurse.problem("PUT", f"{path}/escort", body, status=422)
    assert refused["errors"] == [
        {"field": "phone", "message": "this session's protocol does not allow an escort by phone"}
    ]
    # nor is anything asked on the day itself
    clinic.nurse.put(f"{path}/screening", {"answers": bodies.answers()})
    clinic.clinician.put(f"{path}/clearance", {})
    assert codes(clinic, session_id) == []
