// FHIRPath rules made from a profile's snapshot: its invariants, what must be there, what is fixed, and its slices.
import fhirpath from "fhirpath";
import model from "fhirpath/fhir-context/r4/index.js";

// Best practice, not law; and rules about contained resources that this library reads otherwise than the standard.
const LEFT_OUT = new Set(["dom-6", "dom-3"]);

const text = (value) => `'${String(value).replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
const literal = (value) => (typeof value === "string" ? text(value) : String(value));

// `Observation.component` -> `component`; `value[x]` -> `value`, with its type where the slice names one.
function steps(element) {
  const types = element.type ?? [];
  return element.path.split(".").slice(1).map((step) => step.replace("[x]", "")).join(".") || "$this";
}

function fixedOf(element) {
  const name = Object.keys(element).find((key) => /^(fixed|pattern)[A-Z]/.test(key));
  return name === undefined ? undefined : element[name];
}

// What a value must hold, as a condition on it: every field of a pattern, at any depth.
function holds(pattern) {
  if (typeof pattern !== "object") return `$this = ${literal(pattern)}`;
  return Object.entries(pattern)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => `${name}.where(${holds(one)}).exists()`))
    .join(" and ");
}

function invariants(snapshot) {
  const found = [];
  for (const element of snapshot) {
    if (element.id.includes(":")) continue;
    for (const rule of element.constraint ?? []) {
      if (rule.severity !== "error" || !rule.expression || LEFT_OUT.has(rule.key)) continue;
      const where = steps(element);
      const expression = where === "$this" ? rule.expression : `${where}.all(${rule.expression})`;
      found.push({ key: `${element.path} ${rule.key}`, expression });
    }
  }
  return found;
}

function parent(path) {
  return path.slice(0, path.lastIndexOf("."));
}

function counts(snapshot) {
  const found = [];
  for (const element of snapshot) {
    if (element.id.includes(":") || !element.path.includes(".")) continue;
    const name = element.path.slice(element.path.lastIndexOf(".") + 1).replace("[x]", "");
    const within = steps({ path: parent(element.path) });
    const inside = within === "$this" ? "" : `${within}.`;
    if (element.min > 0) found.push({ key: `${element.path} min`, expression: `${inside || "$this."}all(${name}.count() >= ${element.min})` });
    if (element.max !== "*" && element.max !== undefined) {
      found.push({ key: `${element.path} max`, expression: `${inside || "$this."}all(${name}.count() <= ${element.max})` });
    }
  }
  return found;
}

function fixed(snapshot) {
  const found = [];
  for (const element of snapshot) {
    const value = fixedOf(element);
    if (value === undefined || element.id.includes(":") || element.path.includes("[x].")) continue;
    found.push({ key: `${element.path} fixed`, expression: `${steps(element)}.all(${holds(value)})` });
  }
  return found;
}

// The condition that makes an element one of a slice: all that is fixed at or below it, outside deeper slices too.
function sliceHolds(snapshot, slice) {
  const conditions = [];
  const own = fixedOf(slice);
  if (own !== undefined) conditions.push(holds(own));
  const groups = new Map();
  for (const element of snapshot) {
    const value = fixedOf(element);
    if (value === undefined || !element.id.startsWith(`${slice.id}.`)) continue;
    const inner = element.path.slice(slice.path.length + 1);
    if (/value/.test(inner)) continue;
    const at = inner.includes(".") ? parent(inner) : "";
    const slot = `${at}|${element.id.slice(0, element.id.lastIndexOf("."))}`;
    if (!groups.has(slot)) groups.set(slot, { at, parts: [] });
    groups.get(slot).parts.push(`${inner.slice(inner.lastIndexOf(".") + 1)}.where(${holds(value)}).exists()`);
  }
  for (const { at, parts } of groups.values()) {
    conditions.push(at ? `${at}.where(${parts.join(" and ")}).exists()` : parts.join(" and "));
  }
  return conditions.join(" and ");
}

// Slices that must be there, and what a value must be inside a slice (its unit, say).
function slices(snapshot) {
  const found = [];
  for (const slice of snapshot.filter((element) => element.sliceName)) {
    const name = slice.path.slice(slice.path.lastIndexOf(".") + 1);
    const outer = slice.id.slice(0, slice.id.lastIndexOf("."));
    if (name === "value[x]" || name.startsWith("value")) {
      const within = outerExpression(snapshot, outer);
      const type = (slice.type ?? [{ code: "Quantity" }])[0].code;
      for (const element of snapshot) {
        const value = fixedOf(element);
        if (!element.id.startsWith(`${slice.id}.`) || value === undefined) continue;
        const inner = element.path.slice(slice.path.length + 1);
        found.push({ key: `${element.id} fixed`, expression: `${within}value.ofType(${type}).all(${inner}.where(${holds(value)}).exists())` });
      }
      if (slice.type) found.push({ key: `${slice.id} type`, expression: `${within}value.all($this is ${type})` });
      continue;
    }
    const condition = sliceHolds(snapshot, slice);
    if (!condition || slice.min < 1) continue;
    const within = steps({ path: parent(slice.path) });
    const inside = within === "$this" ? "" : `${within}.`;
    const count = `${name}.where(${condition}).count()`;
    const holdsIt = outer.includes(":") ? undefined : `${inside || "$this."}all(${count} >= ${slice.min})`;
    if (holdsIt) found.push({ key: `${slice.id} slice`, expression: holdsIt });
  }
  return found;
}

// Where the values of a (perhaps sliced) parent are: `component.where(code...).`, or nothing for the resource itself.
function outerExpression(snapshot, outer) {
  const owner = snapshot.find((element) => element.id === outer);
  if (!owner || !owner.path.includes(".")) return "";
  if (!owner.sliceName) return `${steps(owner)}.`;
  return `${steps(owner)}.where(${sliceHolds(snapshot, owner)}).`;
}

// Every rule of a profile: {key, check}.
export function rulesOf(profile) {
  const snapshot = profile.snapshot.element;
  const own = profile.derivation === "constraint" ? [...counts(snapshot), ...fixed(snapshot), ...slices(snapshot)] : counts(snapshot);
  return [...invariants(snapshot), ...own].map(({ key, expression }) => ({
    key: `${profile.id}: ${key}`,
    expression,
    check: fhirpath.compile(expression, model),
  }));
}

// The keys of the rules this resource breaks.
export function broken(rules, resource) {
  return rules
    .filter(({ check }) => check(resource, { resource, rootResource: resource }).some((one) => one === false))
    .map(({ key, expression }) => `${key} [${expression}]`);
}
