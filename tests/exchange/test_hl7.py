"""HL7 v2.5.1, read back by two parsers of others; and MLLP against receivers that behave and that do not."""

import re
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace

import hl7
import pytest
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import NotFound
from app.domain.people import Clinic, Role, RoleMayNot
from app.exchange.hl7 import NotDelivered, er7, message, send
from app.services.hl7 import oru
from tests import factories
from tests.exchange.records import HOSTILE, lead
from tests.factories import at
from tests.services.ward import Ward


def sent(furnished, place, now=111):
    ward, ids = furnished
    ward.record(ids[place], now)
    return ward.read(oru, ids[place], now=now, who=lead(ward)), ward.record(ids[place], now)


def fields(content):
    """Segments as lists of fields, by nobody's parser: split as the encoding says."""
    return [segment.split("|") for segment in content.decode().rstrip("\r").split("\r")]


@pytest.mark.parametrize("place", range(4))
def test_an_independent_parser_finds_it_valid(furnished, place):
    found, _ = sent(furnished, place)
    parsed = parse_message(found.content.decode(), validation_level=VALIDATION_LEVEL.STRICT, find_groups=True)
    assert parsed.validate()
    assert parsed.msh.msh_9.to_er7() == "ORU^R01^ORU_R01"
    assert parsed.msh.msh_12.to_er7() == "2.5.1"
    assert parsed.msh.msh_18.to_er7() == "UNICODE UTF-8"


@pytest.mark.parametrize(
    ("change", "to"),
    [
        ("ORU_R01", "ORU_R99"),
        ("\rPV1|", "\rZZZ|"),
        ("|2.5.1|", "|9.9|"),
        ("\rOBR|1|", "\rOBR|x|"),
    ],
)
def test_control_the_parser_rejects_planted_faults(furnished, change, to):
    content = sent(furnished, 0)[0].content.decode()
    assert change in content
    try:
        parsed = parse_message(content.replace(change, to), validation_level=VALIDATION_LEVEL.STRICT, find_groups=True)
        valid = bool(parsed.validate())
    except Exception:  # noqa: BLE001 - whatever it raises, it did not accept it
        valid = False
    assert not valid


@pytest.mark.parametrize(
    ("family", "given_names", "expected"),
    [
        ("Doppelname", ("Ana", "Mar\u00eda", "Jos\u00e9"), ["Doppelname", "Ana", "Mar\u00eda Jos\u00e9"]),
        ("Doppelname", ("Ana Mar\u00eda",), ["Doppelname", "Ana Mar\u00eda", ""]),
        ("Sukarno", (), ["Sukarno", "", ""]),
        ("", ("Sukarno",), ["", "Sukarno", ""]),
    ],
)
def test_each_name_has_its_place(furnished, family, given_names, expected):
    ward, ids = furnished
    record = ward.record(ids[0], 111)
    patient = replace(record.patient.value, family_name=family, given_names=given_names)
    record = replace(record, patients=(replace(record.patient, value=patient),))
    content = message(record, ward.clinic, at(111), demo=True).content.decode()
    parsed = parse_message(content, validation_level=VALIDATION_LEVEL.STRICT, find_groups=True)
    assert parsed.validate()
    name = hl7.parse(content).segment("PID")[5][0]
    assert [str(name[place]) for place in (0, 1, 2)] == expected
    assert str(name[6]) == "L"


def test_another_parser_reads_the_same_values(furnished):
    found, record = sent(furnished, 1)
    parsed = hl7.parse(found.content.decode())
    assert parsed.unescape(str(parsed.segment("PID")[5][0][0])) == "=Hostile-Name"
    assert parsed.unescape(str(parsed.segment("PID")[5][0][1])) == "@Given|Name^&~\\"
    assert str(parsed.segment("PID")[3][0][0]) == "+R-77"
    assert str(parsed.segment("PV1")[19][0][0]) == str(record.id)
    panels = [one for one in parsed.segments("OBR") if str(one[4][0][0]) == "85353-1"]
    assert {str(one[3][0][0]) for one in panels} == {str(history.current.value.id) for history in record.readings}
    notes = {parsed.unescape(str(one[3])) for one in parsed.segments("NTE")}
    assert set(HOSTILE) - {HOSTILE[0]} <= notes
    rates = [str(one[5]) for one in parsed.segments("OBX") if str(one[3][0][0]) == "8867-4"]
    assert rates.count("72") == len(record.readings)


