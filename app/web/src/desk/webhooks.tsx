import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../api";
import { Ask, Field, type Faults, Outcome, useForm } from "../parts/form";
import { ToCopy } from "../parts/to-copy";
import { type Scope, useAsked, useScope } from "../scope";
import { clockText, dayText } from "../time";
import { actionWords } from "../words.actions";
import { deskWords, webhookWords as words } from "../words.desk";
import { Ending, NotHeard, Screen, Several } from "./frame";
import { KINDS } from "./kinds";

type Webhook = Schemas["WebhookOut"];
type Letter = Schemas["LetterOut"];
const when = (instant: string): string => `${dayText(instant)} ${clockText(instant)}`;
const kind = (name: string): string => actionWords[name] ?? name;

async function all({ ask }: Scope): Promise<Webhook[]> {
  const found: Webhook[] = [];
  for (let after: string | null = ""; after !== null; ) {
    const page: Schemas["WebhooksOut"] = (await ask("get", "/v1/webhooks", {}, undefined, after === "" ? {} : { query: { after } })).body;
    found.push(...page.items);
    after = page.next;
  }
  return found;
}

/** Who is told of changes and how that goes, and one more. */
export function WebhooksScreen(): VNode {
  const asked = useAsked(all);
  return (
    <Screen {...deskWords.webhooks} back={{ screen: "setup" }}>
      <section class="card stack">
        <h2>{words.which}</h2>
        {asked.found === null ? (
          <NotHeard asked={asked} />
        ) : asked.found.length === 0 ? (
          <p class="quiet">{words.none}</p>
        ) : (
          <>
            <ul class="stack">
              {asked.found.map((each) => (
                <One key={each.id} webhook={each} again={asked.again} />
              ))}
            </ul>
            <span>
              <button type="button" class="button" onClick={asked.again}>
                {words.look}
              </button>
            </span>
          </>
        )}
      </section>
      <Adding made={asked.again} />
    </Screen>
  );
}

/** How its deliveries stand: a shape and words, never a colour alone. */
function State({ webhook }: { webhook: Webhook }): VNode {
  const { paused, failing_since: since, last_failure: failure, waiting, dead } = webhook;
  const facts = [waiting > 0 ? words.waits(waiting) : "", failure !== null ? words.answered(failure) : ""].filter(Boolean);
  return (
    <>
      <span class={paused !== null || since !== null ? "concern" : ""}>
        {[paused !== null ? words.aside(paused) : since !== null ? words.failing(when(since)) : words.delivering, ...facts].join(" \u00b7 ")}
      </span>
      {dead > 0 && <span class="concern">{words.givenUp(dead)}</span>}
    </>
  );
}

function One({ webhook, again }: { webhook: Webhook; again: () => void }): VNode {
  const [secret, setSecret] = useState("");
  const [tried, setTried] = useState(false);
  const [dead, setDead] = useState(false);
  const form = useForm();
  const scope = useScope();
  const webhook_id = webhook.id;
  const attempt = async (): Promise<void> => {
    await scope.ask("post", "/v1/webhooks/{webhook_id}/try", { webhook_id });
    setTried(true);
    again();
  };
  const renew = async (): Promise<void> => {
    setSecret((await scope.ask("post", "/v1/webhooks/{webhook_id}/secret", { webhook_id })).body.secret);
  };
  const end = async (): Promise<void> => {
    await scope.ask("post", "/v1/webhooks/{webhook_id}/end", { webhook_id });
    again();
  };
  return (
    <li class="listed stack">
      <b>{webhook.url}</b>
      <State webhook={webhook} />
      <span class="quiet">
        {webhook.kinds === null ? words.every : words.some(webhook.kinds.map(kind).join(", "))} · {webhook.with_values ? words.values : words.ids}
      </span>
      <span class="row">
        <button type="button" class="button" disabled={form.busy} aria-label={`${words.try}: ${webhook.url}`} onClick={() => void form.run(attempt)}>
          {words.try}
        </button>
        {webhook.dead > 0 && (
          <button type="button" class="button" aria-expanded={dead} onClick={() => setDead(!dead)}>
            {words.showDead}
          </button>
        )}
        <button type="button" class="button" disabled={form.busy} aria-label={`${words.secret}: ${webhook.url}`} onClick={() => void form.run(renew)}>
          {words.secret}
        </button>
        <Ending label={words.end} name={webhook.url} means={words.endMeans} busy={form.busy} end={() => void form.run(end)} />
      </span>
      {tried && (
        <p class="quiet" role="status">
          {words.tried}
        </p>
      )}
      {secret && <ToCopy label={words.secretAnew} text={secret} />}
      {dead && <GivenUp id={webhook_id} again={again} />}
      {form.fault && <Outcome form={form} />}
    </li>
  );
}

