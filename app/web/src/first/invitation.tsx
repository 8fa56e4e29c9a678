import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Schemas } from "../api";
import { Outcome, useForm } from "../parts/form";
import { ToCopy } from "../parts/to-copy";
import { type Scope, useScope } from "../scope";
import { clockText, dayText } from "../time";
import { firstWords } from "../words.first";
import type { Colleague } from "./setup";

const words = firstWords.colleagues;
type Made = Schemas["InvitationOut"];

export interface Invited {
  name: string;
  link: string;
  until: string;
}

/** The address is the one that this page was opened by: it works here, whatever the service was told of itself. */
export const invitedBy = (name: string, made: Made): Invited => ({ name, link: `${location.origin}/#invitation=${made.token}`, until: made.expires_at });

export async function invite({ ask }: Scope, staff_id: string): Promise<Made> {
  return (await ask("post", "/v1/staff/{staff_id}/invitation", { staff_id })).body;
}

/** The link, shown once; nothing of it is kept on this tablet. */
export function Invitation({ name, link, until }: Invited): VNode {
  const card = useRef<HTMLElement>(null);
  useEffect(() => card.current?.focus(), []);
  return (
    <section class="card concern stack" tabIndex={-1} ref={card}>
      <h2>{words.link(name)}</h2>
      <ToCopy label={words.give(name)} text={link} />
      <p>{words.once(`${dayText(until)}, ${clockText(until)}`)}</p>
    </section>
  );
}

/** Another link for somebody who has an account: said first what it ends. */
export function InviteAgain({ colleague, invited }: { colleague: Colleague; invited: (made: Invited) => void }): VNode {
  const [asked, setAsked] = useState(false);
  const form = useForm();
  const scope = useScope();
  const make = async (): Promise<void> => {
    invited(invitedBy(colleague.name, await invite(scope, colleague.id)));
    setAsked(false);
  };
  if (!asked)
    return (
      <button type="button" class="button" onClick={() => setAsked(true)}>
        {words.again(colleague.name)}
      </button>
    );
  return (
    <div class="stack whole">
      <p>{words.againWhy(colleague.name)}</p>
      <p class="row">
        <button type="button" class="button primary" disabled={form.busy} onClick={() => void form.run(make)}>
          {words.makeAgain}
        </button>
        <button type="button" class="button" onClick={() => setAsked(false)}>
          {words.keep}
        </button>
      </p>
      <Outcome form={form} />
    </div>
  );
}