def groups(content):
    """Each OBR with its OBX, by the filler number."""
    found = {}
    for one in fields(content):
        if one[0] == "OBR":
            current = found.setdefault(one[3].split("^")[0], (one, []))
        elif one[0] in {"OBX", "NTE"} and found:
            current[1].append(one)
    return found


def test_every_field_of_every_reading_is_there_with_its_status(furnished):
    found, record = sent(furnished, 1)
    by_reading = groups(found.content)
    for history in record.readings:
        obr, lines = by_reading[str(history.current.value.id)]
        reading = history.current.value
        obx = {line[3].split("^")[0]: line for line in lines if line[0] == "OBX"}
        assert {
            "8867-4",
            "8480-6",
            "8462-4",
            "9279-1",
            "59408-5",
            "oxygen",
            "dissociation",
            "gait-steady",
            "orientated",
        } <= set(obx)
        expected = "D" if history.void else ("C" if reading.revision > 1 else "F")
        assert obr[25] == {"D": "X"}.get(expected, expected)
        for code, vital in (
            ("8867-4", "heart_rate"),
            ("8480-6", "systolic"),
            ("8462-4", "diastolic"),
            ("59408-5", "spo2"),
        ):
            value = getattr(reading, vital)
            assert obx[code][5] == ("" if value is None else str(value))
            assert obx[code][11] == (expected if value is not None else "X")
            assert obx[code][6].endswith("^^UCUM")
        for line in obx.values():
            # nothing is blank without saying why
            assert (line[5] == "") == (line[11] in {"X", "N"})
            assert line[8] == ""
            # the parsers look at form alone
            assert line[2] != "NM" or line[5] == "" or re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", line[5])
    statuses = {line[11] for one in by_reading.values() for line in one[1] if line[0] == "OBX"}
    assert statuses == {"F", "C", "D", "N"}


def test_not_measured_has_no_value_and_says_why(furnished):
    ward, _ = furnished
    session = ward.plan(ward.add_patient(record_number="R-nm"))
    ward.reading(session, -20, spo2=None, not_measured=(("spo2", "cold|hands"),))
    found = ward.read(oru, session, now=-19, who=lead(ward))
    lines = fields(found.content)
    place = next(number for number, line in enumerate(lines) if line[0] == "OBX" and line[3].startswith("59408-5"))
    assert (lines[place][2], lines[place][5], lines[place][11]) == ("NM", "", "X")
    assert lines[place + 1][:4] == ["NTE", "1", "L", "not measured: cold\\F\\hands"]


def test_one_record_one_control_id_and_no_flag(furnished):
    ward, ids = furnished
    first, again = sent(furnished, 0, 111)[0], sent(furnished, 0, 200)[0]
    assert first.control_id == again.control_id
    assert first.content != again.content  # MSH-7 alone
    assert first.content.split(b"\r", 1)[1] == again.content.split(b"\r", 1)[1]
    assert first.control_id != sent(furnished, 1)[0].control_id
    assert b"met" not in first.content.lower().replace(b"symptom", b"")
    demo = message(ward.record(ids[0], 111), Clinic(ward.clinic.id, "A|B"), at(0), demo=True)
    assert fields(demo.content)[0][10] == "T"
    assert fields(demo.content)[0][3] == f"^{ward.clinic.id}^UUID"


@given(st.text(alphabet=st.sampled_from("|^~\\&\r\n\t\x0b\x1caEF\u00e9"), max_size=12))
def test_any_text_is_one_field_and_comes_back(words):
    encoded = er7.text(words)
    assert not set(encoded) & set("|^~&\r\n\x0b\x1c")
    parsed = hl7.parse(f"MSH|^~\\&|A\rNTE|1|L|x{encoded}x\r")
    assert parsed.unescape(str(parsed.segment("NTE")[3])) == f"x{words}x"


@pytest.mark.parametrize("role", [Role.NURSE, Role.CLINICIAN, Role.OPERATOR])
def test_only_those_who_may_export_send(furnished, role):
    ward, ids = furnished
    with pytest.raises(RoleMayNot):
        ward.read(oru, ids[0], who=factories.actor(ward.clinic.id, role))


