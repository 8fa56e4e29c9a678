"""Who may call what, written by hand from the product's roles. Nothing here is taken from the code it judges.

*Nurse* charts, screens, corrects, voids, discharges; *clinician* does that too, and clears, overrides, signs,
acknowledges; *lead* manages staff, tablets and protocols, reads the audit, and approves protocols (so may a clinician);
*auditor* reads everything and writes nothing; *operator* runs the service and sees no patient.

A lead, who reads in the audit every value before and after, reads the record too.
"""

NURSE, CLINICIAN, LEAD, AUDITOR, OPERATOR = "nurse", "clinician", "lead", "auditor", "operator"
EVERYONE = frozenset({NURSE, CLINICIAN, LEAD, AUDITOR, OPERATOR})
CARERS = frozenset({NURSE, CLINICIAN})
CLINICIANS = frozenset({CLINICIAN})
READERS = EVERYONE - {OPERATOR}
TAKERS = frozenset({CLINICIAN, LEAD, AUDITOR})
"""May carry a whole record out of the service, its audit with it: whoever answers for it. Charting does not need it."""
OVERSEERS = frozenset({LEAD, AUDITOR})

READS_FHIR = frozenset({CLINICIAN, LEAD})
"""Whose own sign-in opens /fhir of their clinic."""

ANYBODY = frozenset({"anybody"})
"""Asked without a sign-in: signing in itself, the first run, and whether the service is alive."""

