import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../api";
import { NotHeard, Screen } from "../first/setup";
import { Ask, Field, Outcome, useForm } from "../parts/form";
import { ToCopy } from "../parts/to-copy";
import { useAsked, useScope } from "../scope";
import { clinicWords } from "../words.clinic";

const words = clinicWords.walls;
type WallBoard = Schemas["WallOut"];

/** The clinic's wall boards, and one more. */
export function WallsScreen(): VNode {
  const asked = useAsked(async ({ ask }) => (await ask("get", "/v1/walls", {})).body.items);
  return (
    <Screen title={words.title} back="">
      <Adding made={asked.again} />
      <section class="card stack">
        <h2>{words.which}</h2>
        {asked.found === null ? (
          <NotHeard asked={asked} />
        ) : asked.found.length === 0 ? (
          <p class="quiet">{words.none}</p>
        ) : (
          <ul class="stack">
            {[...asked.found].sort((a, b) => Number(b.in_use) - Number(a.in_use)).map((each) => (
              <One key={each.id} wall={each} again={asked.again} />
            ))}
          </ul>
        )}
      </section>
    </Screen>
  );
}

function Adding({ made }: { made: () => void }): VNode {
  const [name, setName] = useState("");
  const [initials, setInitials] = useState(false);
  const [link, setLink] = useState("");
  const form = useForm();
  const scope = useScope();
  const add = async (): Promise<void> => {
    const wall_id = crypto.randomUUID();
    const answer = await scope.ask("put", "/v1/walls/{wall_id}", { wall_id }, { name: name.trim(), initials, in_use: true });
    setLink(`${location.origin}/#wall=${answer.body.token}`);
    setName("");
    made();
  };
  return (
    <form class="card stack" noValidate ref={form.ref} onSubmit={form.submit(() => ({ name: name.trim() ? "" : words.nameMissing }), add)}>
      <p>{words.why}</p>
      <Field label={words.name} value={name} set={setName} fault={form.faults.name} />
      <Ask
        label={words.shows}
        options={[
          { value: false, label: words.nobody },
          { value: true, label: words.initials },
        ]}
        picked={initials}
        pick={setInitials}
      />
      <button class="button primary" disabled={form.busy}>
        {words.make}
      </button>
      <Outcome form={form} fields={["name"]} />
      {link && <ToCopy label={words.once} text={link} />}
    </form>
  );
}

function One({ wall, again }: { wall: WallBoard; again: () => void }): VNode {
  const [sure, setSure] = useState(false);
  const form = useForm();
  const scope = useScope();
  const end = async (): Promise<void> => {
    const body = { name: wall.name, initials: wall.initials, in_use: false };
    await scope.ask("put", "/v1/walls/{wall_id}", { wall_id: wall.id }, body, { headers: { "If-Match": `"${wall.revision}"` } });
    again();
  };
  return (
    <li>
      <div class="row spread">
        <span>
          <b>{wall.name}</b> <span class="quiet">{wall.initials ? words.initials : words.nobody}</span>
          {!wall.in_use && <b> {words.ended}</b>}
        </span>
        {wall.in_use && (
          <button type="button" class="button" disabled={form.busy} aria-label={`${sure ? words.endSure : words.end}: ${wall.name}`} onClick={() => (sure ? void form.run(end) : setSure(true))}>
            {sure ? words.endSure : words.end}
          </button>
        )}
      </div>
      <Outcome form={form} />
    </li>
  );
}
