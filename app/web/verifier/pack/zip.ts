/** The ZIP of a pack. It is written in one way only, so reading it is comparing: whatever else a ZIP could hold fails. */

export const NAMES = ["manifest.json", "session.pdf", "bundle.json", "session.csv"] as const;
export const LARGEST = 128 * 1024 * 1024;

export interface Fault {
  part: string;
  words: string;
}

export interface Archive {
  parts: Map<string, Uint8Array>;
  faults: Fault[];
}

interface Entry {
  name: string;
  crc: number;
  size: number;
  offset: number;
}

const FRAME = "the ZIP";
const LOCAL = 30;
const CENTRAL = 46;
const END = 22;
// 2.0, and 1 January 1980, the first day that a ZIP knows
const VERSION = 20;
const DATE = 0x21;

const TABLE = Uint32Array.from({ length: 256 }, (_, start) => {
  let found = start;
  for (let bit = 0; bit < 8; bit += 1) found = found & 1 ? (found >>> 1) ^ 0xedb88320 : found >>> 1;
  return found;
});

function crc32(data: Uint8Array): number {
  let found = 0xffffffff;
  for (const byte of data) found = (found >>> 8) ^ TABLE[(found ^ byte) & 0xff]!;
  return (found ^ 0xffffffff) >>> 0;
}

/** The parts, and what is wrong with the frame around them. */
export function readZip(data: Uint8Array): Archive {
  const parts = new Map<string, Uint8Array>();
  const faults: Fault[] = [];
  const fault = (part: string, words: string) => faults.push({ part, words });
  if (data.length > LARGEST) {
    fault(FRAME, `it has ${data.length} bytes, and no pack has more than ${LARGEST}`);
    return { parts, faults };
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const entries: Entry[] = [];
  let at = 0;
  while (at + LOCAL <= data.length && view.getUint32(at, true) === 0x04034b50) {
    const [version, flags, method, time, date] = [4, 6, 8, 10, 12].map((offset) => view.getUint16(at + offset, true));
    const [crc, packed, size] = [14, 18, 22].map((offset) => view.getUint32(at + offset, true)) as [number, number, number];
    const nameLength = view.getUint16(at + 26, true);
    const extra = view.getUint16(at + 28, true);
    const name = ascii(data.subarray(at + LOCAL, at + LOCAL + nameLength));
    const begin = at + LOCAL + nameLength;
    const known = (NAMES as readonly string[]).indexOf(name);
    const turn = NAMES.find((one) => !parts.has(one)) ?? FRAME;
    if (known < 0 || parts.has(name)) {
      fault(turn, `at byte ${at} stands ${JSON.stringify(name.slice(0, 80))}, which is no part of a pack, or is there twice`);
      return { parts, faults };
    }
    if (method !== 0 || packed !== size) {
      fault(name, "it is packed: a pack holds its parts as they are");
      return { parts, faults };
    }
    if (begin + size > data.length) {
      fault(name, `it should have ${size} bytes, and the file ends before`);
      return { parts, faults };
    }
    const bytes = data.subarray(begin, begin + size);
    if (version !== VERSION || flags !== 0 || time !== 0 || date !== DATE || extra !== 0) fault(name, "its ZIP header was changed");
    if (crc !== crc32(bytes)) fault(name, "its check sum in the ZIP differs: its bytes were changed");
    if (known < Math.max(...[...parts.keys()].map((one) => (NAMES as readonly string[]).indexOf(one)))) {
      fault(name, "it stands in another place than a pack is written in");
    }
    parts.set(name, bytes);
    entries.push({ name, crc, size, offset: at });
    at = begin + size;
  }
  if (!entries.length) fault(FRAME, "it is no ZIP as a pack is written: no part begins at its first byte");
  else faults.push(...endingFaults(data.subarray(at), ending(entries, at), entries));
  return { parts, faults };
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** The table at the end, as it must be over these entries. */
function ending(entries: readonly Entry[], offset: number): Uint8Array {
  const length = entries.reduce((sum, one) => sum + CENTRAL + one.name.length, 0);
  const out = new Uint8Array(length + END);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const one of entries) {
    view.setUint32(at, 0x02014b50, true);
    view.setUint16(at + 4, VERSION, true);
    view.setUint16(at + 6, VERSION, true);
    view.setUint16(at + 14, DATE, true);
    view.setUint32(at + 16, one.crc, true);
    view.setUint32(at + 20, one.size, true);
    view.setUint32(at + 24, one.size, true);
    view.setUint16(at + 28, one.name.length, true);
    view.setUint32(at + 42, one.offset, true);
    for (let n = 0; n < one.name.length; n += 1) out[at + CENTRAL + n] = one.name.charCodeAt(n);
    at += CENTRAL + one.name.length;
  }
  view.setUint32(at, 0x06054b50, true);
  view.setUint16(at + 8, entries.length, true);
  view.setUint16(at + 10, entries.length, true);
  view.setUint32(at + 12, length, true);
  view.setUint32(at + 16, offset, true);
  return out;
}

function endingFaults(found: Uint8Array, wanted: Uint8Array, entries: readonly Entry[]): Fault[] {
  const length = Math.max(found.length, wanted.length);
  let at = 0;
  while (at < length && found[at] === wanted[at]) at += 1;
  if (at === length) return [];
  let row = 0;
  for (const one of entries) {
    row += CENTRAL + one.name.length;
    if (at < row) return [{ part: one.name, words: "its row in the ZIP's table was changed" }];
  }
  return [{ part: FRAME, words: "its end was changed, or something stands behind it" }];
}
