// Which patient of another clinic is open at this tablet: the opening's id alone, until it is closed or the tablet is locked.

import { effect, signal } from "@preact/signals";
import { person } from "../../store";

export const open = signal<string | null>(null);

effect(() => {
  if (person.value === null) open.value = null;
});
