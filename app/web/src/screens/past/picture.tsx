import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { dayText } from "../../time";
import { type Line, whenOf } from "./told";
import { pastWords } from "./words";

const words = pastWords.picture;
const LEFT = 44;
const RIGHT = 8;
const HEIGHT = 76;
const INSET = 12;
/** More than these stand too close to be told apart. */
const MOST = 60;

interface Row {
  label: string;
  /** The values of each session in the order in which they are marked; null: not known, a gap. */
  values: (line: Line) => (number | null)[];
  /** From nothing, so that a difference looks as large as it is. */
  fromZero: boolean;
  mark: "bar" | "dot" | "square";
}

const ROWS: Row[] = [
  { label: words.dose, values: (line) => [line.dose_mg], fromZero: true, mark: "bar" },
  { label: words.peak, values: ({ peaks }) => [peaks?.systolic ?? null, peaks?.diastolic ?? null], fromZero: false, mark: "dot" },
  { label: words.minutes, values: (line) => [line.minutes_to_flag, line.minutes_to_leaving], fromZero: true, mark: "square" },
];

/** Dose, peaks and minutes to recovery, session by session, evenly spaced: the oldest at the left. */
export function CoursePicture({ lines }: { lines: readonly Line[] }): VNode | null {
  const frame = useRef<HTMLDivElement>(null);
  // as wide as it will be: drawn once
  const [width, setWidth] = useState(() => Math.max(280, Math.min(innerWidth, 1400) - 67));
  useEffect(() => {
    if (!frame.current) return;
    const watcher = new ResizeObserver(([entry]) => entry && setWidth(Math.max(280, Math.round(entry.contentRect.width))));
    watcher.observe(frame.current);
    return () => watcher.disconnect();
  }, []);
  const dosed = lines.filter((line) => line.dose_started_at !== null).slice(0, MOST).reverse();
  if (dosed.length < 2) return null;
  const step = (width - LEFT - RIGHT) / dosed.length;
  const x = (place: number): number => LEFT + step * (place + 0.5);
  const bottom = ROWS.length * (HEIGHT + 20);
  const [first, last] = [dosed[0]!, dosed.at(-1)!].map((line) => dayText(whenOf(line))) as [string, string];
  return (
    <figure class="card course-picture" aria-labelledby="course-picture">
      <h2 id="course-picture">{words.title}</h2>
      <div ref={frame}>
        <svg class="trend-picture" viewBox={`0 0 ${width} ${bottom + 18}`} width="100%" role="img" aria-labelledby="course-picture course-about">
          <desc id="course-about">{words.about(dosed.length, first, last)}</desc>
          {ROWS.map((row, place) => (
            <g key={row.label} transform={`translate(0 ${place * (HEIGHT + 20)})`}>
              <Marks row={row} lines={dosed} x={x} step={step} right={width - RIGHT} />
            </g>
          ))}
          <text class="trend-tick" x={LEFT} y={bottom + 12}>
            {first}
          </text>
          <text class="trend-tick" x={width - RIGHT} y={bottom + 12} text-anchor="end">
            {last}
          </text>
        </svg>
      </div>
      <figcaption class="label">{words.legend}</figcaption>
    </figure>
  );
}

interface MarksProps {
  row: Row;
  lines: Line[];
  x: (place: number) => number;
  step: number;
  right: number;
}

function Marks({ row, lines, x, step, right }: MarksProps): VNode {
  const all = lines.map(row.values);
  const seen = all.flat().filter((value) => value !== null);
  const high = Math.max(1, ...seen);
  const low = row.fromZero ? 0 : Math.min(high - 1, ...seen);
  const y = (value: number): number => 18 + INSET / 2 + ((high - value) / (high - low)) * (HEIGHT - 18 - INSET);
  const size = Math.max(2, Math.min(5, step / 3));
  const marked = (value: number | null, at: number): string => {
    if (value === null) return "";
    const [left, top] = [(at - size).toFixed(1), y(value)];
    if (row.mark === "bar") return `M${(at - step * 0.3).toFixed(1)} ${HEIGHT}V${top.toFixed(1)}h${(step * 0.6).toFixed(1)}V${HEIGHT}z`;
    if (row.mark === "dot") return `M${left} ${top.toFixed(1)}a${size} ${size} 0 1 0 ${2 * size} 0a${size} ${size} 0 1 0 ${-2 * size} 0z`;
    return `M${left} ${(top - size).toFixed(1)}h${2 * size}v${2 * size}h${-2 * size}z`;
  };
  return (
    <>
      <text class="trend-label" x={2} y={12}>
        {row.label}
      </text>
      {seen.length > 0 && (
        <>
          <text class="trend-tick" x={LEFT - 6} y={y(high) + 4} text-anchor="end">
            {high}
          </text>
          <text class="trend-tick" x={LEFT - 6} y={y(low) + 4} text-anchor="end">
            {low}
          </text>
        </>
      )}
      <line class="trend-rule" x1={LEFT} x2={right} y1={HEIGHT} y2={HEIGHT} />
      {/* one shape for all marks of a kind: two hundred of their own take long to make on a slow tablet */}
      {all[0]?.map((_, which) => (
        <path key={which} class={`course-mark${which === 1 ? " hollow" : ""}`} d={all.map((values, place) => marked(values[which] ?? null, x(place))).join("")} />
      ))}
    </>
  );
}
