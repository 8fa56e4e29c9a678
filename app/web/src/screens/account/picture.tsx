import encode from "qr";
import type { VNode } from "preact";

/** A text as a picture for a phone's camera: drawn here, kept nowhere. Dark on white in every theme, as cameras want it. */
export function Picture({ text, about }: { text: string; about: string }): VNode {
  const rows = modules(text);
  return (
    <svg class="picture" role="img" aria-label={about} viewBox={`0 0 ${rows.length} ${rows.length}`} shape-rendering="crispEdges">
      <path fill="#fff" d={`M0 0h${rows.length}v${rows.length}H0z`} />
      <path fill="#000" d={rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("")} />
    </svg>
  );
}

/** Rows of dark (true) and light squares, with the light edge of four that a camera needs. */
export const modules = (text: string): boolean[][] => encode(text, "raw", { ecc: "medium", border: 4 });
