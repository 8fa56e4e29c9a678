// Comes before everything else: a browser that lets the app keep nothing can lose what is typed, so nothing is taken in.

import { blockedWords as words } from "./words.blocked";

/** Says so in place of the app. */
export function sayBlocked(): void {
  const page = document.createElement("main");
  page.className = "page narrow stack";
  for (const [tag, text] of [["h1", words.app], ["p", words.why], ["p", words.mend]] as const) page.appendChild(document.createElement(tag)).textContent = text;
  page.setAttribute("role", "alert");
  document.body.replaceChildren(page);
}

try {
  localStorage.setItem("works", "1");
  localStorage.removeItem("works");
  if (!indexedDB) throw new Error("no database");
} catch (failure) {
  sayBlocked();
  // nothing after this is run
  throw failure;
}
