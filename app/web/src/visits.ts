// Who may open a patient of another clinic of the organisation; the service asks again.

import { computed } from "@preact/signals";
import { person } from "./store";

export const visits = computed(() => person.value?.role === "clinician" || person.value?.role === "lead");
