import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { address } from "../place";
import { useAsked, useScope } from "../scope";
import { answer, canAnswer, factors, type Factors, type Proof } from "../signing";
import type { ToSign } from "../challenge";
import { words } from "../words.signing";
import { Field } from "./form";

export interface Signer {
  found: Factors | null;
  password: string;
  code: string;
  setPassword: (text: string) => void;
  setCode: (text: string) => void;
  /** Forgets what was typed. */
  clear: () => void;
}

/** What the person here signs with. Until that is known, and where it cannot be, it is the password. */
export function useSigner(): Signer {
  const { found } = useAsked(factors);
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const clear = (): void => {
    setPassword("");
    setCode("");
  };
  return { found, password, code, setPassword, setCode, clear };
}

interface SignProps {
  signer: Signer;
  /** What the button says, such as "Sign as Cleo". */
  label: string;
  toSign: ToSign;
  /** Sends it with the proof that it asks for. */
  act: (proof: () => Promise<Proof>) => Promise<void>;
  busy: boolean;
  /** What is signed is not whole yet. */
  disabled?: boolean;
  before?: VNode;
  fault?: string | undefined;
  plain?: boolean;
}

/** One tap with a passkey; or the password, with six digits where the clinic asks for them. */
export function Sign({ signer, label, toSign, act, busy, disabled = false, before, fault, plain = false }: SignProps): VNode {
  const { found, password, code } = signer;
  const scope = useScope();
  const digits = found?.six_digits === true;
  const alone = found === null || found.signing === "password";
  const byPasskey = canAnswer(found);
  const [typing, setTyping] = useState(false);
  const typed = digits || alone;
  const whole = password !== "" && (alone || code.length === 6);
  if (found?.reset && !alone) return <Missing text={words.reset} before={before} />;
  if (!byPasskey && !typed) return <Missing text={words.none} before={before} />;
  const withPasskey = async (): Promise<Proof> => ({ passkey: await answer(scope, found as Factors, toSign) });
  const withPassword = async (): Promise<Proof> => ({ password, ...(digits && code ? { code } : {}) });
  const byEnter = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && !busy && !disabled && whole) void act(withPassword);
  };
  const fields = (
    <div class="stack" onKeyDown={byEnter}>
      <Field label={words.password} kind="password" complete="current-password" value={password} set={signer.setPassword} fault={fault} />
      {digits && <Field label={words.code} kind="number" complete="one-time-code" most={6} value={code} set={(text) => signer.setCode(text.replace(/\D/g, ""))} />}
    </div>
  );
  return (
    <>
      {(!byPasskey || typing) && fields}
      <span class="row acts">
        {before}
        {byPasskey && typed && !typing && (
          <button type="button" class="button" onClick={() => setTyping(true)}>
            {words.otherwise}
          </button>
        )}
        {byPasskey && !typing ? (
          <button type="button" class="button primary" disabled={busy || disabled} onClick={() => void act(withPasskey)}>
            {words.withPasskey(label)}
          </button>
        ) : (
          <button type="button" class={plain ? "button" : "button primary"} disabled={busy || disabled || !whole} onClick={() => void act(withPassword)}>
            {label}
          </button>
        )}
      </span>
    </>
  );
}

function Missing({ text, before }: { text: string; before: VNode | undefined }): VNode {
  return (
    <>
      <p class="unknown">{text}</p>
      <span class="row acts">
        {before}
        <a class="button" href={address({ screen: "account" })}>
          {words.toAccount}
        </a>
      </span>
    </>
  );
}
