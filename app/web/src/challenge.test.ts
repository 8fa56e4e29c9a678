// What a passkey answers is made of every word that is signed; tests/domain/test_signatures.py has the same example.

import { expect, it } from "vitest";
import { canonical, challenge, decoded, encoded } from "./challenge";

const says = { decision: "decline", digest: "ab".repeat(32), own_assessment: 'wach, "gut"\nzweite Zeile — ü', reason: "noch nicht", had_left_at: null, examined_by: null };
const example = { sign: "confirmation", about: "0192c0de-0000-7000-8000-000000000001", says };
const hex = (bytes: Uint8Array): string => [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");

it("makes the challenge that the service makes", async () => {
  expect(hex(await challenge("00ff".repeat(16), example))).toBe("8c373e089cf6b3343b8f7ea69486d80ff0d63be50acbd0d6e46181937c4e505f");
});

it("writes keys in order, and nothing between", () => {
  expect(canonical({ b: ["x", null], a: "ü\u2028" })).toBe('{"a":"ü\u2028","b":["x",null]}');
});

it("codes bytes as addresses take them, and back", () => {
  const bytes = new Uint8Array([251, 255, 254, 0]).buffer;
  expect(encoded(bytes)).toBe("-__-AA");
  expect(new Uint8Array(decoded("-__-AA"))).toEqual(new Uint8Array(bytes));
});
