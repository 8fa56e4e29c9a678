import type { VNode } from "preact";

const HEIGHT = 26;
const MIDDLE = HEIGHT / 2;
const END = 5;

interface BarProps {
  /** The end of the axis. */
  most: number;
  /** Where the block begins and ends. */
  block: readonly [number, number];
  /** A mark of its own within the block. */
  mark?: number | undefined;
  /** How far off it may be. */
  from: number;
  to: number;
}

/** A block on an axis from nothing to the most, and a line with ends for how far off it may be. The numbers stand beside it. */
export function Bar({ most, block, mark, from, to }: BarProps): VNode {
  const at = (value: number): string => `${(Math.min(value, most) / (most || 1)) * 100}%`;
  const wide = `${((Math.min(block[1], most) - block[0]) / (most || 1)) * 100}%`;
  return (
    <svg class="evidence-bar" width="100%" height={HEIGHT} aria-hidden="true">
      <line class="axis" x1="0" x2="100%" y1={HEIGHT - 1} y2={HEIGHT - 1} />
      <rect class="block" x={at(block[0])} width={wide} y={MIDDLE - 8} height={16} />
      {mark !== undefined && <line class="mark" x1={at(mark)} x2={at(mark)} y1={1} y2={HEIGHT - 2} />}
      <line class="off" x1={at(from)} x2={at(to)} y1={MIDDLE} y2={MIDDLE} />
      {[from, to].map((end, which) => (
        <line key={which} class="off" x1={at(end)} x2={at(end)} y1={MIDDLE - END} y2={MIDDLE + END} />
      ))}
    </svg>
  );
}
