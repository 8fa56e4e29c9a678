// Sessions as far as this tablet can draw them by itself: one that was made here, and one of which it has no more than
// the board's line. The service's own record takes their place as soon as it is heard.

import type { Chosen } from "./patient";
import type { Session } from "./records";
import { person, type BoardItem } from "./store";
import { clinicNow, stamp } from "./time";
import type { Scale } from "./vitals";

type Planned = Pick<Session, "patient_id" | "route" | "protocol"> & { chair?: string; weight_kg?: number };

const nothing = (): Omit<Session, "id" | "patient_id" | "patient" | "route" | "protocol" | "state" | "phase" | "phase_since" | "known" | "recorded_at" | "recorded_by"> => ({
  revision: 1,
  tablet_id: null,
  reason: null,
  chair: null,
  weight_kg: null,
  planned_at: null,
  course_id: null,
  had_left_at: null,
  demo: false,
  version: 0,
  due: null,
  course: null,
  course_sessions: [],
  screening: null,
  overrides: [],
  clearance: null,
  course_clearance: null,
  events: [],
  readings: [],
  baseline: null,
  to_start: null,
  prompt: null,
  readiness: null,
  limits: {},
  escort: null,
  confirmations: [],
  notices: [],
  discharge: null,
  tablets: {},
});

/** The session as this tablet made it, until the service has it. `scale`: its protocol's, for consciousness. */
export function madeHere(id: string, patient: Chosen, planned: Planned, scale: Scale | null): Session {
  const recorded_at = stamp(clinicNow());
  const recorded_by = { staff_id: person.value?.staff_id ?? null, name: person.value?.name ?? "", role: person.value?.role ?? "" };
  const { family_name, given_name, birth_date, record_number } = patient;
  const given_names = given_name === "" ? [] : [given_name];
  return {
    ...nothing(),
    id,
    ...planned,
    recorded_at,
    recorded_by,
    state: "checked-in",
    phase: "baseline",
    phase_since: recorded_at,
    patient: { id: patient.id, family_name, given_name, given_names, birth_date, record_number, sex: null, revision: 1, recorded_at, recorded_by, tablet_id: null, reason: null },
    limits: { "consciousness-recovered": { scale } },
    known: "made",
  };
}

/** A session of which only the board's line is known: enough to know who it is and to write down what is seen; null where
 * the line could not be read. */
export function fromLine({ id, patient, route, state, phase, phase_since, chair }: BoardItem): Session | null {
  if (route === null || patient.birth_date === null) return null;
  const recorded_at = stamp(clinicNow());
  const recorded_by = { staff_id: null, name: "", role: "" };
  return {
    ...nothing(),
    ...{ id, patient_id: patient.id, route, state, phase, phase_since, chair, recorded_at, recorded_by },
    protocol: { id: "", version: 1 },
    patient: { ...patient, birth_date: patient.birth_date, sex: null, revision: 1, recorded_at, recorded_by, tablet_id: null, reason: null },
    known: "line",
  };
}
