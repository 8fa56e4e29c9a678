// The texts of a wall board: fetched by such a screen alone.

import type { Schemas } from "./api";

export const wallWords = {
  title: "Wall board",
  asking: "Asking the service…",
  deaf: (since: string) => `Not connected since ${since}.`,
  deafMore: "Nothing here is known now. Go and look at the chairs.",
  ended: "The link of this wall board has ended.",
  noLink: "This screen has no link of a wall board.",
  askLead: "A lead makes a link under Set up, Wall boards.",
  severe: "Concern: look now",
  concern: "Concern",
  met: "Criteria met, look",
  failed: "Cannot be worked out: look",
  unknown: "Unknown",
  states: {
    planned: "Planned",
    "checked-in": "Before the dose",
    infusing: "Infusion",
    recovering: "Recovery",
    discharged: "Left",
    cancelled: "Cancelled",
    transferred: "Transferred",
    "left-against-advice": "Left",
  } satisfies Record<Schemas["SessionState"], string>,
};
