import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask } from "../api";
import { own, tabletId, token } from "../store";
import { pushWords as words } from "../words.push";
import { Outcome, useForm } from "./form";

const HERE = { tablet_id: tabletId };
/** What the service says of this tablet; null: not heard. */
type Standing = { key: string; called: boolean } | null;

/** From base64url to bytes, and back. */
const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
const text = (raw: ArrayBuffer | null): string => btoa(String.fromCharCode(...new Uint8Array(raw ?? new ArrayBuffer(0)))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

/** Why a browser cannot be called; "" where it can. */
function hindered(): string {
  if (!("PushManager" in window) || !navigator.serviceWorker?.controller) return words.cannot;
  return Notification.permission === "denied" ? words.denied : "";
}

/** Whether this tablet is called while nobody looks at it. Asked for by a tap alone, until the shift here ends. */
export function PushSetting(): VNode {
  const [standing, setStanding] = useState<Standing>(null);
  const [failed, setFailed] = useState("");
  const form = useForm();
  const bearer = token.value;
  useEffect(() => {
    if (bearer === null) return;
    const gone = new AbortController();
    ask("get", "/v1/tablets/{tablet_id}/push", HERE, undefined, { ...own(), signal: gone.signal }).then(
      (answer) => setStanding(answer.body),
      () => undefined,
    );
    return () => gone.abort();
  }, [bearer]);
  const begin = async (key: string): Promise<void> => {
    if ((await Notification.requestPermission()) !== "granted") return setFailed(words.denied);
    const { pushManager } = await navigator.serviceWorker.ready;
    // one that was made for another installation's key is of no use
    await (await pushManager.getSubscription())?.unsubscribe();
    const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) }).catch(() => null);
    if (made === null) return setFailed(words.cannot);
    const body = { endpoint: made.endpoint, p256dh: text(made.getKey("p256dh")), auth: text(made.getKey("auth")) };
    await ask("put", "/v1/tablets/{tablet_id}/push", HERE, body, own());
    setStanding({ key, called: true });
  };
  const end = async (key: string): Promise<void> => {
    await ask("delete", "/v1/tablets/{tablet_id}/push", HERE, undefined, own());
    setStanding({ key, called: false });
    await (await (await navigator.serviceWorker.ready).pushManager.getSubscription())?.unsubscribe();
  };
  const why = failed || hindered();
  return (
    <section class="stack" aria-label={words.title}>
      {standing === null ? null : standing.called ? (
        <>
          <span>&#10003; {words.called}</span>
          <button type="button" class="button" disabled={form.busy} onClick={() => void form.run(() => end(standing.key))}>
            {words.end}
          </button>
        </>
      ) : why ? (
        <span class="quiet">{why}</span>
      ) : (
        <>
          <span class="quiet">{words.why}</span>
          <button type="button" class="button" disabled={form.busy} onClick={() => void form.run(() => begin(standing.key))}>
            {words.begin}
          </button>
        </>
      )}
      <Outcome form={form} />
    </section>
  );
}
