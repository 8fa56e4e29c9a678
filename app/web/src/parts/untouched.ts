import { useEffect, useState } from "preact/hooks";

/** What is known of a form's choices. What comes late is taken while no field is in a hand: nothing is replaced under one. */
export function useUntouched<T>(known: T | null): T | null {
  const [taken, take] = useState(known);
  useEffect(() => {
    if (taken === null && !(document.activeElement instanceof HTMLInputElement)) take(known);
  }, [known === null]);
  return taken;
}
