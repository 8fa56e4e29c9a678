// What a lead oversees and an auditor asks. Fetched when it is first shown, so that a nurse's tablet starts without it.

import type { VNode } from "preact";
import { address } from "../place";
import { person } from "../store";
import { deskWords as words } from "../words.desk";
import { AuditScreen } from "./audit";
import { Screen } from "./frame";
import { MachinesScreen } from "./machines";
import { RestoredScreen } from "./restored";
import { WebhooksScreen } from "./webhooks";
import "./desk.css";

const PARTS = ["audit", "machines", "webhooks", "restored"] as const;

/** An auditor has the audit, and nothing else. */
export function Desk({ part }: { part: string }): VNode {
  if (person.value?.role === "auditor") return <AuditScreen back={null} />;
  if (part === "audit") return <AuditScreen back={{ screen: "desk" }} />;
  if (part === "machines") return <MachinesScreen />;
  if (part === "webhooks") return <WebhooksScreen />;
  if (part === "restored") return <RestoredScreen />;
  return (
    <Screen title={words.title} back={{ screen: "setup" }}>
      {PARTS.map((each) => (
        <section key={each} class="card stack">
          <h2>{words[each].title}</h2>
          <p>{words[each].why}</p>
          <a class="button" href={address({ screen: "desk", part: each })}>
            {words.open(words[each].title)}
          </a>
        </section>
      ))}
    </Screen>
  );
}
