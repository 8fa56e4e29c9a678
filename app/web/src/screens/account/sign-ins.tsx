import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../../api";
import { NotHeard } from "../../parts/asked";
import { said } from "../../parts/form";
import { useAsked, useScope } from "../../scope";
import { signOut } from "../../store";
import { clockText, dayText } from "../../time";
import { words as everywhere } from "../../words";
import { accountWords } from "../../words.account";

const words = accountWords.signIns;
type Open = Schemas["OpenSignInOut"];

/** Where one is signed in, each with the one button that ends it. */
export function SignIns(): VNode {
  const asked = useAsked(async ({ ask }) => (await ask("get", "/v1/account/sign-ins", {})).body.items);
  const [fault, setFault] = useState("");
  const scope = useScope();
  const end = async (one: Open): Promise<void> => {
    if (one.here) return signOut();
    setFault("");
    try {
      await scope.ask("post", "/v1/account/sign-ins/{sign_in_id}/end", { sign_in_id: one.id });
    } catch (failure) {
      setFault(said(failure));
    }
    asked.again();
  };
  return (
    <section class="card stack" aria-labelledby="sign-ins">
      <h2 id="sign-ins">{words.title}</h2>
      <p>{words.why}</p>
      {asked.found === null ? (
        <NotHeard asked={asked} waiting={words.notHeard} />
      ) : (
        <ul class="stack">
          {asked.found.map((one) => (
            <li key={one.id} class="stack">
              <span>
                <b>
                  {words.at(one.tablet_name)}
                  {one.here && ` (${words.here})`}
                </b>
                <br />
                <span class="number">
                  {[
                    words.begun(dayText(one.begun_at), clockText(one.begun_at)),
                    one.last_used_at === null ? words.locked : words.used(clockText(one.last_used_at)),
                    ...(one.pin ? [words.pin] : []),
                  ].join(" · ")}
                </span>
              </span>
              <button class="button" aria-label={one.here ? undefined : words.endOne(words.at(one.tablet_name), clockText(one.begun_at))} onClick={() => void end(one)}>
                {one.here ? everywhere.signOut : words.end}
              </button>
            </li>
          ))}
        </ul>
      )}
      {fault && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
    </section>
  );
}
