// The patient a new session is for, as chosen on the list; gone with the lock.

import { effect, signal } from "@preact/signals";
import type { Schemas } from "./api";
import { person } from "./store";

export type Chosen = Pick<Schemas["PatientOut"], "id" | "family_name" | "given_name" | "birth_date" | "record_number" | "look_alikes"> & {
  /** The course that the session is to belong to, where it was begun from one. */
  course?: Pick<Schemas["CoursePlanOut"], "id" | "planned_sessions">;
};
export const chosen = signal<Chosen | null>(null);

effect(() => {
  if (person.value === null) chosen.value = null;
});
