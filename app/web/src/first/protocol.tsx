import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { ask, Refused, type Schemas } from "../api";
import { faultsOf, Field, useForm } from "../parts/form";
import { noticeFailure, own, person, token } from "../store";
import { firstWords } from "../words.first";
import { useAsked } from "./asked";
import { Approvals, Example, nameOf } from "./protocols";
import { Go, NotHeard, Screen } from "./setup";

const words = firstWords.protocols;
type Whole = Schemas["ProtocolOut"];
type Told = Whole["in_words"][number];
type Group = keyof typeof words.groups;

/** One version, every line of it in words; the approval comes after the last. */
export function ProtocolScreen({ id, version }: { id: string; version: string }): VNode {
  const asked = useAsked(async () => (await ask("get", "/v1/protocols/{protocol_id}/versions/{version}", { protocol_id: id, version }, undefined, own())).body);
  const protocol = asked.found;
  const mine = protocol?.approvals.some((each) => each.by.staff_id === person.value?.staff_id) ?? false;
  const [moved, setMoved] = useState(false);
  const isMoved = (): void => {
    setMoved(true);
    asked.again();
    scrollTo(0, 0);
  };
  return (
    <Screen title={protocol ? nameOf(protocol) : words.title} back="protocols" foot={mine && <Go part="" label={firstWords.setup.toSetup} primary />}>
      {protocol === null ? (
        <NotHeard asked={asked} />
      ) : (
        <>
          {moved && (
            <p class="danger" role="alert">
              {words.moved}
            </p>
          )}
          {protocol.example && (
            <div class="concern stack">
              <Example />
              <p>{words.notStandard}</p>
            </div>
          )}
          <Approvals protocol={protocol} />
          {(Object.keys(words.groups) as Group[]).map((group) => (
            <Lines key={group} title={words.groups[group]} told={protocol.in_words.filter((each) => each.table.split(".")[0] === group)} />
          ))}
          <p class="quiet">{words.ownNumbers}</p>
          {!mine && <Approval protocol={protocol} approved={asked.again} moved={isMoved} />}
        </>
      )}
    </Screen>
  );
}

function Lines({ title, told }: { title: string; told: Told[] }): VNode | null {
  if (told.length === 0) return null;
  return (
    <section class="card told">
      <h2>{title}</h2>
      {told.map((each) => (
        <div key={each.table}>
          <h3>{each.title}</h3>
          {each.says.map((line) => (
            <p key={line} class="number">
              {line}
            </p>
          ))}
          {each.source && <p class="quiet">{words.source(each.source)}</p>}
        </div>
      ))}
    </section>
  );
}

function Approval({ protocol, approved, moved }: { protocol: Whole; approved: () => void; moved: () => void }): VNode {
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const { faults, setFaults, ref: form } = useForm();
  const who = person.value?.name ?? "";
  const approve = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || !password) return;
    setBusy(true);
    const bearer = token.value;
    const asked = own();
    // what is approved is what was read, and nothing that took its place meanwhile
    const headers = { ...asked.headers, "If-Match": `"${protocol.revision}"` };
    try {
      const names = { protocol_id: protocol.id, version: String(protocol.version) };
      await ask("post", "/v1/protocols/{protocol_id}/versions/{version}/approve", names, { password }, { ...asked, headers });
      approved();
    } catch (failure) {
      noticeFailure(failure, bearer);
      if (failure instanceof Refused && failure.problem.status === 412) moved();
      else setFaults({ password: faultsOf(failure)[""] ?? "" });
    }
    setPassword("");
    setBusy(false);
  };
  return (
    <form class="card" ref={form} onSubmit={(event) => void approve(event)}>
      <h2>{words.approveTitle}</h2>
      <p>{words.approveWhy(who)}</p>
      <Field label={words.password} kind="password" complete="current-password" value={password} set={setPassword} fault={faults.password} />
      <button class="button primary" disabled={busy || !password}>
        {words.approve(protocol.id, protocol.version, who)}
      </button>
    </form>
  );
}
