// FHIRPath rules made from a profile's snapshot: its invariants, what must be there, what is fixed, and its slices.
import fhirpath from "fhirpath";
import model from "fhirpath/fhir-context/r4/index.js";

// Best practice, not law; a rule about contained resources that this library reads otherwise than the standard; and
// that nothing is empty, which a judge of its own sees to.
const LEFT_OUT = new Set(["dom-6", "dom-3", "ele-1"]);

const text = (value) => `'${String(value).replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
const literal = (value) => (typeof value === "string" ? text(value) : String(value));
const parent = (dotted) => dotted.slice(0, dotted.lastIndexOf("."));
const last = (dotted) => dotted.slice(dotted.lastIndexOf(".") + 1);

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

// A snapshot by the ids of its elements, which name slices: `Observation.component:systolic.code`.
class Snapshot {
  constructor(elements) {
    this.elements = elements;
    this.byId = new Map(elements.map((element) => [element.id, element]));
  }

  // What makes an element one of a slice: all that is fixed at or below it, but for its value, which is judged.
  condition(slice) {
    const own = fixedOf(slice);
    const conditions = own === undefined ? [] : [holds(own)];
    const groups = new Map();
    for (const element of this.elements) {
      const value = fixedOf(element);
      if (value === undefined || !element.id.startsWith(`${slice.id}.`)) continue;
      const inner = element.path.slice(slice.path.length + 1);
      if (inner.startsWith("value")) continue;
      const owner = parent(element.id);
      if (!groups.has(owner)) groups.set(owner, { at: inner.includes(".") ? `${parent(inner)}` : "", parts: [] });
      groups.get(owner).parts.push(`${last(inner)}.where(${holds(value)}).exists()`);
    }
    for (const { at, parts } of groups.values()) {
      conditions.push(at ? `${at}.where(${parts.join(" and ")}).exists()` : parts.join(" and "));
    }
    return conditions.join(" and ");
  }

  // Where an element is, from the resource on; undefined where a slice cannot be told by what is fixed.
  path(id) {
    const element = this.byId.get(id);
    if (!id.includes(".")) return "$this";
    const before = this.path(parent(id));
    if (before === undefined) return undefined;
    const step = this.step(element);
    if (step === undefined) return undefined;
    return before === "$this" ? step : `${before}.${step}`;
  }

  step(element) {
    const name = last(element.path);
    const types = element.type ?? [];
    if (name.endsWith("[x]")) {
      const bare = name.replace("[x]", "");
      return types.length === 1 && /^[A-Z]/.test(types[0].code) ? `${bare}.ofType(${types[0].code})` : bare;
    }
    if (!element.sliceName) return name;
    const condition = this.condition(element);
    return condition ? `${name}.where(${condition})` : undefined;
  }

  *rules() {
    for (const element of this.elements) {
      const at = this.path(element.id);
      if (at === undefined) continue;
      if (!element.id.includes(":")) yield* this.invariants(element, at);
      yield* this.counts(element);
      const value = fixedOf(element);
      const chosen = element.sliceName && !element.path.endsWith("[x]");
      if (value !== undefined && !chosen) yield [`${element.id} fixed`, `${at}.all(${holds(value)})`];
      if (element.sliceName && element.path.endsWith("[x]") && (element.type ?? []).length === 1) {
        const whole = at.replace(/\.ofType\(\w+\)$/, "");
        yield [`${element.id} type`, `${whole}.all($this is ${element.type[0].code})`];
      }
    }
  }

  *invariants(element, at) {
    for (const rule of element.constraint ?? []) {
      if (rule.severity !== "error" || !rule.expression || LEFT_OUT.has(rule.key)) continue;
      yield [`${element.id} ${rule.key}`, at === "$this" ? rule.expression : `${at}.all(${rule.expression})`];
    }
  }

  // How often it must and may be there, in each of its parents.
  *counts(element) {
    if (!element.id.includes(".")) return;
    const within = this.path(parent(element.id));
    const step = this.step(element);
    if (within === undefined || step === undefined) return;
    if (element.min > 0) yield [`${element.id} min`, `${within}.all(${step}.count() >= ${element.min})`];
    const whole = element.path.endsWith("[x]") ? last(element.path).replace("[x]", "") : step;
    if (element.max !== undefined && element.max !== "*") {
      yield [`${element.id} max`, `${within}.all(${whole}.count() <= ${element.max})`];
    }
  }
}

// Every rule of a profile: {key, expression, check}.
export function rulesOf(profile) {
  return [...new Snapshot(profile.snapshot.element).rules()].map(([key, expression]) => ({
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
