// The texts of what calls a tablet that nobody looks at: fetched with it.

export const pushWords = {
  title: "Calls while nobody looks at this tablet",
  why: "When nobody has said Seen for a while, this tablet can be called although it is locked or in a pocket. No call names a patient.",
  begin: "Call this tablet too",
  called: "This tablet is called until your shift here ends.",
  end: "Do not call it any more",
  denied: "This browser may not show notifications for this address: allow it in the browser's settings, then come back.",
  cannot: "This browser cannot be called while nobody looks at it.",
};
