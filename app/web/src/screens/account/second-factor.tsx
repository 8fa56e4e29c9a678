import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../../api";
import { Field, Outcome, useForm } from "../../parts/form";
import { answer, canAnswer, canMake, factors, make, type Factors, type Proof } from "../../signing";
import type { ToSign } from "../../challenge";
import { useAsked, useScope } from "../../scope";
import { connected, person } from "../../store";
import { dayText } from "../../time";
import { Picture } from "./picture";
import { words } from "./words";

type Adding = "passkey" | "six-digits" | "codes";
type Doing = { what: Adding } | { what: "remove"; factor: string; called: string };
type Owned = Proof & { recovery_code?: string };
type Digits = Schemas["DigitsBegunOut"];

const SIGNED = { passkey: "add-factor", "six-digits": "add-factor", codes: "recovery-codes", remove: "remove-factor" } as const;
const groups = (text: string): string[] => text.match(/.{1,4}/g) ?? [];

/** One's passkeys, six digits and recovery codes: each added, and removed, by whoever shows that it is theirs. */
export function SecondFactor(): VNode {
  const { found, refused, again } = useAsked(factors);
  const [doing, setDoing] = useState<Doing | null>(null);
  const [digits, setDigits] = useState<Digits | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  if (found === null)
    return (
      <section class="card" aria-labelledby="signs">
        <h2 id="signs">{words.title}</h2>
        <p class="unknown">{refused || (connected.value ? "" : words.notHeard)}</p>
      </section>
    );
  const over = (): void => {
    setDoing(null);
    setDigits(null);
    again();
  };
  const has = found.passkeys.length > 0 || found.six_digits;
  return (
    <section class="card stack" aria-labelledby="signs">
      <h2 id="signs">{words.title}</h2>
      <p>{words.policy[found.signing]}</p>
      {found.reset && <p class="danger">{words.reset}</p>}
      {!has && <p class="unknown">{words.none}</p>}
      {found.passkeys.map((each) => {
        const called = words.passkey(each.name, dayText(each.added_at));
        return <Held key={each.id} called={called} remove={() => setDoing({ what: "remove", factor: each.id, called })} />;
      })}
      {found.six_digits && <Held called={words.digits} remove={() => setDoing({ what: "remove", factor: "six-digits", called: words.digits })} />}
      {codes !== null ? (
        <Codes codes={codes} done={() => (setCodes(null), again())} />
      ) : digits !== null ? (
        <ShowsDigits begun={digits} done={over} />
      ) : doing !== null ? (
        <Owner found={found} doing={doing} cancel={() => setDoing(null)} done={over} begun={setDigits} made={(given) => (setDoing(null), setCodes(given))} />
      ) : (
        <>
          <Offer label={words.addPasskey} why={canMake(found) ? words.passkeyWhy : words.noPasskeys} able={canMake(found)} tap={() => setDoing({ what: "passkey" })} />
          {!found.six_digits && <Offer label={words.addDigits} why={words.digitsWhy} able tap={() => setDoing({ what: "six-digits" })} />}
          {has && !found.reset && <Offer label={words.makeCodes} why={`${words.codes(found.recovery_codes)} ${words.codesWhy}`} able tap={() => setDoing({ what: "codes" })} />}
        </>
      )}
    </section>
  );
}

function Held({ called, remove }: { called: string; remove: () => void }): VNode {
  return (
    <p class="held">
      <span>&#10003; {called}</span>
      <button type="button" class="button plain" aria-label={words.removeNamed(called)} onClick={remove}>
        {words.remove}
      </button>
    </p>
  );
}

function Offer({ label, why, able, tap }: { label: string; why: string; able: boolean; tap: () => void }): VNode {
  return (
    <div class="stack">
      <p class="quiet">{why}</p>
      <span>
        <button type="button" class="button" disabled={!able} onClick={tap}>
          {label}
        </button>
      </span>
    </div>
  );
}

interface OwnerProps {
  found: Factors;
  doing: Doing;
  cancel: () => void;
  done: () => void;
  begun: (digits: Digits) => void;
  made: (codes: string[]) => void;
}

