// What a lead oversees and an auditor asks. Fetched when it is first shown, so that a nurse's tablet starts without it.

import type { VNode } from "preact";
import { person } from "../store";
import { AuditScreen } from "./audit";
import { MachinesScreen } from "./machines";
import { RestoredScreen } from "./restored";
import { WebhooksScreen } from "./webhooks";
import "./desk.css";

/** An auditor has the audit, and nothing else. */
export function Desk({ part }: { part: string }): VNode {
  if (person.value?.role === "auditor") return <AuditScreen back={null} />;
  if (part === "machines") return <MachinesScreen />;
  if (part === "webhooks") return <WebhooksScreen />;
  if (part === "restored") return <RestoredScreen />;
  return <AuditScreen back={{ screen: "setup" }} />;
}
