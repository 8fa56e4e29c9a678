import { expect, test } from "vitest";
import { enter, erase, fault, moved, notMeasured, press, type Typing } from "./typing";
import { allowedBand, blank, complete, impossible, lacks, numberOf, open, ORDER, questions, reading, type Draft, type Values, type Vital, VITALS } from "./vitals";

const begin = (last: Values = {}): Typing => ({ draft: blank("r", "p", "Ada"), at: "systolic", fresh: false, again: "", held: false, last });
const type = (state: Typing, digits: string): Typing => [...digits].reduce(press, state);

test("a full set of vitals walks by digits alone", () => {
  const state = type(begin(), "12480721498");
  expect(state.draft.digits).toEqual({ systolic: "124", diastolic: "80", heart_rate: "72", respiratory_rate: "14", spo2: "98" });
  expect(state.at).toBeNull();
  expect(lacks(state.draft, {}).map((each) => each.field)).toEqual(["oxygen", "consciousness", "dissociation"]);
});

test.each<[Vital, string, boolean]>([
  ["systolic", "12", false],
  ["systolic", "30", false],
  ["systolic", "31", true],
  ["systolic", "85", true],
  ["diastolic", "20", false],
  ["diastolic", "80", true],
  ["heart_rate", "30", false],
  ["heart_rate", "40", true],
  ["respiratory_rate", "8", false],
  ["respiratory_rate", "9", true],
  ["respiratory_rate", "0", true],
  ["respiratory_rate", "14", true],
  ["spo2", "10", false],
  ["spo2", "98", true],
  ["spo2", "100", true],
])("%s %s: no further digit can be meant is %s", (vital, digits, expected) => {
  expect(complete(vital, digits)).toBe(expected);
});

test("no value that can be typed is cut short: the digits before it never count as complete", () => {
  for (const vital of ORDER)
    for (let value = VITALS[vital].possible.low; value <= VITALS[vital].possible.high; value += 1) {
      const digits = String(value);
      for (let cut = 1; cut < digits.length; cut += 1) expect(complete(vital, digits.slice(0, cut))).toBe(false);
      expect(impossible(vital, digits)).toBeNull();
    }
});

test("an impossible value is refused where it is typed, and the next digit begins anew", () => {
  const refused = type(begin(), "31");
  expect([refused.at, fault(refused, "systolic")]).toEqual(["systolic", "impossible"]);
  const mended = enter(type(refused, "124"));
  expect([mended.at, mended.draft.digits.systolic, fault(mended, "systolic")]).toEqual(["diastolic", "124", null]);
});

test("zero is a value, nothing is not, and a zero in front is no number", () => {
  expect([numberOf("0"), numberOf(""), numberOf("08"), numberOf("100")]).toEqual([0, null, null, 100]);
  const state = type({ ...begin(), at: "respiratory_rate" }, "0");
  expect(fault(state, "respiratory_rate")).toBe("asked");
  const twice = type(state, "0");
  expect([twice.at, fault(twice, "respiratory_rate")]).toEqual(["spo2", null]);
  expect(reading(twice.draft, "2026-03-08T09:30:00Z")).toMatchObject({ respiratory_rate: 0, heart_rate: null, confirmed_unlikely: ["respiratory_rate"] });
});

test("an unlikely value is kept when it is typed again, and asked anew when it is another one", () => {
  const asked = type(begin(), "210");
  expect([asked.at, fault(asked, "systolic")]).toEqual(["systolic", "asked"]);
  const kept = type(asked, "210");
  expect([kept.at, kept.draft.confirmed]).toEqual(["diastolic", { systolic: "210" }]);
  expect(type(asked, "211").at).toBe("systolic");
  expect(enter(type(asked, "120")).at).toBe("diastolic");
});

test("whoever types on without looking at a question fills no later field", () => {
  const state = type(begin(), "210" + "85" + "72" + "14" + "98");
  expect([state.at, Object.keys(state.draft.digits)]).toEqual(["systolic", ["systolic"]]);
});

test("changing a confirmed value asks again", () => {
  const kept = type(type(begin(), "210"), "210");
  const changed = type(moved(kept, "systolic"), "220");
  expect(fault(changed, "systolic")).toBe("asked");
});

test("a swapped pressure is refused, never turned round", () => {
  const state = type(begin(), "80" + "124");
  expect([state.at, fault(state, "diastolic"), state.draft.digits]).toEqual(["diastolic", "swapped", { systolic: "80", diastolic: "124" }]);
});

test("pressures too far apart are both typed again", () => {
  const asked = type(begin(), "180" + "50");
  expect([...open(asked.draft, {}).keys()]).toEqual(["systolic", "diastolic"]);
  const once = type(asked, "50");
  expect(once.at).toBe("systolic");
  const both = type(once, "180");
  expect([both.at, open(both.draft, {}).size]).toEqual(["heart_rate", 0]);
  expect(reading(both.draft, "").confirmed_unlikely).toEqual(["systolic", "diastolic"]);
});

