// What the forms need of a session's protocol: its medications, the sets of a baseline, its same-day check. From the
// service once, and kept here for a start without a network. It is the clinic's own and says nothing of a patient.

import { signal } from "@preact/signals";
import { ask, type Schemas } from "./api";
import { noticeFailure, own } from "./store";

type Ref = Schemas["ProtocolRefOut"];
/** A question of the same-day check, its two answers in words, and what the wrong one does. */
export interface Item {
  name: string;
  question: string;
  right: string;
  wrong: string;
  if_wrong: "note" | "ask-clinician" | "stop";
}
export interface SameDay {
  hours: number;
  items: Item[];
}
export interface Needed {
  medications: string[];
  baseline_sets: number | null;
  /** null: the protocol asks nothing on the day itself. */
  same_day: SameDay | null;
  escort_by_phone: boolean;
}
interface Document {
  criteria?: Record<string, { minutes?: Record<string, number> }>;
  baseline?: { min_readings?: number };
  "same-day"?: { hours: number } & Record<string, Omit<Item, "name"> | number | string>;
  escort?: { by_phone: boolean };
}
const KEPT = "protocols";
const nameOf = ({ id, version }: Ref): string => `${id}/${version}`;

function kept(): Record<string, Needed> {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Record<string, Needed>;
  } catch {
    return {};
  }
}
const known = signal<Record<string, Needed>>(kept());

/** Of this protocol; null where this tablet does not know it. */
export const neededOf = (protocol: Ref): Needed | null => known.value[nameOf(protocol)] ?? null;

function sameDay(table: Document["same-day"]): SameDay | null {
  if (table === undefined) return null;
  const items = Object.entries(table).flatMap(([name, item]) => (typeof item === "object" ? [{ ...item, name }] : []));
  return { hours: table.hours, items: items.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** Asks for a protocol that is not known here. A version never changes: it is asked for once. */
export async function learn(protocol: Ref): Promise<void> {
  if (protocol.id === "" || known.peek()[nameOf(protocol)] !== undefined) return;
  try {
    const { body } = await ask("get", "/v1/protocols/{protocol_id}/versions/{version}", { protocol_id: protocol.id, version: String(protocol.version) }, undefined, own());
    const { criteria, baseline, escort, "same-day": today } = body.document as Document;
    const medications = Object.keys(criteria?.["medication-settled"]?.minutes ?? {}).sort();
    const found = { medications, baseline_sets: baseline?.min_readings ?? null, same_day: sameDay(today), escort_by_phone: escort?.by_phone ?? false };
    known.value = { ...known.value, [nameOf(protocol)]: found };
    localStorage.setItem(KEPT, JSON.stringify(known.value));
  } catch (failure) {
    noticeFailure(failure);
  }
}
