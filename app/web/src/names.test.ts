// Names as they are shown, one name alone included, and when two sound alike.
import { expect, test } from "vitest";
import { headed, listed, shortly, soundAlike } from "./names";

const named = (family_name: string, given_name: string) => ({ family_name, given_name });

test("a name is listed by its family name; one name stands alone without a comma", () => {
  expect(listed(named("Haverkamp", "Ines"))).toBe("Haverkamp, Ines");
  expect(headed(named("Haverkamp", "Ines"))).toBe("HAVERKAMP, Ines");
  for (const one of [named("Sukarno", ""), named("", "Sukarno")]) {
    expect([listed(one), headed(one), shortly(one)]).toEqual(["Sukarno", "SUKARNO", "Sukarno"]);
  }
  expect(shortly(named("Haverkamp", "Ines"))).toBe("Haverkamp");
});

test.each([
  ["Rivera", "Rivera-Lopez", true],
  ["Smithson", "Simthson", true],
  ["Łukas", "lukasz", true],
  ["O'Brien", "O’Brien", true],
  ["Müller", "Muller", true],
  ["Haas", "Has", true],
  ["Abel", "bAel", true],
  ["Ng", "Ny", false],
  ["Quist", "Miyagi", false],
])("%s and %s sound alike: %s", (one, other, alike) => {
  expect(soundAlike(named(one, "Eva"), named(other, "Eva"))).toBe(alike);
});

test("that neither has a name is nothing they share", () => {
  expect(soundAlike(named("", ""), named("", ""))).toBe(false);
  expect(soundAlike(named("-", ""), named("-", ""))).toBe(false);
  expect(soundAlike(named("", "Sukarno"), named("Sukarno", ""))).toBe(true);
});
