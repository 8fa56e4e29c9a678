// Ten thousand slips of a hand, by a fixed seed, through the pad and its rules: how many are stopped or asked about before
// a set is kept, beside plain number fields that only know what is possible. The hand does not look: it types on.
import { expect, test } from "vitest";
import { onward, press, type Typing } from "./typing";
import { blank, holds, lacks, ORDER, questions, swapped, values, type Values, type Vital, VITALS } from "./vitals";

const SLIPS = 10_000;
const KINDS = ["doubled", "dropped", "swapped digits", "neighbouring digit", "ten-fold", "pressures exchanged", "another field"] as const;
type Kind = (typeof KINDS)[number];

/** Mulberry32: the same slips on every machine. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
const roll = dice(20_260_308);
const pick = <T>(from: readonly T[]): T => from[Math.floor(roll() * from.length)]!;
const near = (middle: number, spread: number, low: number, high: number): number => Math.min(high, Math.max(low, Math.round(middle + spread * (roll() + roll() + roll() - 1.5))));

/** A true set, and the one before it: an infusion's rise and fall around somebody's own values. */
function truth(): { now: Values; last: Values } {
  const own = { systolic: near(124, 24, 92, 165), heart_rate: near(74, 20, 48, 110), respiratory_rate: near(15, 4, 10, 22) };
  const set = (rise: number): Values => {
    const systolic = near(own.systolic + rise, 8, 84, 189);
    return {
      systolic,
      diastolic: near(systolic * 0.64, 8, 45, Math.min(114, systolic - 16)),
      heart_rate: near(own.heart_rate + rise / 3, 7, 42, 139),
      respiratory_rate: near(own.respiratory_rate, 3, 9, 29),
      spo2: near(97, 3, 91, 100),
    };
  };
  const rise = near(10, 20, -8, 34);
  return { last: set(rise), now: set(rise + near(0, 12, -14, 14)) };
}

// where the digits lie on the pad
const PAD: Record<string, string> = { "1": "24", "2": "135", "3": "26", "4": "157", "5": "2468", "6": "359", "7": "48", "8": "5790", "9": "68", "0": "8" };
const put = (digits: string[], at: number, ...instead: string[]): string => [...digits.slice(0, at), ...instead, ...digits.slice(at + 1)].join("");

/** What the hand types into each field, with one slip; null where this slip changes nothing here. */
function slipped(kind: Kind, now: Values): Record<Vital, string> | null {
  const right = Object.fromEntries(ORDER.map((vital) => [vital, String(now[vital])])) as Record<Vital, string>;
  const vital = pick(ORDER);
  const digits = [...right[vital]];
  const at = Math.floor(roll() * digits.length);
  const typed = { ...right };
  if (kind === "doubled") typed[vital] = put(digits, at, digits[at]!, digits[at]!);
  else if (kind === "dropped") typed[vital] = put(digits, at);
  else if (kind === "neighbouring digit") typed[vital] = put(digits, at, pick([...PAD[digits[at]!]!]));
  else if (kind === "ten-fold") typed[vital] = `${right[vital]}0`;
  else if (kind === "swapped digits") {
    const first = Math.min(at, digits.length - 2);
    if (first < 0) return null;
    typed[vital] = [...digits.slice(0, first), digits[first + 1], digits[first], ...digits.slice(first + 2)].join("");
  } else if (kind === "pressures exchanged") [typed.systolic, typed.diastolic] = [right.diastolic, right.systolic];
  else {
    const other = pick(ORDER.filter((each) => each !== vital && !(["systolic", "diastolic"].includes(each) && ["systolic", "diastolic"].includes(vital))));
    [typed[vital], typed[other]] = [right[other], right[vital]];
  }
  return ORDER.every((each) => typed[each] === right[each]) ? null : typed;
}

type Fate = "caught" | "kept as meant" | "kept wrong";

/** What the pad makes of a set as it was typed. */
function padOf(typed: Record<Vital, string>, last: Values, now: Values): Fate {
  const begin = onward({ draft: blank("r", "p", "Ada"), at: null, fresh: false, again: "", held: false, last });
  // a hand that knows its numbers types them one after the other, and looks when it is done
  const after = ORDER.reduce<Typing>((state, vital) => [...typed[vital]].reduce(press, state), begin);
  if (lacks(after.draft, last).some(({ field }) => (ORDER as string[]).includes(field))) return "caught";
  // a digit too many that no field takes changes nothing
  const kept = values(after.draft);
  return ORDER.every((vital) => kept[vital] === now[vital]) ? "kept as meant" : "kept wrong";
}

