// Where on the app one is: in the address, so that back, reload and a second tab show what they name. Ids only, never a
// patient's words.

import { signal } from "@preact/signals";
import { takeWall } from "./walls";

export type Place =
  | { screen: "board" }
  | { screen: "wall" }
  | { screen: "patients" }
  | { screen: "outbox" }
  | { screen: "session"; id: string }
  | { screen: "entry"; id: string; correct?: string }
  | { screen: "event"; id: string; kind?: string; correct?: string }
  | { screen: "start"; id: string }
  | { screen: "review"; id: string }
  | { screen: "release"; id: string }
  | { screen: "new"; patient: string }
  | { screen: "past"; patient: string }
  | { screen: "elsewhere"; opening?: string; of?: string }
  | { screen: "days"; day?: string }
  | { screen: "forms" }
  | { screen: "downtime" }
  | { screen: "form"; id: string }
  | { screen: "after"; id: string }
  | { screen: "setup"; part?: string }
  | { screen: "clinic"; part?: string }
  | { screen: "evidence" }
  | { screen: "desk"; part?: string }
  | { screen: "account" };

const DAY = /^\d{4}-\d\d-\d\d$/;

function read(): Place {
  takeWall();
  const [screen, id, rest, last] = location.hash.replace(/^#\/?/, "").split("/");
  switch (screen) {
    case "session":
    case "start":
    case "review":
    case "release":
    case "form":
    case "after":
      return id ? { screen, id } : { screen: "board" };
    case "entry":
      return id ? { screen, id, ...(rest ? { correct: rest } : {}) } : { screen: "board" };
    case "event":
      return id ? { screen, id, ...(rest ? { kind: rest } : {}), ...(last ? { correct: last } : {}) } : { screen: "board" };
    case "new":
    case "past":
      return id ? { screen, patient: id } : { screen: "board" };
    case "elsewhere":
      return { screen, ...(id ? { opening: id, ...(rest ? { of: rest } : {}) } : {}) };
    case "days":
      return { screen, ...(id && DAY.test(id) ? { day: id } : {}) };
    case "setup":
    case "clinic":
    case "desk":
      return { screen, ...(id ? { part: id } : {}) };
    case "wall":
    case "patients":
    case "outbox":
    case "evidence":
    case "account":
    case "forms":
    case "downtime":
      return { screen };
    default:
      return { screen: "board" };
  }
}

export const place = signal<Place>(read());
/** Where one was before "My account", which every screen leads to: the way back. */
export const before = signal<Place>({ screen: "board" });

export function go(to: Place): void {
  location.hash = address(to);
}

/** Goes on from a screen, if that is still the one shown: what ends late takes nobody along to where they are no more. */
export function goOn(from: Place, to: Place): void {
  if (address(from) === address(place.value)) location.replace(address(to));
}

export function address(to: Place): string {
  switch (to.screen) {
    case "entry":
      return `#/entry/${to.id}${to.correct ? `/${to.correct}` : ""}`;
    case "event":
      return `#/event/${to.id}${to.kind ? `/${to.kind}` : ""}${to.kind && to.correct ? `/${to.correct}` : ""}`;
    case "new":
    case "past":
      return `#/${to.screen}/${to.patient}`;
    case "elsewhere":
      return `#/elsewhere${to.opening ? `/${to.opening}${to.of ? `/${to.of}` : ""}` : ""}`;
    case "days":
      return `#/days${to.day ? `/${to.day}` : ""}`;
    case "setup":
    case "clinic":
    case "desk":
      return `#/${to.screen}${to.part ? `/${to.part}` : ""}`;
    case "session":
    case "start":
    case "review":
    case "release":
    case "form":
    case "after":
      return `#/${to.screen}/${to.id}`;
    default:
      return `#/${to.screen}`;
  }
}

addEventListener("hashchange", () => {
  const next = read();
  if (next.screen === "account" && place.value.screen !== "account") before.value = place.value;
  place.value = next;
  scrollTo(0, 0);
});
// a page restored from memory may show an address it no longer has
addEventListener("pageshow", () => {
  place.value = read();
});
