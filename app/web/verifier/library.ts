/** The verifier without its page, for programs: the tests, or whoever checks many packs with Node.js. */

import { disagreements, type Kept } from "./rules/compare";
import type { Facts } from "./rules/facts";
import { protocolFrom } from "./rules/protocol";

export { checkPack, type Line, type Report } from "./pack/check";

/** What differs between the assessment in a line of JSON and what the rules say of the facts beside it. */
export function lookedAt(line: string): { seed: number; found: string[] } {
  const { seed, facts, protocol, assessment } = JSON.parse(line) as {
    seed: number;
    facts: Facts;
    protocol: Record<string, unknown>;
    assessment: Kept;
  };
  return { seed, found: disagreements(assessment, facts, protocolFrom(protocol)) };
}