/** Whether plain number fields with the possible bounds let it through. */
const fieldsKeep = (typed: Record<Vital, string>): boolean => ORDER.every((vital) => typed[vital] !== "" && holds(VITALS[vital].possible, Number(typed[vital])));

test("most slips are stopped or asked about, and far more than by plain number fields", () => {
  const counts = new Map<Kind, { all: number; pad: number; harmless: number; fields: number }>(KINDS.map((kind) => [kind, { all: 0, pad: 0, harmless: 0, fields: 0 }]));
  for (let done = 0; done < SLIPS; ) {
    const { now, last } = truth();
    const kind = KINDS[done % KINDS.length]!;
    const typed = slipped(kind, now);
    if (typed === null) continue;
    done += 1;
    const count = counts.get(kind)!;
    count.all += 1;
    const fate = padOf(typed, last, now);
    if (fate === "caught") count.pad += 1;
    if (fate === "kept as meant") count.harmless += 1;
    if (!fieldsKeep(typed)) count.fields += 1;
  }
  const share = (caught: number, all: number): string => `${((100 * caught) / all).toFixed(1)} %`;
  const sum = (name: "all" | "pad" | "harmless" | "fields"): number => [...counts.values()].reduce((total, each) => total + each[name], 0);
  const told = (kind: string, { all, pad, harmless, fields }: { all: number; pad: number; harmless: number; fields: number }): string =>
    `  ${kind}: ${share(pad, all)}, and ${share(harmless, all)} kept as meant / ${share(fields, all)}`;
  const total = { all: sum("all"), pad: sum("pad"), harmless: sum("harmless"), fields: sum("fields") };
  console.log(["slips stopped or asked about (pad and rules / plain number fields with bounds):", ...[...counts].map(([kind, count]) => told(kind, count)), told(`all ${SLIPS}`, total)].join("\n"));
  expect(sum("all")).toBe(SLIPS);
  expect(sum("pad") / SLIPS).toBeGreaterThan(0.7);
  // of what is kept wrong there is far less
  expect(SLIPS - total.pad - total.harmless).toBeLessThan(0.5 * (SLIPS - total.fields));
  // an exchange of the pressures is never kept: one of the two always is below the other
  expect(counts.get("pressures exchanged")!.pad).toBe(counts.get("pressures exchanged")!.all);
});

test("what is true is kept without a question in most sets, and a worrying value costs nothing more", () => {
  let asked = 0;
  for (let each = 0; each < 2000; each += 1) {
    const { now, last } = truth();
    const typed = Object.fromEntries(ORDER.map((vital) => [vital, String(now[vital])])) as Record<Vital, string>;
    if (padOf(typed, last, now) === "caught") asked += 1;
  }
  console.log(`true sets that are asked about: ${((100 * asked) / 2000).toFixed(1)} %`);
  expect(asked / 2000).toBeLessThan(0.05);
  // over the protocol's limits, not beyond the likely: kept at once
  const worrying: Values = { systolic: 184, diastolic: 112, heart_rate: 131, respiratory_rate: 25, spo2: 91 };
  expect(questions(worrying, {}).size).toBe(0);
  expect(padOf(Object.fromEntries(ORDER.map((vital) => [vital, String(worrying[vital])])) as Record<Vital, string>, {}, worrying)).toBe("kept as meant");
});

test("the look can fail", () => {
  const typed = { systolic: "124", diastolic: "08", heart_rate: "72", respiratory_rate: "14", spo2: "98" };
  const meant: Values = { systolic: 124, diastolic: 80, heart_rate: 72, respiratory_rate: 14, spo2: 98 };
  expect(padOf(typed, {}, meant)).toBe("caught");
  expect(padOf({ ...typed, diastolic: "80" }, {}, meant)).toBe("kept as meant");
  expect(padOf({ ...typed, diastolic: "81" }, {}, meant)).toBe("kept wrong");
  expect(swapped(values({ ...blank("r", "p", "a"), digits: { systolic: "80", diastolic: "124" } }))).toBe(true);
});
