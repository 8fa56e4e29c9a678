// Names as this tablet shows and compares them, in one place. A patient may have one name alone.

export type Named = { family_name: string; given_name: string };

const joined = (first: string, second: string): string => [first, second].filter((name) => name !== "").join(", ");

/** "Haverkamp, Ines": family name first; one name stands alone. */
export const listed = ({ family_name, given_name }: Named): string => joined(family_name, given_name);

/** "HAVERKAMP, Ines": as on every list and banner, what comes first in capitals. */
export const headed = ({ family_name, given_name }: Named): string =>
  family_name === "" ? given_name.toUpperCase() : joined(family_name.toUpperCase(), given_name);

/** "AN" for Ada Nurse. */
export const initials = (name: string): string =>
  name
    .split(/\s+/u)
    .map((part) => [...part][0] ?? "")
    .join("")
    .toUpperCase();

/** "Haverkamp": the one name on a button. */
export const shortly = ({ family_name, given_name }: Named): string => family_name || given_name;

/** A name as it was typed: nothing but spaces too many is taken away. */
export const readName = (typed: string): string => typed.normalize("NFC").trim().replaceAll(/\s+/gu, " ");

const PLAIN: Record<string, string> = { ł: "l", ø: "o", đ: "d", ħ: "h", ŧ: "t", ð: "d", ı: "i", æ: "ae", œ: "oe", þ: "th", ß: "ss" };

const folded = (name: string): string =>
  [...name.toLowerCase().normalize("NFKD")]
    .filter((sign) => /[\p{L}\p{N}]/u.test(sign))
    .map((sign) => PLAIN[sign] ?? sign)
    .join("");

/** A medication's code: its name in plain small letters, words joined by hyphens. No letter is dropped: one that has no
 * plain form makes no code. */
export function codeOf(name: string): string | null {
  const letters = [...name.toLowerCase().normalize("NFKD")].filter((sign) => !/\p{M}/u.test(sign)).map((sign) => PLAIN[sign] ?? sign);
  const code = letters.join("").trim().replaceAll(/[\s_/.,()+-]+/g, "-").replaceAll(/^-|-$/g, "");
  return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(code) ? code : null;
}

/** Whether one letter was added, left out or mistyped, or two neighbours changed places. */
function oneSlip(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  if (short.length < long.length) return short.slice(at) === long.slice(at + 1);
  const swapped = short[at] === long[at + 1] && short[at + 1] === long[at] && short.slice(at + 2) === long.slice(at + 2);
  return swapped || short.slice(at + 1) === long.slice(at + 1);
}

const BEGINNING = 4;
const SHORTEST = 3;

/** Whether two patients on one board could be taken for each other by name: it begins alike, or is one slip apart. */
export function soundAlike(one: Named, other: Named): boolean {
  const [a, b] = [folded(shortly(one)), folded(shortly(other))];
  if (a === "" || b === "") return false;
  return a.slice(0, BEGINNING) === b.slice(0, BEGINNING) || (Math.min(a.length, b.length) >= SHORTEST && oneSlip(a, b));
}
