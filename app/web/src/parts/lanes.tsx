import type { VNode } from "preact";
import type { View } from "../project";
import { counts, events, type Row } from "../sets";
import { GRADES } from "../vitals";
import { plain, words } from "../words";
import { eventWords } from "./flowsheet";
import type { Paper } from "./trend";

const GLYPH = 6.3;

interface Placed {
  height: number;
  marks: { id: string; at: number; said: string; begin: number; row: number }[];
}
const ROWS = 4;
const ROW = 15;

/** Where the words of each event stand: in the first row with room. `row` -1: the words stand in the table only. */
export function placed(record: View, paper: Paper): Placed {
  const ends: number[] = Array(ROWS).fill(0);
  const marks = events(record)
    .filter((each) => counts(each) && each.event.kind !== "concern-acknowledged" && each.event.kind !== "baseline-accepted")
    .map(({ event }) => {
      const at = paper.x(Date.parse(event.at));
      const said = short(eventWords(event));
      const width = said.length * GLYPH;
      const begin = Math.max(2, Math.min(at + 3, paper.width - width));
      const row = ends.findIndex((end) => end <= begin);
      if (row >= 0) ends[row] = begin + width + 6;
      return { id: event.id, at, said, begin, row };
    });
  return { height: ROW * (1 + Math.max(0, ...marks.map((mark) => mark.row))) + 6, marks };
}

/** Events at the head of the picture, each with a line down through everything. */
export function Events({ placed: { height, marks }, bottom }: { placed: Placed; bottom: number }): VNode {
  return (
    <>
      {marks.map(({ id, at, said, begin, row }) => (
        <g key={id}>
          <line class="trend-event" x1={at} x2={at} y1={row < 0 ? height - 6 : row * ROW + 3} y2={bottom} />
          {row >= 0 && (
            <text class="trend-words" x={begin} y={row * ROW + 12}>
              {said}
            </text>
          )}
        </g>
      ))}
    </>
  );
}

const short = (said: string): string => {
  const plainer = said.replace(/^infusion (\w+)/, "$1").replace(/^nasal device given/, "device").replace(/^medication given: /, "").replace(/ over \d+ min.*$/, "");
  return plainer.length > 22 ? `${plainer.slice(0, 21)}…` : plainer;
};

/** The nurse's grade from set to set: higher and wider hatched the stronger, with its word. */
export function Dissociation({ sets, paper }: { sets: Row[]; paper: Paper }): VNode {
  let end = 0;
  let before = "";
  const boxes: VNode[] = [];
  const labels = sets.map(({ reading }, place) => {
    const at = paper.x(Date.parse(reading.measured_at));
    const next = sets[place + 1];
    const until = paper.x(next ? Date.parse(next.reading.measured_at) : paper.to);
    const grade = reading.dissociation?.grade ?? null;
    const height = grade === null ? 0 : GRADES.indexOf(grade) * 7 + 2;
    const said = grade === null ? "n/m" : grade;
    const fits = said !== before && at >= end;
    if (fits) end = at + said.length * GLYPH + 4;
    before = fits || said === before ? said : before;
    boxes.push(<rect key={reading.id} class={grade === null ? "trend-missing" : "trend-grade"} x={at} width={Math.max(1, until - at - 1)} y={28 - height} height={Math.max(2, height)} />);
    return fits ? (
      <text class="trend-words" key={reading.id} x={Math.min(at, paper.right - said.length * GLYPH)} y={height > 12 ? 25 : 24 - height}>
        {said}
      </text>
    ) : null;
  });
  return (
    <>
      <text class="trend-label" x={2} y={22}>
        {words.trend.dissociation}
      </text>
      {boxes}
      {labels}
    </>
  );
}

/** Symptoms as they were named: a mark at each set that names one, and where it was said to have gone. */
export function Symptoms({ record, sets, paper }: { record: View; sets: Row[]; paper: Paper }): { height: number; picture: VNode } | null {
  const codes = [...new Set(sets.flatMap(({ reading }) => (reading.symptoms ?? []).map((each) => each.code)))];
  if (codes.length === 0) return null;
  const line = 18;
  const gone = events(record).filter((each) => each.event.kind === "symptom-resolved" && counts(each));
  const picture = (
    <>
      {codes.map((code, place) => {
        const height = place * line + 14;
        const mentions = sets.flatMap(({ reading }) => (reading.symptoms ?? []).filter((each) => each.code === code).map((each) => ({ at: paper.x(Date.parse(reading.measured_at)), severity: each.severity ?? "?" })));
        const ends = gone.filter(({ event }) => event.detail?.code === code).map(({ event }) => paper.x(Date.parse(event.at)));
        const first = mentions[0]!.at;
        const last = Math.max(...mentions.map((each) => each.at), ...ends);
        const said = plain(code);
        const left = first < paper.right / 2;
        return (
          <g key={code}>
            <line class="trend-symptom" x1={first} x2={last} y1={height} y2={height} />
            {mentions.map((each) => (
              <text key={each.at} class="trend-severity" x={each.at} y={height + 4} text-anchor="middle">
                {each.severity === "severe" ? "●" : each.severity === "moderate" ? "◐" : "○"}
              </text>
            ))}
            {ends.map((at) => (
              <line key={at} class="trend-line" x1={at} x2={at} y1={height - 6} y2={height + 6} />
            ))}
            <text class="trend-words" x={left ? last + 10 : first - 10} text-anchor={left ? "start" : "end"} y={height + 4}>
              {said}
            </text>
          </g>
        );
      })}
    </>
  );
  return { height: codes.length * line + 6, picture };
}
