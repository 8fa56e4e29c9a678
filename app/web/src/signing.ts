// What signs: a passkey's answer, or the password with six digits.

import { Refused, type Schemas } from "./api";
import { challenge, decoded, encoded, type ToSign } from "./challenge";
import type { Scope } from "./scope";
import { words } from "./words.signing";

export type Factors = Schemas["SecondFactorOut"];
export type Answer = Schemas["PasskeyAnswerIn"];
/** What goes with a request that signs. */
export type Proof = { password?: string; code?: string; passkey?: Answer };
export async function factors(scope: Scope): Promise<Factors> {
  return (await scope.ask("get", "/v1/account/second-factor", {})).body;
}

/** Why the person here can sign nothing yet, wherever they are; "" where nothing stands in the way. */
export function signsNothing(found: Factors): string {
  if (found.signing === "password") return "";
  if (found.reset) return words.reset;
  return found.passkeys.length > 0 || found.six_digits ? "" : words.none;
}

const stopped = (detail: string): Refused => new Refused({ status: 0, code: "passkey-not-asked", title: detail, detail });

/** Whether this device can answer with one of these passkeys, at this address. */
export function canAnswer(found: Factors | null): boolean {
  return found !== null && found.passkeys.length > 0 && canMake(found);
}
export function canMake(found: Factors): boolean {
  return "PublicKeyCredential" in window && found.passkeys_for !== null && (location.hostname === found.passkeys_for || location.hostname.endsWith(`.${found.passkeys_for}`));
}

/** The device's answer for exactly this. */
export async function answer(scope: Scope, found: Factors, signed: ToSign): Promise<Answer> {
  const { nonce } = (await scope.ask("post", "/v1/account/nonces", {})).body;
  const publicKey: PublicKeyCredentialRequestOptions = {
    challenge: await challenge(nonce, signed),
    allowCredentials: found.passkeys.map((each) => ({ type: "public-key", id: decoded(each.id) })),
    userVerification: "required",
    ...(found.passkeys_for === null ? {} : { rpId: found.passkeys_for }),
  };
  const given = (await navigator.credentials.get({ publicKey }).catch(() => null)) as PublicKeyCredential | null;
  if (given === null) throw stopped(words.notAnswered);
  const { clientDataJSON, authenticatorData, signature } = given.response as AuthenticatorAssertionResponse;
  return { nonce, id: encoded(given.rawId), client_data: encoded(clientDataJSON), authenticator_data: encoded(authenticatorData), signature: encoded(signature) };
}

/** A new passkey of this device, as the service takes it. */
export async function make(begun: Schemas["PasskeyBegunOut"], name: string): Promise<Schemas["PasskeyIn"]> {
  const publicKey: PublicKeyCredentialCreationOptions = {
    challenge: decoded(begun.challenge),
    rp: { id: begun.party, name: "Infusion Vitals" },
    user: { id: new TextEncoder().encode(begun.user_id), name: begun.username, displayName: begun.name },
    pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
    excludeCredentials: begun.have.map((id) => ({ type: "public-key", id: decoded(id) })),
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
  };
  const made = (await navigator.credentials.create({ publicKey }).catch(() => null)) as PublicKeyCredential | null;
  if (made === null) throw stopped(words.notMade);
  const { clientDataJSON, attestationObject } = made.response as AuthenticatorAttestationResponse;
  return { nonce: begun.nonce, name, client_data: encoded(clientDataJSON), attestation: encoded(attestationObject) };
}
