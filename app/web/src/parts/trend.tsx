import { computed } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { shortly } from "../names";
import type { View } from "../project";
import { counts, events, rows } from "../sets";
import { clinicNow, clockText, tick } from "../time";
import { allowedBand, type Band, type Vital } from "../vitals";
import { words } from "../words";
import { looking } from "./flowsheet";
import { Dissociation, Events, placed, Symptoms } from "./lanes";

const LEFT = 62;
const RIGHT = 40;
/** Room between the newest value and the number that says it. */
const INSET = 12;
const HOUR = 3_600_000;
/** The picture moves once a clinic's minute, not with every second. */
const minute = computed(() => (tick.value, Math.floor(clinicNow() / 60_000)));

/** Where instants and values stand on the paper, in pixels. */
export interface Paper {
  width: number;
  left: number;
  right: number;
  from: number;
  to: number;
  x: (at: number) => number;
}

interface Panel {
  label: string;
  vitals: Vital[];
  height: number;
  /** Least height of the scale, in the vital's unit, so that small wobbles look small. */
  least: number;
}
const PANELS: Panel[] = [
  { label: words.trend.bp, vitals: ["systolic", "diastolic"], height: 104, least: 90 },
  { label: words.vitals.heart_rate.short, vitals: ["heart_rate"], height: 58, least: 40 },
  { label: words.vitals.respiratory_rate.short, vitals: ["respiratory_rate"], height: 46, least: 12 },
  { label: words.vitals.spo2.short, vitals: ["spo2"], height: 46, least: 10 },
];
const CRITERIA = {
  systolic: "systolic-recovered",
  diastolic: "diastolic-recovered",
  heart_rate: "heart-rate-recovered",
  respiratory_rate: "respiratory-rate-recovered",
  spo2: "spo2-recovered",
} as const;

/** The course of one session: each vital against the patient's own band, and what was done, on one time axis. */
export function Trend({ record }: { record: View }): VNode {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(640);
  useEffect(() => {
    const watcher = new ResizeObserver(([entry]) => entry && setWidth(Math.max(300, Math.round(entry.contentRect.width))));
    watcher.observe(frame.current!);
    return () => watcher.disconnect();
  }, []);
  return (
    <figure class="trend" aria-labelledby="trend-title">
      <h2 id="trend-title">{words.trend.title}</h2>
      <div ref={frame}>
        <Picture record={record} width={width} />
      </div>
      <figcaption class="label">
        {words.trend.inside} · ▲▼ {words.trend.outside}
      </figcaption>
    </figure>
  );
}

function Picture({ record, width }: { record: View; width: number }): VNode {
  minute.value;
  const sets = rows(record).filter(counts).reverse();
  const instants = [...sets.map(({ reading }) => reading.measured_at), ...events(record).filter(counts).map(({ event }) => event.at)].map((at) => Date.parse(at)).sort((a, b) => a - b);
  if (sets.length === 0) return <p class="quiet">{words.trend.none}</p>;
  const from = instants[0]!;
  const over = record.discharge ? Date.parse(record.discharge.left_at) : record.readiness?.closed ? instants.at(-1)! : clinicNow();
  const to = Math.max(over, instants.at(-1)!, from + HOUR / 2);
  const paper: Paper = { width, left: LEFT, right: width - RIGHT, from, to, x: (at) => LEFT + ((at - from) / (to - from)) * (width - LEFT - RIGHT - INSET) };

  const parts: VNode[] = [];
  let top = 0;
  const put = (height: number, part: VNode): void => {
    parts.push(<g transform={`translate(0 ${top})`}>{part}</g>);
    top += height;
  };
  const done = placed(record, paper);
  top = done.height;
  for (const panel of PANELS) put(panel.height + 10, <Curve key={panel.label} panel={panel} record={record} paper={paper} />);
  put(34, <Dissociation sets={sets} paper={paper} />);
  const symptoms = Symptoms({ record, sets, paper });
  if (symptoms) put(symptoms.height, symptoms.picture);
  const bottom = top;
  return (
    <svg viewBox={`0 0 ${width} ${bottom + 24}`} width="100%" role="img" aria-labelledby="trend-picture trend-about" class="trend-picture">
      <title id="trend-picture">
        {words.trend.title}: {shortly(record.patient)}
      </title>
      <desc id="trend-about">{words.trend.about(sets.length, clockText(sets[0]!.reading.measured_at), clockText(sets.at(-1)!.reading.measured_at))}</desc>
      <Events placed={done} bottom={bottom} />
      {parts}
      <Axis paper={paper} bottom={bottom} />
    </svg>
  );
}

/** The band of a vital near the baseline, from the service's baseline and limits. */
function bandOf(record: View, vital: Vital): Band | null {
  const reference = record.baseline?.vitals[vital];
  const limits = record.limits[CRITERIA[vital]];
  return reference && limits ? allowedBand(reference, limits) : null;
}

