import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Refused, type Schemas } from "../../api";
import { Screen } from "../../first/setup";
import { Ask, Field, Outcome, useForm } from "../../parts/form";
import { address } from "../../place";
import { useScope } from "../../scope";
import { clinicNow, dayText } from "../../time";
import { ReportShown, Tick, toTake } from "./report";
import { importWords as words } from "./words";

export type Report = Schemas["ImportReportOut"];
type Of = Report["of"];

interface Chosen {
  name: string;
  /** As it was read once: what is kept later is exactly what was looked at. */
  content: ArrayBuffer;
}

/** How a file is to be read, as the service asks for it. */
interface Way {
  birth_dates: string;
  ignore: string;
  identifier_system: string;
  deceased_seen: boolean;
  date: string;
  route: string;
  protocol: string;
}

const WRITTEN = ["YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY"];
const ROUTES = ["iv-infusion", "intranasal", ""] as const;
const LARGEST = 32 * 1024 * 1024;
/** A large file over a slow network, and a thousand rows of it. */
const PATIENCE_MS = 180_000;

/** Patients or a day list from a file: chosen, reported row by row, and then kept as it was reported. */
export function ImportScreen(): VNode {
  const [of, setOf] = useState<Of>("patients");
  const [file, setFile] = useState<Chosen | null>(null);
  const [way, setWay] = useState<Way>(() => ({ birth_dates: WRITTEN[0]!, ignore: "", identifier_system: "", deceased_seen: false, date: dayText(clinicNow()), route: "", protocol: "" }));
  const [report, setReport] = useState<Report | null>(null);
  const [seen, setSeen] = useState(false);
  const form = useForm();
  const scope = useScope();
  const asked = (more: [string, string][] = []) => ({
    query: [...queryOf(of, way), ...more],
    headers: { "Content-Type": typeOf(file!.content) },
    timeout: PATIENCE_MS,
  });
  const look = async (): Promise<void> => {
    const { body } = await scope.ask("post", `/v1/imports/${of}/report`, {}, file!.content, asked());
    setSeen(false);
    setReport(body);
  };
  const keep = async (): Promise<void> => {
    const more: [string, string][] = [["plan", report!.plan], ...(of === "patients" && seen ? ([["look_alikes_seen", "true"]] as [string, string][]) : [])];
    try {
      setReport((await scope.ask("post", `/v1/imports/${of}`, {}, file!.content, asked(more))).body);
    } catch (failure) {
      // what it would be now: the old report is no longer true
      if (failure instanceof Refused && failure.problem.report) {
        setSeen(false);
        setReport(failure.problem.report);
      }
      throw failure;
    }
  };
  if (report !== null && file !== null) {
    const again = (): void => {
      setReport(null);
      setFile(null);
      form.setFaults({});
    };
    const count = toTake(report);
    const confirm = (): void => (report.look_alikes && !seen ? form.setFaults({ "": words.seenMissing }) : void form.run(keep));
    return (
      <Screen
        title={words.report(file.name)}
        back=""
        foot={
          <>
            <button class="button" disabled={form.busy} onClick={again}>
              {report.kept ? words.another : words.mend}
            </button>
            {report.kept ? (
              <a class="button primary" href={address(of === "patients" ? { screen: "patients" } : { screen: "days", day: way.date })}>
                {of === "patients" ? words.toPatients : words.toDay}
              </a>
            ) : (
              report.counts.wrong === 0 &&
              count > 0 && (
                <button class="button primary" disabled={form.busy} onClick={confirm}>
                  {words.take[of](count)}
                </button>
              )
            )}
          </>
        }
      >
        {report.kept ? <p role="status">&#10003; {count > 0 ? words.done[of](count) : words.doneAlready}</p> : (form.busy || form.fault) ? <Outcome form={form} /> : <p role="status">{report.counts.wrong ? words.keptOut : words.nothingKept}</p>}
        <ReportShown report={report}>{report.look_alikes && !report.kept && report.counts.wrong === 0 && <Tick label={words.seen} on={seen} tap={() => setSeen(!seen)} />}</ReportShown>
      </Screen>
    );
  }
  const take = async (input: HTMLInputElement): Promise<void> => {
    const picked = input.files?.[0];
    if (!picked) return;
    try {
      if (picked.size > LARGEST) return form.setFaults({ file: words.tooLarge });
      setFile({ name: picked.name, content: await picked.arrayBuffer() });
      form.setFaults({});
    } catch {
      form.setFaults({ file: words.unreadable });
    } finally {
      // so that the same name can be chosen again, mended
      input.value = "";
    }
  };
  const set = <K extends keyof Way>(name: K) => (value: Way[K]): void => setWay((held) => ({ ...held, [name]: value }));
  return (
    <Screen
      title={words.title}
      back=""
      foot={
        <button class="button primary" form="import" disabled={form.busy}>
          {words.look}
        </button>
      }
    >
      <form id="import" class="card stack" noValidate ref={form.ref} onSubmit={form.submit(() => ({ file: file ? "" : words.none }), look)}>
        <p>{words.why}</p>
        <Ask label={words.of} options={(["patients", "days"] as const).map((value) => ({ value, label: words.ofs[value] }))} picked={of} pick={setOf} />
        <div class="field">
          <label class="button choose">
            {file ? words.another : words.choose}
            <input
              type="file"
              accept=".csv,.txt,.json,text/csv,application/json,application/fhir+json"
              aria-invalid={form.faults.file ? true : undefined}
              aria-describedby={form.faults.file ? "file-fault" : undefined}
              onChange={(event) => void take(event.currentTarget)}
            />
          </label>
          {file && <output>{words.chosen(file.name, file.content.byteLength)}</output>}
          {form.faults.file && (
            <span class="fault" role="alert" id="file-fault">
              {form.faults.file}
            </span>
          )}
        </div>
        {of === "days" && (
          <>
            <Field label={words.day} hint={words.dayWhy} kind="date" value={way.date} set={set("date")} fault={form.faults.date} />
            <Ask label={words.route} options={ROUTES.map((value) => ({ value, label: words.routes[value] }))} picked={way.route as (typeof ROUTES)[number]} pick={set("route")} />
          </>
        )}
        <details>
          <summary>{words.more}</summary>
          <div class="stack">
            <Ask label={words.birthDates} options={WRITTEN.map((value) => ({ value, label: value }))} picked={way.birth_dates} pick={set("birth_dates")}>
              <span class="quiet">{words.birthDatesWhy}</span>
            </Ask>
            <Field label={words.ignore} hint={words.ignoreWhy} value={way.ignore} set={set("ignore")} most={2000} fault={form.faults.ignore} />
            <Field label={words.system} hint={words.systemWhy} kind="username" value={way.identifier_system} set={set("identifier_system")} most={500} fault={form.faults.identifier_system} />
            {of === "days" ? (
              <Field label={words.protocol} hint={words.protocolWhy} kind="username" value={way.protocol} set={set("protocol")} most={80} fault={form.faults.protocol} />
            ) : (
              <Tick label={words.deceased} on={way.deceased_seen} tap={() => set("deceased_seen")(!way.deceased_seen)} />
            )}
          </div>
        </details>
        {form.busy ? <p role="status">{words.looking}</p> : <Outcome form={form} fields={["file", "date", "ignore", "identifier_system", "protocol"]} />}
      </form>
    </Screen>
  );
}

function queryOf(of: Of, way: Way): [string, string][] {
  const found: [string, string][] = [["birth_dates", way.birth_dates]];
  const add = (name: string, value: string): void => void (value.trim() && found.push([name, value.trim()]));
  for (const column of way.ignore.split(",")) add("ignore", column);
  add("identifier_system", way.identifier_system);
  if (of === "patients") add("deceased_seen", way.deceased_seen ? "true" : "");
  else {
    add("date", way.date);
    add("route", way.route);
    add("protocol", way.protocol);
  }
  return found;
}

/** A Bundle begins with a bracket, whatever the file is called. */
function typeOf(content: ArrayBuffer): string {
  const begins = new TextDecoder().decode(content.slice(0, 4096)).trimStart();
  return begins.startsWith("{") || begins.startsWith("[") ? "application/fhir+json" : "text/csv";
}
