// What a lead settles for the clinic. Fetched when it is first shown, so that a nurse's tablet starts without it.

import type { VNode } from "preact";
import { later } from "../parts/later";
import { CallingScreen } from "./calling";
import { OpeningsScreen } from "./openings";
import { PapersScreen } from "./papers";
import { ProviderScreen } from "./provider";
import { SigningScreen } from "./signing";
import { TabletsScreen } from "./tablets";
import { WallsScreen } from "./walls";

const Imports = later(() => import("../desk/files").then((found) => found.ImportScreen));
const Exports = later(() => import("../desk/files").then((found) => found.ExportScreen));

export function Clinic({ part }: { part: string }): VNode {
  if (part === "tablets") return <TabletsScreen />;
  if (part === "signing") return <SigningScreen />;
  if (part === "papers") return <PapersScreen />;
  if (part === "walls") return <WallsScreen />;
  if (part === "break-glass") return <OpeningsScreen />;
  if (part === "import") return <Imports />;
  if (part === "exports") return <Exports />;
  return part === "provider" ? <ProviderScreen /> : <CallingScreen />;
}
