// What becomes of something typed that the service refused. It is sent again, or entered as an addendum, or set aside with
// a reason: then the service keeps both versions, and only when it has said so does it leave this tablet.

import { NoAnswer, send } from "./api";
import { whatOf, type Kept } from "./items";
import { own, outbox, type } from "./store";
import { clinicNow, clockText, stamp } from "./time";
import { words } from "./words";

/** As JSON that holds nothing but ASCII: so that whatever was refused can be told. */
export const escaped = (document: unknown): string => JSON.stringify(document).replaceAll(/[^\x20-\x7e]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** A refusal because of how the record stands: the set itself is good, and goes along with the words. */
const CONFLICT = 409;
const LONGEST = 2000;

/** What an addendum would say of it: all that was typed, in words or whole. */
function detailOf({ item, problem }: Kept): { text: string; reading?: unknown } {
  const text = words.outbox.addendumOf(item.about, clockText(item.typed_at), item.author.name, problem?.detail ?? "");
  const whole = whatOf(item).kind === "reading" && problem?.status === CONFLICT;
  return whole ? { text, reading: item.body } : { text: `${text} ${JSON.stringify(item.body)}` };
}

/** Sets and events of a session can be told in words there, also when it is closed. */
export const canBeAddendum = (kept: Kept): boolean => ["reading", "event"].includes(whatOf(kept.item).kind) && detailOf(kept).text.length <= LONGEST;

export async function enterAsAddendum(kept: Kept): Promise<void> {
  const { item, seq } = kept;
  const session_id = item.session_id!;
  const event_id = crypto.randomUUID();
  const detail = detailOf(kept);
  const path = `/v1/sessions/${session_id}/events/${event_id}`;
  await type({ id: event_id, method: "PUT", path, body: { kind: "addendum", at: stamp(clinicNow()), detail }, session_id, makes: false, about: detail.text });
  // it lies here as another item now, and is refused as loudly if it comes to that
  await outbox.settle(seq);
}

/** Raises `Refused` or `NoAnswer`; then it stays. */
export async function setAside({ item, problem, seq }: Kept, reason: string): Promise<void> {
  const { token, headers } = own();
  if (token === null) throw new NoAnswer("nobody is signed in with the service");
  const typed = { method: item.method, path: item.path, body: item.body, author: item.author.name, typed_at: item.typed_at };
  const body = { item: item.id, session_id: item.session_id, about: item.about, typed: escaped(typed), refused: escaped(problem), reason };
  const path = `/v1/tablets/${headers["X-Tablet-Id"]}/not-entered`;
  const answer = await send("POST", path, body, { token, headers: { ...headers, "X-Item-Id": item.id } });
  if (answer.item !== item.id) throw new NoAnswer("it was not acknowledged");
  await outbox.settle(seq);
}
