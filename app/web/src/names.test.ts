// Names as they are shown, one name alone included, and when two sound alike.
import { expect, test } from "vitest";
import { codeOf, headed, initials, listed, readName, shortly, soundAlike } from "./names";

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

test("a name is kept as it was typed, but for spaces too many", () => {
  expect(readName("  Ana   María ")).toBe("Ana María");
  expect(readName("Saint-Exupéry")).toBe("Saint-Exupéry");
  expect(readName("e\u0301")).toBe("\u00e9");
});

test("a medication's code drops no letter", () => {
  expect(codeOf("Ondansétron")).toBe("ondansetron");
  expect(codeOf("Ondansetron 4 mg")).toBe("ondansetron-4-mg");
  expect(codeOf(" Sodium  chloride 0.9 ")).toBe("sodium-chloride-0-9");
  expect(codeOf("Ørsted")).toBe("orsted");
  for (const none of ["", "  ", "-", "Оксиген", "β-blocker", "药"]) expect(codeOf(none)).toBeNull();
});

test("initials are the first letter of each name", () => {
  expect(initials("Ada Nurse")).toBe("AN");
  expect(initials("Ana María de Luz")).toBe("AMDL");
});
