// The picture of a secret is read back as it would be by a phone.
import decode from "qr/decode.js";
import { expect, test } from "vitest";
import { modules } from "./picture";

test("what is drawn is read back to the letter, with its edge", () => {
  const text = "otpauth://totp/Infusion%20Vitals%2C%20Nordklinik%20%C3%9C%20%26%20S%C3%B6hne:ada?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Infusion%20Vitals";
  const rows = modules(text);
  expect(rows.slice(0, 4).flat()).not.toContain(true);
  const scale = 4;
  const size = rows.length * scale;
  const data = new Uint8Array(size * size * 4).fill(255);
  rows.forEach((row, y) =>
    row.forEach((dark, x) => {
      if (dark) for (let dy = 0; dy < scale; dy++) for (let dx = 0; dx < scale; dx++) data.fill(0, ((y * scale + dy) * size + x * scale + dx) * 4, ((y * scale + dy) * size + x * scale + dx) * 4 + 3);
    }),
  );
  expect(decode({ width: size, height: size, data })).toBe(text);
});