test("a jump against the last set is asked on the tablet and said to nobody", () => {
  const last = { heart_rate: 72, respiratory_rate: 14 };
  expect(questions({ heart_rate: 101, respiratory_rate: 22 }, last)).toEqual(new Map([["heart_rate", { key: "101 after 72", why: "jump" }]]));
  expect(questions({ heart_rate: 100 }, last).size).toBe(0);
  expect(questions({ respiratory_rate: 24 }, last).get("respiratory_rate")?.why).toBe("jump");
  const state = type(type({ ...begin(last), at: "heart_rate" }, "101"), "101");
  expect(state.at).toBe("respiratory_rate");
  expect(reading(state.draft, "").confirmed_unlikely).toEqual([]);
});

test("a value that is not finished is not asked about before the cursor leaves it", () => {
  const state = type({ ...begin(), at: "heart_rate" }, "25");
  expect(fault(state, "heart_rate")).toBeNull();
  expect(fault(enter(state), "heart_rate")).toBe("asked");
  expect(fault(moved(state, "spo2"), "heart_rate")).toBe("asked");
  const again = type(enter(state), "25");
  expect(enter(again).at).toBe("respiratory_rate");
});

test("not measured: a pressure is one, a systolic alone stays", () => {
  const none = notMeasured(begin(), "systolic", "refused");
  expect([none.at, none.draft.not_measured]).toEqual(["heart_rate", { systolic: "refused", diastolic: "refused" }]);
  const palpated = notMeasured(type(begin(), "124"), "diastolic", "could not be heard");
  expect([palpated.draft.digits.systolic, palpated.draft.not_measured]).toEqual(["124", { diastolic: "could not be heard" }]);
  expect(type(moved(none, "systolic"), "124").draft.not_measured).toEqual({ diastolic: "refused" });
});

test("a cuff that is still filling is come back to", () => {
  const state = type({ ...begin(), at: "heart_rate" }, "721498");
  expect(state.at).toBe("systolic");
});

test("backspace takes one digit, then goes one field back", () => {
  const state = type(begin(), "1248");
  expect(erase(state).draft.digits.diastolic).toBe("");
  const back = erase(erase(state));
  expect(back.at).toBe("systolic");
  expect(erase(back).draft.digits.systolic).toBe("12");
});

test("what is blank stays null; nothing is invented", () => {
  const body = reading(blank("r", "p", "Ada"), "2026-03-08T09:30:00Z");
  expect(body).toEqual({
    measured_at: "2026-03-08T09:30:00Z",
    heart_rate: null,
    systolic: null,
    diastolic: null,
    respiratory_rate: null,
    spo2: null,
    oxygen: null,
    consciousness: null,
    dissociation: null,
    symptoms: null,
    gait_steady: null,
    orientated: null,
    not_measured: {},
    confirmed_unlikely: [],
    note: null,
  });
});

test("a total that cannot be is typed again, and never made to fit", () => {
  const scored = (score: number | null): Draft => ({ ...blank("r", "p", "Ada"), dissociation: { grade: "mild", instrument: "cadss", version: "23-item", score } });
  const why = (score: number | null) => lacks(scored(score), {}).find(({ field }) => field === "dissociation")?.why;
  expect([null, 0, 92, 93, 120].map(why)).toEqual(["blank", undefined, undefined, "impossible", "impossible"]);
});

test("oxygen keeps its flow as typed, also when nobody read it", () => {
  const on = (flow: string): Draft => ({ ...blank("r", "p", "Ada"), oxygen: { kind: "supplemental", flow } });
  expect(reading(on("2,5"), "").oxygen).toEqual({ kind: "supplemental", flow_l_min: "2.5" });
  expect(reading(on(""), "").oxygen).toEqual({ kind: "supplemental" });
  // what the service would refuse with the whole set is said before it is saved
  const lacking = (flow: string) => lacks(on(flow), {}).filter(({ field }) => field === "oxygen").length;
  expect(["2,5", "2.5", "15", "", ",", "2,5,0", "150", "1,500"].map(lacking)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
});

test("the band of a picture is the service's", () => {
  const relative = { percent_up: 20, percent_down: 20, delta_up: null, delta_down: null, floor: 50, ceiling: 110 };
  expect(allowedBand({ sum: 207, count: 3 }, relative)).toEqual({ low: 56, high: 82 });
  expect(allowedBand({ sum: 340, count: 3 }, { ...relative, floor: 90, ceiling: 160 })).toEqual({ low: 91, high: 136 });
  expect(allowedBand({ sum: 42, count: 3 }, { delta_up: 4, delta_down: 4, floor: 10, ceiling: 20 })).toEqual({ low: 10, high: 18 });
  expect(allowedBand({ sum: 294, count: 3 }, { floor: 94, max_drop: 3 })).toEqual({ low: 95, high: 300 });
  expect(allowedBand({ sum: 0, count: 0 }, relative)).toBeNull();
});