function Curve({ panel, record, paper }: { panel: Panel; record: View; paper: Paper }): VNode {
  const all = rows(record).filter(counts).reverse();
  const bands = panel.vitals.map((vital) => bandOf(record, vital));
  const ceiling = panel.vitals[0] === "spo2" ? 100 : 300;
  const seen = [
    ...panel.vitals.flatMap((vital) => all.flatMap(({ reading }) => reading[vital] ?? [])),
    ...bands.flatMap((band) => (band ? [band.low, Math.min(band.high, ceiling)] : [])),
  ];
  const middle = seen.length === 0 ? 100 : (Math.max(...seen) + Math.min(...seen)) / 2;
  const reach = Math.max(panel.least, seen.length === 0 ? 0 : Math.max(...seen) - Math.min(...seen)) / 2;
  const high = Math.min(middle + reach, ceiling === 100 ? Math.max(100, middle) : middle + reach);
  const low = middle - reach;
  const y = (value: number): number => 8 + ((high - Math.min(value, high)) / (high - low)) * (panel.height - 16);
  const newest = all.at(-1)?.reading;
  // numbers at the edges of the bands, where they do not stand in each other's way
  const edges: number[] = [];
  for (const edge of bands.flatMap((band) => (band && band.low <= band.high ? [band.high, band.low] : [])))
    if (edge < ceiling && edges.every((other) => Math.abs(y(other) - y(edge)) >= 11)) edges.push(edge);
  return (
    <>
      {edges.map((edge) => (
        <text class="trend-tick" key={edge} x={paper.left - 4} y={y(edge) + 4} text-anchor="end">
          {edge}
        </text>
      ))}
      <line class="trend-rule" x1={paper.left} x2={paper.right} y1={panel.height + 5} y2={panel.height + 5} />
      <text class="trend-label" x={2} y={18}>
        {panel.label}
      </text>
      {panel.vitals.map((vital, place) => {
        const band = bands[place];
        const reference = record.baseline?.vitals[vital];
        return (
          <g key={vital}>
            {band && band.low <= band.high && (
              <rect class="trend-band" x={paper.left} width={paper.right - paper.left} y={y(Math.min(band.high, ceiling))} height={y(band.low) - y(Math.min(band.high, ceiling))} />
            )}
            {reference && reference.count > 0 && (
              <line class="trend-baseline" x1={paper.left} x2={paper.right} y1={y(reference.sum / reference.count)} y2={y(reference.sum / reference.count)} />
            )}
            <Points vital={vital} all={all} band={band ?? null} x={paper.x} y={y} hollow={vital === "diastolic"} />
            {newest && newest[vital] !== null && (
              <text class="trend-now" x={paper.right + 6} y={y(newest[vital]) + 5}>
                {newest[vital]}
              </text>
            )}
          </g>
        );
      })}
    </>
  );
}

interface PointsProps {
  vital: Vital;
  all: ReturnType<typeof rows>;
  band: Band | null;
  x: (at: number) => number;
  y: (value: number) => number;
  hollow: boolean;
}

/** Values as points; a line joins neighbours only, and never across a set in which the vital was not measured. */
function Points({ vital, all, band, x, y, hollow }: PointsProps): VNode {
  const runs: string[] = [];
  let run = "";
  for (const { reading } of all) {
    const value = reading[vital];
    if (value === null) {
      runs.push(run);
      run = "";
    } else run += `${run === "" ? "M" : "L"}${x(Date.parse(reading.measured_at)).toFixed(1)} ${y(value).toFixed(1)}`;
  }
  runs.push(run);
  return (
    <>
      {runs.filter(Boolean).map((path) => (
        <path key={path} class="trend-line" d={path} />
      ))}
      {all.map(({ reading, state }) => {
        const at = x(Date.parse(reading.measured_at));
        const value = reading[vital];
        if (value === null) return null;
        const side = band === null ? 0 : value > band.high ? 1 : value < band.low ? -1 : 0;
        const concerning = reading.concerns.some((concern) => concern.vital === vital);
        const waiting = state !== null && state !== "in the record" ? " waiting" : "";
        const height = y(value);
        return (
          <g key={reading.id} class={`trend-point${hollow ? " hollow" : ""}${waiting}${looking.value === reading.id ? " looked" : ""}`} onClick={() => (looking.value = reading.id)}>
            <circle class="trend-hit" cx={at} cy={height} r={12} />
            {concerning && <circle class="trend-concern" cx={at} cy={height} r={9} />}
            {side === 0 ? <circle class="trend-dot" cx={at} cy={height} r={3.6} /> : <path class="trend-dot" d={`M${at - 5.5} ${height + 4.5 * side}h11l-5.5 ${-10 * side}z`} />}
          </g>
        );
      })}
    </>
  );
}

const STEPS = [10, 15, 30, 60, 120, 240].map((minutes) => minutes * 60_000);

function Axis({ paper, bottom }: { paper: Paper; bottom: number }): VNode {
  const room = Math.max(2, Math.floor((paper.right - paper.left) / 64));
  const step = STEPS.find((each) => (paper.to - paper.from) / each <= room) ?? HOUR * 8;
  const marks: number[] = [];
  for (let at = Math.ceil(paper.from / step) * step; at <= paper.to; at += step) marks.push(at);
  return (
    <>
      {marks.map((at) => (
        <g key={at}>
          <line class="trend-rule" x1={paper.x(at)} x2={paper.x(at)} y1={bottom} y2={bottom + 5} />
          <text class="trend-tick" x={paper.x(at)} y={bottom + 18} text-anchor="middle">
            {clockText(at)}
          </text>
        </g>
      ))}
    </>
  );
}
