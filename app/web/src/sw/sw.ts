/// <reference lib="webworker" />
// Opens the app without a network: the files of one version, kept together, and nothing of a patient's.
// A new version waits until the page says that no session is open on the screen and the person agreed.

import { alertWords } from "../words.alerts";

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] };

// a file that is named twice would make `addAll` refuse the whole version
const FILES = [...new Map(self.__WB_MANIFEST.map((file) => [file.url, file])).values()];
const VERSION = FILES.map((file) => `${file.url}@${file.revision ?? ""}`).join("\n");

async function cacheName(): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(VERSION));
  const hex = [...new Uint8Array(digest).slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `app-${hex}`;
}

/** What browsers know that can route without this worker. */
type Routing = ExtendableEvent & { addRoutes?: (routes: { condition: { urlPattern: string }; source: "network" }[]) => Promise<void> };
/** What is asked of the service never waits for this worker to wake, and is not lost with a page that goes. */
const PAST_IT = ["/v1/*", "/fhir/*"].map((urlPattern) => ({ condition: { urlPattern }, source: "network" as const }));

self.addEventListener("install", (event: Routing) => {
  void event.addRoutes?.(PAST_IT).catch(() => undefined);
  event.waitUntil(
    (async () => {
      const cache = await caches.open(await cacheName());
      await cache.addAll(FILES.map((file) => new Request(`/${file.url}`, { cache: "reload" })));
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const mine = await cacheName();
      for (const name of await caches.keys()) if (name !== mine) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "take-over") void self.skipWaiting();
});

// A call: which chair, and nothing of who sits there. It takes the place of an earlier one for the same chair, and is
// heard again.
self.addEventListener("push", (event) => {
  const { chair } = (event.data?.json() ?? {}) as { chair?: string | null };
  const body = alertWords.called(chair ?? null);
  const shown = { body, tag: body, renotify: true, requireInteraction: true, icon: "/icon-192.png", badge: "/icon-192.png" };
  event.waitUntil(self.registration.showNotification(alertWords.calledBy, shown));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    (async () => {
      const [open] = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
      await (open ? open.focus() : self.clients.openWindow("/"));
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  const page = event.request.mode === "navigate";
  const path = page ? "/index.html" : url.pathname;
  if (!FILES.some((file) => `/${file.url}` === path)) return; // answers of the service are never kept here
  event.respondWith(
    (async () => {
      const cache = await caches.open(await cacheName());
      return (await cache.match(path)) ?? fetch(event.request);
    })(),
  );
});
