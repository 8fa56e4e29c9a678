// Asked by tests/verifier/program.py: a line in, a line out. `cases`: an assessment beside its facts; `packs`: a pack's path.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [library, work] = process.argv.slice(2);
const { checkPack, lookedAt } = await import(pathToFileURL(library).href);

async function answered(line) {
  if (work === "cases") return lookedAt(line);
  const { holds, partly, lines } = await checkPack(new Uint8Array(readFileSync(line)));
  return { holds, partly, lines };
}

for await (const line of createInterface({ input: process.stdin })) {
  const found = await answered(line).catch((problem) => ({ failed: String(problem) }));
  process.stdout.write(`${JSON.stringify(found)}\n`);
}
