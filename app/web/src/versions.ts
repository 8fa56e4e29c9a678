// A new version of the app waits until no session is open on the screen, and then asks. The outbox is untouched by it.

import { computed, signal } from "@preact/signals";
import { openSessions } from "./store";

const waiting = signal<ServiceWorkerRegistration | null>(null);
/** Whether a new version may be offered now. */
export const newVersion = computed(() => waiting.value !== null && openSessions.value.length === 0);

export function offerVersions(): void {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  void navigator.serviceWorker.register("/sw.js").then((registration) => {
    const look = (worker: ServiceWorker | null): void => {
      if (worker?.state === "installed" && navigator.serviceWorker.controller) waiting.value = registration;
    };
    look(registration.waiting);
    registration.addEventListener("updatefound", () => {
      const worker = registration.installing;
      worker?.addEventListener("statechange", () => look(worker));
    });
    setInterval(() => void registration.update().catch(() => undefined), 10 * 60_000);
  });
}

/** The person agreed: swap versions and start anew. The one that waits now: a still newer one may have come since. */
export function takeNewVersion(): void {
  const newest = waiting.value?.waiting;
  if (!newest) return location.reload(); // another tab has taken it
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  newest.postMessage("take-over");
}
