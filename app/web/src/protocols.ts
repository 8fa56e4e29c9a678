// What the forms need of a session's protocol: its list of medications, and how many sets make a baseline. From the
// service once, and kept here for a start without a network. It is the clinic's own and says nothing of a patient.

import { signal } from "@preact/signals";
import { ask, type Schemas } from "./api";
import { noticeFailure, own } from "./store";

type Ref = Schemas["ProtocolRefOut"];
export interface Needed {
  medications: string[];
  baseline_sets: number | null;
}
interface Document {
  criteria?: Record<string, { minutes?: Record<string, number> }>;
  baseline?: { min_readings?: number };
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

/** Asks for a protocol that is not known here. A version never changes: it is asked for once. */
export async function learn(protocol: Ref): Promise<void> {
  if (protocol.id === "" || known.peek()[nameOf(protocol)] !== undefined) return;
  try {
    const { body } = await ask("get", "/v1/protocols/{protocol_id}/versions/{version}", { protocol_id: protocol.id, version: String(protocol.version) }, undefined, own());
    const { criteria, baseline } = body.document as Document;
    const found = { medications: Object.keys(criteria?.["medication-settled"]?.minutes ?? {}).sort(), baseline_sets: baseline?.min_readings ?? null };
    known.value = { ...known.value, [nameOf(protocol)]: found };
    localStorage.setItem(KEPT, JSON.stringify(known.value));
  } catch (failure) {
    noticeFailure(failure);
  }
}
