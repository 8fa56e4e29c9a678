// What a lead reads who releases a session from a tablet.

export const releaseWords = {
  title: "Tablets that hold this session back",
  none: "No tablet holds this session back.",
  notKnown: "Which tablets hold it back is not known until the service is heard.",
  leadOnly: "A lead releases a tablet. What you can do: find it, and let it send what it holds.",
  asking: "Asking the service…",
  never: "The service does not know when it was last heard.",
  heard: (at: string, minutes: number) => `Last heard at ${at}, ${minutes < 1 ? "less than a minute" : `${minutes} min`} ago.`,
  unsent: (count: number) => `It said then that it holds ${count === 1 ? "one entry" : `${count} entries`} that ${count === 1 ? "is" : "are"} not in the record.`,
  nothingUnsent: "It said then that nothing typed was unsent. It may hold an unfinished set of this session, or it is only silent.",
  first: "First look for it: where it is brought into reach it sends what it holds, and this page is empty.",
  means: (tablet: string) => `To release it says in your name, on record: nothing more will come from ${tablet} for this session.`,
  lost: "What it holds and has not sent is not in the record then. Have measured again what may lie on it.",
  again: "Is it heard again with this session open, it counts again, and what it sends is kept as always.",
  reason: "Why is nothing more to come from it?",
  reasonNeeded: "Say why: it is kept with the release.",
  release: (tablet: string, name: string) => `Release ${tablet}, as ${name}`,
} as const;