/** What was given up, the first of it: whoever sends those again sees the next. */
function GivenUp({ id: webhook_id, again }: { id: string; again: () => void }): VNode {
  const asked = useAsked(async ({ ask }) => (await ask("get", "/v1/webhooks/{webhook_id}/dead", { webhook_id })).body.items);
  const form = useForm();
  const scope = useScope();
  const resend = async (letter: Letter): Promise<void> => {
    await scope.ask("post", "/v1/webhooks/{webhook_id}/dead/{position}/resend", { webhook_id, position: String(letter.position) });
    asked.again();
    again();
  };
  if (asked.found === null) return <NotHeard asked={asked} />;
  return (
    <ul class="stack">
      {asked.found.map((each) => (
        <li key={each.position} class="row spread">
          <span>
            {kind(each.kind)} <span class="quiet">{words.since(when(each.waiting_since))}</span>
          </span>
          <button type="button" class="button" disabled={form.busy} aria-label={`${words.resend}: ${kind(each.kind)}, ${each.position}`} onClick={() => void form.run(() => resend(each))}>
            {words.resend}
          </button>
        </li>
      ))}
      {form.fault && (
        <li>
          <Outcome form={form} />
        </li>
      )}
    </ul>
  );
}

function Adding({ made }: { made: () => void }): VNode {
  const [url, setUrl] = useState("");
  const [every, setEvery] = useState<boolean | null>(null);
  const [kinds, setKinds] = useState<ReadonlySet<string>>(new Set());
  const [values, setValues] = useState<boolean | null>(null);
  const [secret, setSecret] = useState("");
  const form = useForm();
  const scope = useScope();
  const check = (): Faults => ({
    url: url.trim() ? "" : words.urlMissing,
    kinds: every === null ? words.aboutMissing : !every && kinds.size === 0 ? words.kindsMissing : "",
    with_values: values === null ? words.sendsMissing : "",
  });
  const add = async (): Promise<void> => {
    setSecret("");
    const body = { url: url.trim(), kinds: every ? null : [...kinds], with_values: values === true };
    setSecret((await scope.ask("post", "/v1/webhooks", {}, body)).body.secret);
    setUrl("");
    setEvery(null);
    setKinds(new Set());
    setValues(null);
    made();
  };
  return (
    <form class="card stack" noValidate ref={form.ref} onSubmit={form.submit(check, add)}>
      <h2>{words.add}</h2>
      <Field label={words.url} hint={words.urlHint} kind="username" most={1000} value={url} set={setUrl} fault={form.faults.url} />
      <Ask
        label={words.about}
        options={[
          { value: true, label: words.all },
          { value: false, label: words.chosen },
        ]}
        picked={every}
        pick={setEvery}
        fault={every === false ? undefined : form.faults.kinds}
      />
      {every === false && <Several label={words.kinds} options={KINDS.map((name) => [name, kind(name)])} picked={kinds} set={setKinds} fault={form.faults.kinds} />}
      <Ask
        label={words.sends}
        options={[
          { value: false, label: words.idsOnly },
          { value: true, label: words.withValues },
        ]}
        picked={values}
        pick={setValues}
        fault={form.faults.with_values}
      />
      <button class="button primary" disabled={form.busy}>
        {words.save}
      </button>
      <Outcome form={form} fields={["url", "kinds", "with_values"]} />
      {secret && <ToCopy label={words.secretIs} text={secret} />}
    </form>
  );
}
