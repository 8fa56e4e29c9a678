"""What tests without a network share: patients made past the browser, PINs, and what lies on a tablet."""

import json
import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from playwright.sync_api import Locator, expect

from tests.browser.clinic import PASSWORD, Account, Clinic
from tests.browser.tablet import PATIENCE, Tablet

PINS = {"ada": "4826", "bea": "7193", "cleo": "5938"}


@dataclass(frozen=True)
class Chair:
    """A patient's session under way."""

    session_id: str
    patient_id: str
    family_name: str


def check_in(clinic: Clinic, family_name: str, chair: str = "1", protocol: str = "iv-infusion-example") -> Chair:
    """A patient checked in by the nurse, past the browser."""
    patient_id, session_id = str(uuid4()), str(uuid4())
    route = "iv-infusion" if protocol.startswith("iv") else "intranasal"
    patient = {
        "family_name": family_name,
        "given_name": "Maria",
        "birth_date": "1984-03-11",
        "record_number": f"R-{patient_id[:8]}",
    }
    clinic.ask(clinic.nurse, "PUT", f"/v1/patients/{patient_id}", patient)
    planned = {
        "patient_id": patient_id,
        "route": route,
        "protocol": {"id": protocol, "version": 1},
        "chair": chair,
        "weight_kg": 72.5,
    }
    clinic.ask(clinic.nurse, "PUT", f"/v1/sessions/{session_id}", planned)
    at = clinic.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    clinic.ask(clinic.nurse, "PUT", f"/v1/sessions/{session_id}/events/{uuid4()}", {"kind": "checked-in", "at": at})
    return Chair(session_id, patient_id, family_name)


def enrol(tablet: Tablet, name: str = "Tablet 1") -> str:
    """The lead enrols the tablet; its id."""
    found: dict[str, Any] = tablet.page.evaluate(ENROL, [name, tablet.clinic.lead.token])
    assert found["status"] == 201, found
    return str(found["id"])


def set_pin(tablet: Tablet, who: Account) -> None:
    """From the board, signed in by password.

    Only when the board has come: it stands above, and what comes while a finger is down takes the tap elsewhere.
    """
    expect(tablet.page.get_by_text("The board is not known on this tablet")).to_have_count(0)
    tablet.page.get_by_label(re.compile("^Set a PIN")).fill(PINS[who.username])
    tablet.tap(tablet.button("Set PIN"))
    expect(tablet.page.get_by_text("The PIN is set until the end of your shift.")).to_be_visible()


def unlock(tablet: Tablet, who: Account, pin: str | None = None) -> None:
    """Types a PIN on the lock screen; does not wait for what comes of it."""
    tablet.page.get_by_label(f"{who.name}, PIN").fill(pin or PINS[who.username])
    tablet.tap(tablet.button(f"Unlock as {who.name}"))


def inside(tablet: Tablet) -> Locator:
    """What is there only while somebody is at the tablet: the button that locks it."""
    return tablet.page.get_by_role("button", name="Lock", exact=True)


def sign_in(tablet: Tablet, who: Account) -> None:
    """In full, whatever the lock screen offers first."""
    other = tablet.button("Somebody else: full sign-in")
    expect(other.or_(tablet.page.get_by_label("Password"))).to_be_visible()
    if other.is_visible():
        tablet.tap(other)
    tablet.fill("Username", who.username)
    tablet.fill("Password", PASSWORD)
    tablet.tap(tablet.button("Sign in"))
    expect(inside(tablet)).to_be_visible()


def at_home(tablet: Tablet) -> None:
    """Waits until the app's own files are kept by its worker, so that it opens without a network."""
    tablet.state(
        """(patience) => new Promise((tell, fail) => {
             if (navigator.serviceWorker.controller) tell();
             navigator.serviceWorker.addEventListener("controllerchange", () => tell());
             setTimeout(() => fail(new Error("no worker has taken the page over")), patience);
           })""",
        PATIENCE,
    )


def lock(tablet: Tablet) -> None:
    """One tap."""
    tablet.tap(inside(tablet))
    expect(tablet.page.get_by_role("heading", name="Infusion Vitals")).to_be_visible()


def start_new_version(tablet: Tablet) -> None:
    """Takes the new version that is offered, beside or below what is graver, and waits until the app is loaded anew."""
    start = tablet.button("Start it now")
    others = tablet.page.get_by_text(re.compile(r"^and \d more$"))
    expect(start.or_(others).first).to_be_visible()
    if not start.is_visible():
        tablet.tap(others)
    with tablet.page.expect_event("load"):
        tablet.tap(start)


def read_outbox(tablet: Tablet) -> int:
    """How many items lie in the outbox's own database that are not in the record."""
    found: int = tablet.state(
        """() => new Promise((tell, fail) => {
             const asked = indexedDB.open("outbox");
             asked.onerror = () => fail(asked.error);
             asked.onsuccess = () => {
               const all = asked.result.transaction("items").objectStore("items").getAll();
               all.onsuccess = () => {
                 asked.result.close();
                 tell(all.result.filter((row) => row.refused < 2).length);
               };
             };
           })"""
    )
    return found


