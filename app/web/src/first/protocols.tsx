import type { VNode } from "preact";
import { person } from "../store";
import { dayText } from "../time";
import { words as everywhere } from "../words";
import { firstWords } from "../words.first";
import { Go, NotHeard, Screen, useProtocols, type Protocol } from "./setup";

const words = firstWords.protocols;

export const nameOf = (protocol: Protocol): string =>
  everywhere.planning.protocol(protocol.route === "iv-infusion" ? everywhere.planning.routes["iv-infusion"] : everywhere.planning.routes.intranasal, protocol.id, protocol.version);

/** A clinician reads and approves protocols, and sets nothing else up. */
export const isLead = (): boolean => person.value?.role === "lead";

/** Every protocol of the clinic; none can be approved here, before it was read. */
export function ProtocolList(): VNode {
  const protocols = useProtocols();
  return (
    <Screen title={words.title} back={isLead() ? "" : null} foot={isLead() && <Go part="" label={firstWords.setup.toSetup} primary={protocols.found?.some((each) => each.approvals.length > 0) ?? false} />}>
      <p>{words.why}</p>
      {protocols.found === null && <NotHeard asked={protocols} />}
      {protocols.found?.map((each) => (
        <section class="card" key={`${each.id}:${each.version}`}>
          <h2>{nameOf(each)}</h2>
          {each.example && <Example />}
          <Approvals protocol={each} />
          <Go part={`${each.id}:${each.version}`} label={words.read(nameOf(each))} />
        </section>
      ))}
    </Screen>
  );
}

export function Example(): VNode {
  return <span class="badge">&#9651; {words.example}</span>;
}

export function Approvals({ protocol }: { protocol: Protocol }): VNode {
  if (protocol.approvals.length === 0) return <p>{words.draft}</p>;
  return (
    <>
      {protocol.approvals.map((each) => (
        <p key={each.at}>&#10003; {words.approvedBy(each.by.name, dayText(each.at))}</p>
      ))}
    </>
  );
}