TABLE: dict[tuple[str, str], frozenset[str]] = {
    # one's own door
    ("POST", "/v1/sign-in"): ANYBODY,
    ("POST", "/v1/sign-out"): EVERYONE,
    ("POST", "/v1/sign-in/lock"): EVERYONE,
    ("POST", "/v1/sign-in/pin"): ANYBODY,
    ("GET", "/v1/sign-in/provider"): ANYBODY,
    ("POST", "/v1/sign-in/provider/begin"): ANYBODY,
    ("POST", "/v1/sign-in/provider/finish"): ANYBODY,
    ("POST", "/v1/sign-in/provider/{clinic_id}/logout"): ANYBODY,
    ("GET", "/v1/first-run"): ANYBODY,
    ("POST", "/v1/first-run"): ANYBODY,
    ("GET", "/v1/clock"): ANYBODY,
    ("GET", "/health/live"): ANYBODY,
    ("GET", "/health/ready"): ANYBODY,
    ("POST", "/oauth/token"): ANYBODY,
    ("GET", "/.well-known/smart-configuration"): ANYBODY,
    ("GET", "/fhir/.well-known/smart-configuration"): ANYBODY,
    ("POST", "/v1/invitations/open"): ANYBODY,
    ("POST", "/v1/invitations/accept"): ANYBODY,
    ("GET", "/v1/account"): EVERYONE,
    ("POST", "/v1/account/password"): EVERYONE,
    ("GET", "/v1/account/sign-ins"): EVERYONE,
    ("POST", "/v1/account/sign-ins/{sign_in_id}/end"): EVERYONE,
    ("POST", "/v1/account/identity/begin"): EVERYONE,
    ("POST", "/v1/account/identity/unlink"): EVERYONE,
    # who vouches for people
    ("GET", "/v1/clinic/provider"): frozenset({LEAD}),
    ("PUT", "/v1/clinic/provider"): frozenset({LEAD}),
    # people
    ("POST", "/v1/staff/{staff_id}/invitation"): frozenset({LEAD}),
    ("POST", "/v1/staff/{staff_id}/sign-ins/end"): frozenset({LEAD}),
    ("GET", "/v1/sign-ins"): frozenset({LEAD}),
    ("PUT", "/v1/staff/{staff_id}"): frozenset({LEAD}),
    ("GET", "/v1/staff"): OVERSEERS,
    ("GET", "/v1/staff/{staff_id}"): OVERSEERS,
    ("GET", "/v1/staff/{staff_id}/history"): OVERSEERS,
    # what one signs with
    ("GET", "/v1/account/second-factor"): EVERYONE,
    ("POST", "/v1/account/nonces"): EVERYONE,
    ("POST", "/v1/account/passkeys/begin"): EVERYONE,
    ("POST", "/v1/account/passkeys"): EVERYONE,
    ("POST", "/v1/account/six-digits/begin"): EVERYONE,
    ("POST", "/v1/account/six-digits"): EVERYONE,
    ("POST", "/v1/account/second-factor/remove"): EVERYONE,
    ("POST", "/v1/account/recovery-codes"): EVERYONE,
    ("GET", "/v1/clinic/signing"): READERS,
    ("PUT", "/v1/clinic/signing"): frozenset({LEAD}),
    # tablets
    ("PUT", "/v1/tablets/{tablet_id}"): frozenset({LEAD}),
    ("GET", "/v1/tablets"): frozenset({LEAD}),
    ("GET", "/v1/tablets/{tablet_id}/history"): frozenset({LEAD}),
    ("POST", "/v1/tablets/{tablet_id}/release"): frozenset({LEAD}),
    ("POST", "/v1/tablets/{tablet_id}/not-entered"): CARERS,
    ("PUT", "/v1/tablets/{tablet_id}/contact"): CARERS,
    ("PUT", "/v1/tablets/{tablet_id}/public-key"): CARERS,
    ("POST", "/v1/tablets/{tablet_id}/key"): READERS,
    ("PUT", "/v1/tablets/{tablet_id}/pin"): EVERYONE,
    # how its tablets call
    ("POST", "/v1/alerts/seen"): CARERS,
    ("GET", "/v1/alerts/seen"): READERS,
    ("GET", "/v1/tablets/{tablet_id}/push"): READERS,
    ("PUT", "/v1/tablets/{tablet_id}/push"): READERS,
    ("DELETE", "/v1/tablets/{tablet_id}/push"): READERS,
    ("GET", "/v1/clinic/settings"): READERS,
    ("PUT", "/v1/clinic/settings"): frozenset({LEAD}),
    ("GET", "/v1/clinic/papers"): READERS,
    ("PUT", "/v1/clinic/papers"): frozenset({LEAD}),
    # wall boards
    ("PUT", "/v1/walls/{wall_id}"): frozenset({LEAD}),
    ("GET", "/v1/walls"): frozenset({LEAD}),
    ("GET", "/v1/wall"): frozenset(),
    # patients and courses
    ("PUT", "/v1/patients/{patient_id}"): CARERS,
    ("GET", "/v1/patients/{patient_id}"): READERS,
    ("GET", "/v1/patients/{patient_id}/history"): READERS,
    ("PUT", "/v1/patients/{patient_id}/programme"): CARERS,
    ("GET", "/v1/patients/{patient_id}/programme/history"): READERS,
    ("POST", "/v1/patients/search"): READERS,
    ("GET", "/v1/patients/{patient_id}/courses"): READERS,
    ("GET", "/v1/patients/{patient_id}/past"): READERS,
    ("GET", "/v1/session-lines"): READERS,
    ("GET", "/v1/sessions/{session_id}/before"): READERS,
    ("PUT", "/v1/courses/{course_id}"): CARERS,
    ("GET", "/v1/courses/{course_id}"): READERS,
    ("GET", "/v1/courses/{course_id}/history"): READERS,
    ("PUT", "/v1/courses/{course_id}/clearance"): CLINICIANS,
    ("GET", "/v1/courses/{course_id}/clearance/history"): READERS,
    # the session
    ("PUT", "/v1/sessions/{session_id}"): CARERS,
    ("GET", "/v1/sessions/{session_id}"): READERS,
    ("GET", "/v1/sessions/{session_id}/history"): READERS,
    ("GET", "/v1/sessions/{session_id}/screening/history"): READERS,
    ("GET", "/v1/sessions/{session_id}/clearance/history"): READERS,
    ("GET", "/v1/sessions/{session_id}/escort/history"): READERS,
    ("GET", "/v1/sessions"): READERS,
    ("GET", "/v1/stream"): READERS,
    ("GET", "/v1/board"): READERS,
    ("PUT", "/v1/sessions/{session_id}/screening"): CARERS,
    ("POST", "/v1/sessions/{session_id}/screening/override"): CLINICIANS,
    ("PUT", "/v1/sessions/{session_id}/clearance"): CLINICIANS,
    ("PUT", "/v1/sessions/{session_id}/events/{event_id}"): CARERS,
    ("POST", "/v1/sessions/{session_id}/events/{event_id}/void"): CARERS,
    ("PUT", "/v1/sessions/{session_id}/readings/{reading_id}"): CARERS,
    ("POST", "/v1/sessions/{session_id}/readings/{reading_id}/corrections"): CARERS,
    ("POST", "/v1/sessions/{session_id}/readings/{reading_id}/void"): CARERS,
    ("GET", "/v1/sessions/{session_id}/readings/{reading_id}/history"): READERS,
    ("PUT", "/v1/sessions/{session_id}/escort"): CARERS,
    ("GET", "/v1/sessions/{session_id}/readiness"): READERS,
    ("GET", "/v1/sessions/{session_id}/assessments"): READERS,
    ("POST", "/v1/sessions/{session_id}/confirmations"): CLINICIANS,
    ("POST", "/v1/sessions/{session_id}/notices/{notice_id}/acknowledge"): CLINICIANS,
    ("POST", "/v1/sessions/{session_id}/discharge"): CARERS,
    ("GET", "/v1/sessions/{session_id}/monitoring-summary"): READERS,
    ("GET", "/v1/sessions/{session_id}/monitoring-summary.pdf"): READERS,
    ("GET", "/v1/monitoring-forms"): READERS,
    ("PUT", "/v1/sessions/{session_id}/form-answers"): CARERS,
    ("GET", "/v1/sessions/{session_id}/form-answers/history"): READERS,
    ("GET", "/v1/sessions/{session_id}/after-visit-sheet"): READERS,
    ("GET", "/v1/sessions/{session_id}/after-visit-sheet.pdf"): READERS,
    ("GET", "/v1/downtime-sheets.pdf"): READERS,
    ("GET", "/v1/downtime-sheets/blank.pdf"): READERS,
    ("GET", "/v1/sessions/{session_id}/pack"): TAKERS,
    ("GET", "/v1/sessions/{session_id}/pack/{part}"): TAKERS,
    # protocols and the audit
    ("GET", "/v1/protocols"): READERS,
    ("GET", "/v1/protocols/{protocol_id}/versions/{version}"): READERS,
    ("PUT", "/v1/protocols/{protocol_id}/versions/{version}"): frozenset({LEAD}),
    ("POST", "/v1/protocols/{protocol_id}/versions/{version}/approve"): frozenset({LEAD, CLINICIAN}),
    ("GET", "/v1/protocols/{protocol_id}/versions/{version}/changes"): frozenset({LEAD, CLINICIAN}),
    ("GET", "/v1/protocols/{protocol_id}/versions/{version}/form"): frozenset({LEAD}),
    ("GET", "/v1/audit"): OVERSEERS,
    ("GET", "/v1/audit/check"): OVERSEERS,
    ("GET", "/v1/audit/anchor"): OVERSEERS,
    ("GET", "/v1/restored"): OVERSEERS,
    # what is opened of another clinic of the organisation, and who looks at that
    ("GET", "/v1/organisation"): frozenset({CLINICIAN, LEAD}),
    ("PUT", "/v1/break-glass/{opening_id}"): frozenset({CLINICIAN, LEAD}),
    ("GET", "/v1/break-glass/{opening_id}"): frozenset({CLINICIAN, LEAD}),
    ("GET", "/v1/break-glass/{opening_id}/sessions/{session_id}"): frozenset({CLINICIAN, LEAD}),
    ("POST", "/v1/break-glass/{opening_id}/end"): frozenset({CLINICIAN, LEAD}),
    ("GET", "/v1/break-glass"): OVERSEERS,
    ("POST", "/v1/break-glass/{opening_id}/review"): frozenset({LEAD}),
    # what others read
    ("GET", "/v1/feed"): frozenset({CLINICIAN, LEAD, AUDITOR}),
    ("GET", "/v1/clients"): frozenset({LEAD}),
    ("POST", "/v1/clients"): frozenset({LEAD}),
    ("POST", "/v1/clients/{client_id}/keys"): frozenset({LEAD}),
    ("POST", "/v1/clients/{client_id}/end"): frozenset({LEAD}),
    ("GET", "/v1/webhooks"): frozenset({LEAD}),
    ("POST", "/v1/webhooks"): frozenset({LEAD}),
    ("POST", "/v1/webhooks/{webhook_id}/secret"): frozenset({LEAD}),
    ("POST", "/v1/webhooks/{webhook_id}/try"): frozenset({LEAD}),
    ("POST", "/v1/webhooks/{webhook_id}/end"): frozenset({LEAD}),
    ("GET", "/v1/webhooks/{webhook_id}/dead"): frozenset({LEAD}),
    ("POST", "/v1/webhooks/{webhook_id}/dead/{position}/resend"): frozenset({LEAD}),
    # what leaves
    ("GET", "/v1/export/{file}"): OVERSEERS,
    ("GET", "/v1/evidence"): OVERSEERS,
    ("GET", "/v1/evidence/{file}"): OVERSEERS,
    ("GET", "/v1/exports"): OVERSEERS,
    # what comes in
    **{
        ("POST", f"/v1/imports/{of}{look}"): frozenset({LEAD})
        for of in ("patients", "days")
        for look in ("", "/report")
    },
    # FHIR
    ("GET", "/fhir/metadata"): ANYBODY,
    ("GET", "/fhir/{kind}"): READS_FHIR,
    ("POST", "/fhir/{kind}/_search"): READS_FHIR,
    ("GET", "/fhir/{kind}/{name}"): READS_FHIR,
    ("GET", "/fhir/{kind}/{name}/_history"): READS_FHIR,
    ("GET", "/fhir/{kind}/{name}/_history/{version}"): READS_FHIR,
    ("GET", "/fhir/$export"): OVERSEERS,
    ("POST", "/fhir/$export"): OVERSEERS,
    ("GET", "/fhir/Patient/$export"): OVERSEERS,
    ("POST", "/fhir/Patient/$export"): OVERSEERS,
    ("GET", "/fhir/Group/{name}/$export"): OVERSEERS,
    ("POST", "/fhir/Group/{name}/$export"): OVERSEERS,
    ("GET", "/fhir/$export/{export_id}"): OVERSEERS,
    ("DELETE", "/fhir/$export/{export_id}"): OVERSEERS,
    ("GET", "/fhir/$export/{export_id}/{name}"): OVERSEERS,
}