def test_another_clinics_session_is_unknown(furnished):
    ward, ids = furnished
    stranger = Ward(ward.database)
    with pytest.raises(NotFound):
        stranger.read(oru, ids[0], who=lead(stranger))


# --- the wire --------------------------------------------------------------------------------------------------------


@contextmanager
def receiver(answer):
    """A receiver on loopback: hands the message it got to `answer`, and sends what that gives (None: stays silent)."""
    door = socket.create_server(("127.0.0.1", 0))
    got, stop = [], threading.Event()

    def serve():
        wire, _ = door.accept()
        with wire:
            held = b""
            while not held.endswith(b"\x1c\r"):
                held += wire.recv(65536)
            got.append(held)
            for chunk in answer(held):
                if chunk is None:
                    stop.wait(10)
                else:
                    wire.sendall(chunk)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield door.getsockname()[1], got
    finally:
        stop.set()
        thread.join(10)
        door.close()


def ack(code="AA", about=None, bar="|"):
    def answer(held):
        control = about or held.decode().split("|")[9]
        head = bar.join(["MSH", "^~\\&", "EHR", "", "IV", "", "20260307", "", "ACK", "1", "P", "2.5.1"])
        yield b"\x0b" + f"{head}\rMSA{bar}{code}{bar}{control}\r".encode() + b"\x1c\r"

    return answer


def dripping(held):
    whole = next(ack()(held))
    for place in range(len(whole)):
        yield whole[place : place + 1]


def deliver(furnished, answer, seconds=5.0, host="127.0.0.1", allowed=frozenset()):
    found, _ = sent(furnished, 0)
    with receiver(answer) as (port, got):
        try:
            return send(found, host, port, allowed=allowed, seconds=seconds), found, got
        finally:
            assert got == [b"\x0b" + found.content + b"\x1c\r"]


@pytest.mark.parametrize("answer", [ack(), ack("CA"), ack(bar="#"), dripping])
def test_a_message_is_delivered_when_the_receiver_says_so_of_it(furnished, answer):
    assert deliver(furnished, answer)[0].code in {"AA", "CA"}
    assert deliver(furnished, answer, host="localhost")[0].code in {"AA", "CA"}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (ack("AE"), "refused the message (AE)"),
        (ack("AR"), "refused the message (AR)"),
        (ack("XX"), "neither accepts nor refuses"),
        (ack(about="SOMETHING-ELSE"), "another message"),
        (lambda held: [next(ack()(held))[:20]], "half an answer"),
        (lambda held: [], "no answer"),
        (lambda held: [None], "no answer in time"),
        (lambda held: [b"\x0bMSH|^~", None], "no answer in time"),
        (lambda held: [b"HTTP/1.1 200 OK\r\n\r\n\x1c\r"], "not framed"),
        (lambda held: [b"\x0bhello\x1c\r"], "not an HL7"),
        (lambda held: [b"\x0bMSH|^~\\&|\r\x1c\r"], "no MSA"),
        (lambda held: [b"\x0b" + b"x" * 70_000], "too long"),
    ],
)
def test_anything_else_is_not_delivered(furnished, answer, says):
    with pytest.raises(NotDelivered) as refused:
        deliver(furnished, answer, seconds=1.0 if "time" in says else 10.0)
    assert says in str(refused.value)
    assert "Probe" not in str(refused.value)


def test_nobody_listens(furnished):
    found, _ = sent(furnished, 0)
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    with pytest.raises(NotDelivered, match="connection failed"):
        send(found, "127.0.0.1", port, allowed=frozenset(), seconds=2)


@pytest.mark.parametrize("host", ["192.0.2.7", "10.0.0.1", "0.0.0.0", "169.254.169.254", "::ffff:192.0.2.7"])
def test_no_other_machine_is_spoken_to_unless_it_is_allowed(furnished, monkeypatch, host):
    found, _ = sent(furnished, 0)
    asked = []

    def refused(address, **_):
        asked.append(address)
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(socket, "create_connection", refused)
    with pytest.raises(NotDelivered, match="HL7_HOSTS"):
        send(found, host, 2575, allowed=frozenset({"ehr.example"}), seconds=1)
    assert asked == []
    with pytest.raises(NotDelivered, match="connection failed"):
        send(found, host, 2575, allowed=frozenset({host}), seconds=1)
    assert len(asked) == 1