def all_that_lies(tablet: Tablet) -> str:
    """Everything the browser keeps for the app, every byte as one character: databases, local storage, caches."""
    found: Any = tablet.state(READ_ALL)
    return "\n".join(found)


def durabilities(tablet: Tablet) -> list[str]:
    """How each writing transaction of the outbox and the drafts was asked for, as `WATCH_DURABILITY` saw it."""
    return [str(each) for each in json.loads(tablet.state("JSON.stringify(window.__transactions ?? [])"))]


ENROL = """
async ([name, token]) => {
  const id = localStorage.getItem("tablet");
  const plain = (raw) => btoa(String.fromCharCode(...new Uint8Array(raw)));
  const base64url = (raw) => plain(raw).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const bytes = (text) => new TextEncoder().encode(text);
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const public_key = base64url(await crypto.subtle.exportKey("raw", pair.publicKey));
  await new Promise((done, failed) => {
    const asked = indexedDB.open("tablet", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("own");
    asked.onerror = () => failed(asked.error);
    asked.onsuccess = () => {
      const tx = asked.result.transaction("own", "readwrite");
      tx.objectStore("own").put({ now: { key: pair.privateKey, public_key }, number: 1 }, "own");
      tx.oncomplete = () => { asked.result.close(); done(); };
    };
  });
  const url = `/v1/tablets/${id}`;
  const body = JSON.stringify({ name, public_key });
  const bearer = `Bearer ${token}`;
  const digest = base64url(await crypto.subtle.digest("SHA-256", bytes(body)));
  const lines = ["infusion-vitals tablet 1", "PUT", url, id, "1", digest, bearer, "", "", ""];
  const how = { name: "ECDSA", hash: "SHA-256" };
  const proof = `1.${base64url(await crypto.subtle.sign(how, pair.privateKey, bytes(lines.join("\\n"))))}`;
  const sent = { Authorization: bearer, "X-Tablet-Id": id, "X-Tablet-Proof": proof };
  const headers = { ...sent, "Content-Type": "application/json" };
  const answer = await fetch(url, { method: "PUT", headers, body });
  return { id, status: answer.status, said: await answer.text() };
}
"""
"""What the lead's own screen does, without leaving the page that is shown."""

READ_ALL = """
async () => {
  const answer = (asked) => new Promise((tell) => { asked.onsuccess = () => tell(asked.result); });
  const text = (value) => {
    if (value instanceof ArrayBuffer) return String.fromCharCode(...new Uint8Array(value));
    if (value instanceof CryptoKey) return value.extractable ? "EXTRACTABLE KEY" : "";
    if (value === null || typeof value !== "object") return String(value);
    return Object.entries(value).map(([name, each]) => name + "=" + text(each)).join(";");
  };
  const out = [localStorage, sessionStorage].map((kept) => JSON.stringify({ ...kept }));
  out.push(document.documentElement.outerHTML);
  for (const { name } of await indexedDB.databases()) {
    const db = await answer(indexedDB.open(name));
    for (const store of db.objectStoreNames) {
      const all = db.transaction(store).objectStore(store);
      for (const asked of [all.getAll(), all.getAllKeys()]) {
        out.push(name + "/" + store + ": " + text(await answer(asked)));
      }
    }
    db.close();
  }
  for (const name of await caches.keys()) {
    const files = await (await caches.open(name)).keys();
    out.push(files.map((each) => each.url).join(" "));
  }
  return out;
}
"""

WATCH_DURABILITY = """
{
  const plain = IDBDatabase.prototype.transaction;
  window.__transactions = [];
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    const said = this.name + " " + (options?.durability ?? "default");
    if (mode === "readwrite" && ["outbox", "drafts"].includes(this.name)) window.__transactions.push(said);
    return plain.call(this, stores, mode, options);
  };
}
"""
"""An init script: notes the durability of every writing transaction."""

MOVE_CLOCK = """
{
  const Real = Date;
  let shift = Number(localStorage.getItem("test-shift") ?? 0);
  window.__moveClock = (ms) => { shift += ms; localStorage.setItem("test-shift", String(shift)); };
  window.Date = class extends Real {
    constructor(...given) { given.length === 0 ? super(Real.now() + shift) : super(...given); }
    static now() { return Real.now() + shift; }
  };
}
"""
"""An init script: the tablet's clock can be set, and stays so when the page is loaded anew."""

END_CONNECTIONS = """
{
  const plain = IDBDatabase.prototype.transaction;
  const open = new Set();
  IDBDatabase.prototype.transaction = function (...given) { open.add(this); return plain.apply(this, given); };
  window.__endConnections = () => { for (const db of open) db.close(); open.clear(); };
}
"""
"""An init script: every connection to a database ends when it is asked to, as a browser ends them by itself."""

FULL_STORAGE = """
{
  const plain = IDBObjectStore.prototype.add;
  IDBObjectStore.prototype.add = function (...given) {
    if (window.__full) throw new DOMException("no room", "QuotaExceededError");
    return plain.apply(this, given);
  };
}
"""
"""An init script: nothing more can be added to a database while `__full` is set."""
