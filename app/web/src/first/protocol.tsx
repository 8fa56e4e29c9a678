import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Refused, type Schemas } from "../api";
import { faultsOf, useForm } from "../parts/form";
import { Sign, useSigner } from "../parts/signer";
import { useAsked, useScope } from "../scope";
import type { Proof } from "../signing";
import { person } from "../store";
import { firstWords } from "../words.first";
import { New, Replay } from "./changes";
import { Approvals, Example, isLead, nameOf } from "./protocols";
import { Go, NotHeard, Screen } from "./setup";

const words = firstWords.protocols;
type Whole = Schemas["ProtocolChangesOut"];
type Told = Whole["in_words"][number];
type Group = keyof typeof words.groups;

/** One version, every line of it in words; the approval comes after the last. */
export function ProtocolScreen({ id, version }: { id: string; version: string }): VNode {
  const asked = useAsked(async ({ ask }) => (await ask("get", "/v1/protocols/{protocol_id}/versions/{version}/changes", { protocol_id: id, version })).body, [id, version]);
  const protocol = asked.found;
  const mine = protocol?.approvals.some((each) => each.by.staff_id === person.value?.staff_id) ?? false;
  const [moved, setMoved] = useState(false);
  const isMoved = (): void => {
    setMoved(true);
    asked.again();
    scrollTo(0, 0);
  };
  return (
    <Screen title={protocol ? nameOf(protocol) : words.title} back="protocols" foot={mine && isLead() && <Go part="" label={firstWords.setup.toSetup} primary />}>
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
          {protocol.author && <p>{words.author(protocol.author.name)}</p>}
          <Approvals protocol={protocol} />
          <New since={protocol.since} />
          {(Object.keys(words.groups) as Group[]).map((group) => (
            <Lines key={group} title={words.groups[group]} told={protocol.in_words.filter((each) => each.table.split(".")[0] === group)} />
          ))}
          <Replay replay={protocol.replay} />
          <p class="quiet">{words.ownNumbers}</p>
          {isLead() && <Go part={`${id}:${version}:new`} label={words.makeNew} />}
          {isLead() && protocol.status === "draft" && protocol.author && <Go part={`${id}:${version}:change`} label={words.changeDraft} />}
          {!mine && !protocol.may_approve && <p class="concern">{words.alone}</p>}
          {!mine && protocol.may_approve && <Approval protocol={protocol} approved={asked.again} moved={isMoved} />}
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
  const signer = useSigner();
  const [busy, setBusy] = useState(false);
  const { faults, setFaults, ref: form } = useForm();
  const scope = useScope();
  const who = person.value?.name ?? "";
  const approve = async (proof: () => Promise<Proof>): Promise<void> => {
    if (busy) return;
    setBusy(true);
    // what is approved is what was read, and nothing that took its place meanwhile
    const headers = { "If-Match": `"${protocol.revision}"` };
    try {
      const names = { protocol_id: protocol.id, version: String(protocol.version) };
      await scope.ask("post", "/v1/protocols/{protocol_id}/versions/{version}/approve", names, await proof(), { headers });
      approved();
    } catch (failure) {
      if (failure instanceof Refused && failure.problem.status === 412) moved();
      else setFaults({ password: faultsOf(failure)[""] ?? "" });
    }
    signer.clear();
    setBusy(false);
  };
  return (
    <form class="card" ref={form} onSubmit={(event) => event.preventDefault()}>
      <h2>{words.approveTitle}</h2>
      <p>{words.approveWhy(who)}</p>
      <Sign
        signer={signer}
        label={words.approve(protocol.id, protocol.version, who)}
        toSign={{ sign: "protocol-approval", about: `${protocol.id}/${protocol.version}`, says: { hash: protocol.hash } }}
        act={approve}
        busy={busy}
        fault={faults.password}
      />
    </form>
  );
}
