// Whoever comes to another screen is told which: by the tab's title, and by the focus on its heading. The title says how
// many alerts there are, and names no patient: it stands where others read it.

import { useEffect } from "preact/hooks";
import { alerts } from "./alerts";
import { address, type Place } from "./place";
import { session } from "./records";
import { shown } from "./project";
import { words } from "./words";

/** What a screen is called in the tab's title. */
export function titleOf(at: Place): string {
  const heard = "id" in at ? session(at.id) : undefined;
  const chair = heard && shown(heard).chair;
  return [words.titles[at.screen], chair && words.chair(chair), words.app].filter(Boolean).join(" · ");
}

/** On a new screen nothing has the focus that was there before: its heading gets it, unless the screen has set it. */
function toHeading(): void {
  const held = document.activeElement;
  if (held !== null && held !== document.body) return;
  const heading = document.querySelector<HTMLElement>("main h1, .bar h1, main h2");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

export function useArrival(at: Place): void {
  const count = alerts.value.length;
  const title = (count > 0 ? `(${count}) ` : "") + titleOf(at);
  useEffect(() => {
    document.title = title;
    return () => void (document.title = words.app);
  }, [title]);
  useEffect(() => {
    const drawn = setTimeout(toHeading, 50);
    return () => clearTimeout(drawn);
  }, [address(at)]);
}
