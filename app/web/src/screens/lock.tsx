import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { atLock } from "../alerts";
import { NoAnswer, Refused } from "../api";
import type { PinHolder } from "../keys";
import { cameLate } from "../opening";
import { unsent } from "../outbox";
import { later } from "../parts/later";
import { askOffered, comesBack } from "../provider/offered";
import { useAsked } from "../scope";
import { pinHolders, signIn, unlock } from "../store";
import { clinic, clinicNow, clockText, tick } from "../time";
import { words } from "../words";

const ProviderSignIn = later(() => import("../provider").then((found) => found.ProviderSignIn), true);

const said = (failure: unknown): string =>
  failure instanceof Refused ? failure.problem.detail : failure instanceof NoAnswer ? words.lockScreen.notHeard : String(failure);

/** Clinic's time, who may unlock, and which chairs needed somebody. No patient, no list. */
export function LockScreen(): VNode {
  const [holders, setHolders] = useState<PinHolder[] | null>(null);
  const [full, setFull] = useState(false);
  const [back] = useState(comesBack);
  const offered = useAsked(askOffered).found;
  useEffect(() => {
    // where nothing can be read here there is still the full sign-in
    pinHolders().then(setHolders, () => setHolders([]));
  }, []);
  tick.value;
  return (
    <main class="page narrow stack">
      <h1>{words.app}</h1>
      <p>
        {clinic.value.name && <>{clinic.value.name} · </>}
        <span class="value">{clockText(clinicNow())}</span>
      </p>
      {cameLate.value && (
        <p class="concern" role="status">
          {words.lockScreen.setUpAlready}
        </p>
      )}
      <Alerts />
      {unsent.value > 0 && <p class="concern">{words.lockScreen.toSend(words.unsent(unsent.value))}</p>}
      {holders === null ? null : holders.length > 0 && !full ? (
        <>
          {holders.map((holder) => (
            <PinForm key={holder.staff_id} holder={holder} gone={() => void pinHolders().then(setHolders, () => setHolders([]))} />
          ))}
          <button class="button plain" onClick={() => setFull(true)}>
            {words.otherPerson}
          </button>
        </>
      ) : (
        <SignInForm />
      )}
      {(back || offered?.name) && <ProviderSignIn offered={holders !== null && (holders.length === 0 || full) ? offered : null} />}
    </main>
  );
}

/** What stood at the lock is told for an hour: after that it says little of now. */
const TOLD_MS = 3_600_000;

/** A locked tablet has nobody in whose name it could ask: it says so, and what it knew when it was locked, without names. */
function Alerts(): VNode {
  const { at, alerts: then } = atLock.value ?? { at: 0, alerts: [] };
  const alerts = clinicNow() - at < TOLD_MS ? then : [];
  return (
    <section class="stack" aria-label={words.onBoard.urgent}>
      {alerts.length > 0 && (
        <div class={alerts.some(({ why }) => why === "concern") ? "danger" : "concern"}>
          <p>{words.alerts.atLock(clockText(at))}</p>
          <ul>
            {alerts.map(({ chair, why }, place) => (
              <li key={place}>
                {why === "concern" && "\u26a0 "}
                {chair === null ? words.alerts.noChair : words.alerts.chair(chair)}: {words.alerts.nameless[why]}
              </li>
            ))}
          </ul>
        </div>
      )}
      <p class="unknown">{words.alerts.locked}</p>
    </section>
  );
}

function PinForm({ holder, gone }: { holder: PinHolder; gone: () => void }): VNode {
  const [pin, setPin] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFault("");
    try {
      if (!(await unlock(holder, pin))) {
        setFault(words.wrongPin);
        gone();
      }
    } catch (failure) {
      setFault(said(failure));
      gone();
    }
    setPin("");
    setBusy(false);
  };
  return (
    <form class="card" onSubmit={(event) => void submit(event)}>
      <label class="field">
        <span>{words.lockScreen.pinOf(holder.name)}</span>
        <input type="password" inputMode="numeric" autoComplete="off" pattern="[0-9]*" maxLength={8} value={pin} onInput={(event) => setPin(event.currentTarget.value)} />
      </label>
      {fault && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <button class="button primary" disabled={busy || pin.length < 4}>
        {words.unlockAs(holder.name)}
      </button>
    </form>
  );
}

function SignInForm(): VNode {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFault("");
    try {
      await signIn(username, password);
    } catch (failure) {
      setFault(said(failure));
      setBusy(false);
    }
  };
  return (
    <form class="stack" onSubmit={(event) => void submit(event)}>
      <label class="field">
        <span>{words.username}</span>
        <input name="username" autoComplete="username" autoCapitalize="none" spellcheck={false} required value={username} onInput={(event) => setUsername(event.currentTarget.value)} />
      </label>
      <label class="field">
        <span>{words.password}</span>
        <input name="password" type="password" autoComplete="current-password" required value={password} onInput={(event) => setPassword(event.currentTarget.value)} />
      </label>
      {fault && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <button class="button primary" disabled={busy}>
        {words.signIn}
      </button>
    </form>
  );
}
