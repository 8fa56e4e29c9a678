// Signing in with the clinic's provider, beside the password. Fetched where there is one.

import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { said } from "../parts/form";
import { useScope } from "../scope";
import { comeIn } from "../store";
import { providerWords as words } from "../words.provider";
import { leave, whatCame } from "./leave";
import type { Offered } from "./offered";

/** The button, where something is offered; who comes back from the provider is let in in any case. */
export function ProviderSignIn({ offered }: { offered: Offered | null }): VNode {
  const [says, setSays] = useState("");
  const [fault, setFault] = useState("");
  const scope = useScope();
  const act = async (saying: string, doing: () => Promise<void>): Promise<void> => {
    setSays(saying);
    setFault("");
    try {
      await doing();
    } catch (failure) {
      setFault(said(failure));
      setSays("");
    }
  };
  useEffect(() => {
    const came = whatCame();
    if (came === null) return;
    const { browser, ...rest } = came;
    if (browser === null) setFault(words.notBegunHere);
    else void act(words.comingBack, async () => comeIn((await scope.ask("post", "/v1/sign-in/provider/finish", {}, { browser, ...rest })).body));
  }, []);
  const name = offered?.name ?? null;
  const id = offered?.clinic ?? null;
  return (
    <>
      {name !== null && id !== null && (
        <>
          <p class="quiet">{words.or}</p>
          <button class="button" type="button" disabled={says !== ""} onClick={() => void act(words.leaving(name), () => leave(scope, { clinic: id }))}>
            {words.signIn(name)}
          </button>
        </>
      )}
      {says && <p role="status">{says}</p>}
      {fault && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
    </>
  );
}
