/** The FHIR Bundle against the record: its digest, and every vital of every revision. */

import { docAt, docsAt, isDoc, type Doc, type Json } from "./json";

const LOINC: Readonly<Record<string, string>> = {
  "8867-4": "heart_rate",
  "8480-6": "systolic",
  "8462-4": "diastolic",
  "9279-1": "respiratory_rate",
  "59408-5": "spo2",
  "2708-6": "spo2",
};
const UNIT: Readonly<Record<string, string>> = {
  heart_rate: "/min", systolic: "mm[Hg]", diastolic: "mm[Hg]", respiratory_rate: "/min", spo2: "%",
};
/** Which Observation of a reading holds a vital, by the end of its id. */
const PART: Readonly<Record<string, string>> = {
  heart_rate: "hr", systolic: "bp", diastolic: "bp", respiratory_rate: "rr", spo2: "spo2",
};

interface Version {
  number: number;
  status: Json;
  values: Map<string, Json>;
}

export function bundleDifferences(data: Uint8Array, record: Doc, recordDigest: string): string[] {
  const bundle = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data)) as Json;
  if (!isDoc(bundle)) return ["it is no Bundle"];
  const tags = docsAt(docAt(bundle, "meta"), "tag");
  if (!tags.some((one) => one["code"] === recordDigest)) return ["it names another record by its digest"];
  const told = new Map<string, Version[]>();
  for (const entry of docsAt(bundle, "entry")) {
    const one = docAt(entry, "resource");
    if (one["resourceType"] !== "Observation") continue;
    const id = String(one["id"]);
    const version = { number: Number(docAt(one, "meta")["versionId"]), status: one["status"] ?? null, values: values(one) };
    told.set(id, [...(told.get(id) ?? []), version].sort((a, b) => a.number - b.number));
  }
  return docsAt(record, "readings").flatMap((reading) => ofReading(reading, told));
}

function values(observation: Doc): Map<string, Json> {
  const found = new Map<string, Json>();
  const components = Array.isArray(observation["component"]) ? observation["component"].filter(isDoc) : [];
  for (const one of [observation, ...components]) {
    const coding = docAt(one, "code")["coding"];
    for (const each of Array.isArray(coding) ? coding.filter(isDoc) : []) {
      const vital = LOINC[String(each["code"])];
      if (!vital) continue;
      const quantity = one["valueQuantity"];
      const rightUnit = !isDoc(quantity) || quantity["code"] === UNIT[vital];
      found.set(vital, !isDoc(quantity) ? null : rightUnit ? quantity["value"]! : "another unit");
    }
  }
  return found;
}

function ofReading(reading: Doc, told: ReadonlyMap<string, readonly Version[]>): string[] {
  const found: string[] = [];
  const typed = docsAt(reading, "revisions");
  for (const [vital, part] of Object.entries(PART)) {
    const versions = told.get(`${String(reading["id"])}-${part}`) ?? [];
    // a version more where the phase moved, or where it was voided: such a one says the same value again
    const [said, wanted] = [steps(versions.map((one) => one.values.get(vital) ?? null)), steps(typed.map((one) => one[vital] ?? null))];
    if (said !== wanted) found.push(`${vital} of reading ${String(reading["id"])} is ${said || "missing"}, in the record ${wanted}`);
    else if ((versions.at(-1)?.status === "entered-in-error") !== (reading["void"] !== null)) {
      found.push(`${vital} of reading ${String(reading["id"])}: it and the record differ on its being void`);
    }
  }
  return found;
}

/** Values in order, the same one after another once. */
function steps(values: readonly Json[]): string {
  return values.filter((one, place) => place === 0 || one !== values[place - 1]).map((one) => String(one ?? "not measured")).join(", ");
}