/** The password, and where there is a second factor that one, or a recovery code: then what was asked for is done. */
function Owner({ found, doing, cancel, done, begun, made }: OwnerProps): VNode {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [recovery, setRecovery] = useState("");
  const form = useForm();
  const scope = useScope();
  const more = found.passkeys.length > 0 || found.six_digits || found.recovery_codes > 0;
  const toSign: ToSign = { sign: SIGNED[doing.what], about: person.value?.staff_id ?? "", says: "factor" in doing ? { factor: doing.factor } : {} };
  const act = async (proof: Owned): Promise<void> => {
    if (doing.what === "passkey") {
      const asked = (await scope.ask("post", "/v1/account/passkeys/begin", {}, proof)).body;
      await scope.ask("post", "/v1/account/passkeys", {}, await make(asked, name.trim()));
      done();
    } else if (doing.what === "six-digits") begun((await scope.ask("post", "/v1/account/six-digits/begin", {}, proof)).body);
    else if (doing.what === "codes") made((await scope.ask("post", "/v1/account/recovery-codes", {}, proof)).body.codes);
    else if ("factor" in doing) {
      await scope.ask("post", "/v1/account/second-factor/remove", {}, { ...proof, factor: doing.factor });
      done();
    }
  };
  const check = (): Record<string, string> => ({ name: doing.what === "passkey" && !name.trim() ? words.nameMissing : "" });
  const typed = (): Owned => ({ password, ...(code ? { code } : {}), ...(recovery.trim() ? { recovery_code: recovery.trim() } : {}) });
  const byPasskey = async (): Promise<void> => act({ password, passkey: await answer(scope, found, toSign) });
  return (
    <form class="stack" noValidate ref={form.ref} onSubmit={form.submit(check, () => act(typed()))}>
      {doing.what === "passkey" && <Field label={words.name} hint={words.nameHint} most={80} value={name} set={setName} fault={form.faults.name} />}
      <p class="quiet">{words.owner}</p>
      <Field label={words.password} kind="password" complete="current-password" value={password} set={setPassword} fault={form.faults.password} />
      {more && <p class="quiet">{words.proof}</p>}
      {canAnswer(found) && (
        <span>
          <button type="button" class="button" disabled={form.busy || !password} onClick={form.submit(check, byPasskey)}>
            {words.byPasskey}
          </button>
        </span>
      )}
      {found.six_digits && <Field label={words.code} kind="number" complete="one-time-code" most={6} value={code} set={setCode} fault={form.faults.code} />}
      {more && found.recovery_codes > 0 && <Field label={words.recovery} kind="username" most={64} value={recovery} set={setRecovery} fault={form.faults.recovery_code} />}
      <span class="row acts">
        <button type="button" class="button plain" onClick={cancel}>
          {words.cancel}
        </button>
        <button class="button primary" disabled={form.busy || !password}>
          {words.goOn}
        </button>
      </span>
      <Outcome form={form} fields={["name", "password", "code", "recovery_code"]} />
    </form>
  );
}

/** The secret, once; it counts when the app shows the right digits. */
function ShowsDigits({ begun, done }: { begun: Digits; done: () => void }): VNode {
  const [code, setCode] = useState("");
  const form = useForm();
  const scope = useScope();
  const confirm = async (): Promise<void> => {
    await scope.ask("post", "/v1/account/six-digits", {}, { nonce: begun.nonce, code });
    done();
  };
  return (
    <form class="stack" noValidate ref={form.ref} onSubmit={form.submit(() => ({}), confirm)}>
      <p>{words.typeSecret}</p>
      <Picture text={begun.address} about={words.picture} />
      <ul class="secret" translate={false}>
        {groups(begun.secret).map((each, at) => (
          <li key={at}>{each}</li>
        ))}
      </ul>
      <a class="button" href={begun.address}>
        {words.open}
      </a>
      <Field label={words.showsCode} kind="number" complete="one-time-code" most={6} value={code} set={setCode} fault={form.faults.code} />
      <span class="row acts">
        <button class="button primary" disabled={form.busy || code.length !== 6}>
          {words.confirm}
        </button>
      </span>
      <Outcome form={form} fields={["code"]} />
    </form>
  );
}

function Codes({ codes, done }: { codes: string[]; done: () => void }): VNode {
  return (
    <div class="stack">
      <p>{words.codesShown}</p>
      <ul class="secret codes" translate={false}>
        {codes.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
      <span class="row acts">
        <button type="button" class="button" onClick={() => print()}>
          {words.print}
        </button>
        <button type="button" class="button primary" onClick={done}>
          {words.done}
        </button>
      </span>
    </div>
  );
}