TO_BE_CHANGED = frozenset(
    {
        ("GET", "/v1/account"),
        ("POST", "/v1/account/password"),
        ("POST", "/v1/sign-out"),
        ("POST", "/v1/sign-in/lock"),
    }
)
"""All that is open to somebody whose password somebody else has chosen."""

SIGNED_BY_TABLETS = frozenset(
    key
    for key, roles in TABLE.items()
    if key[0] != "GET" and roles in (CARERS, CLINICIANS) and key != ("POST", "/v1/alerts/seen")
)
"""What an enrolled tablet signs: all that carers enter, and what is said of it. To have seen enters nothing."""

CLINICIANS_EVENTS = ("baseline-accepted", "concern-acknowledged")
"""Kinds of events that take a clinician, although a nurse may put events."""

READS_PATIENTS = frozenset(
    key
    for key, roles in TABLE.items()
    if roles in (READERS, TAKERS)
    and not key[1].startswith(("/v1/protocols", "/v1/tablets", "/v1/clinic", "/v1/alerts", "/v1/downtime-sheets/blank"))
)
"""What shows something of a patient: each look leaves an audit event before its answer."""

MACHINES: dict[tuple[str, str], tuple[str, str]] = {
    ("GET", "/v1/feed"): ("*", "s"),
    ("GET", "/fhir/{kind}"): ("Encounter", "s"),
    ("POST", "/fhir/{kind}/_search"): ("Encounter", "s"),
    ("GET", "/fhir/{kind}/{name}"): ("Patient", "r"),
    ("GET", "/fhir/{kind}/{name}/_history"): ("Patient", "r"),
    ("GET", "/fhir/{kind}/{name}/_history/{version}"): ("Patient", "r"),
    ("GET", "/fhir/$export"): ("Encounter", "s"),
    ("POST", "/fhir/$export"): ("Encounter", "s"),
    ("GET", "/fhir/Patient/$export"): ("Encounter", "s"),
    ("POST", "/fhir/Patient/$export"): ("Encounter", "s"),
    ("GET", "/fhir/Group/{name}/$export"): ("Group", "r"),
    ("POST", "/fhir/Group/{name}/$export"): ("Group", "r"),
    ("GET", "/v1/exports"): ("", ""),
    ("GET", "/fhir/$export/{export_id}"): ("", ""),
    ("DELETE", "/fhir/$export/{export_id}"): ("", ""),
    ("GET", "/fhir/$export/{export_id}/{name}"): ("Encounter", "s"),
}
"""What a machine may call at all, with the resource type and the letter that its token must hold. Nothing else.

An export may be followed and ended by whoever could order it.
"""
IMPORTS = frozenset(key for key in TABLE if key[1].startswith("/v1/imports/"))
"""Whose body is a file."""
ORDERS = frozenset(key for key, roles in TABLE.items() if key[1].endswith("/$export"))
"""What begins something that is finished later."""
OF_WHO_ORDERED = frozenset(key for key in TABLE if "{export_id}" in key[1])
"""What only the very person answers for who ordered the export."""
OF_WHO_OPENED = frozenset(
    key
    for key in TABLE
    if key[1].startswith("/v1/break-glass/{opening_id}") and (key[0] == "GET" or key[1].endswith("/end"))
)
"""What only the very person answers for who opened it."""
READS_AS_FHIR = frozenset(key for key, roles in TABLE.items() if roles == READS_FHIR and key[1].startswith("/fhir")) | {
    ("GET", "/fhir/$export/{export_id}/{name}")
}
"""What shows something of a patient under /fhir."""
