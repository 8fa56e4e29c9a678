import type { VNode } from "preact";
import { Who } from "../../parts/person";
import { address, before } from "../../place";
import { person } from "../../store";
import { words as everywhere } from "../../words";
import { accountWords } from "../../words.account";
import { OwnPassword } from "./own-password";
import { OwnIdentity } from "./provider";
import { SecondFactor } from "./second-factor";
import { SignIns } from "./sign-ins";
import "./account.css";

export { GivenPassword } from "./given-password";
export { Invited } from "./invited";

/** Who may take the record out. */
const EXPORTS = new Set(["lead", "auditor"]);

/** What is one's own here, one card a thing. */
export function Account(): VNode {
  return (
    <div class="screen">
      <header class="bar">
        <a class="button back" href={address(before.value)} aria-label={everywhere.back}>
          &#8592;
        </a>
        <h1>{everywhere.titles.account}</h1>
        <Who />
      </header>
      <main class="page narrow stack">
        <OwnPassword />
        <SecondFactor />
        <OwnIdentity />
        <SignIns />
        {EXPORTS.has(person.value?.role ?? "") && (
          <a class="button" href={address({ screen: "clinic", part: "exports" })}>
            {accountWords.exports}
          </a>
        )}
        {person.value?.role === "clinician" && (
          <a class="button" href={address({ screen: "setup", part: "protocols" })}>
            {accountWords.protocols}
          </a>
        )}
      </main>
    </div>
  );
}
