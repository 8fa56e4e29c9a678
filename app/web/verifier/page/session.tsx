/** What the pack says of the session. It may be made up, so nothing here is taken to be of any form. */

import type { KeptAssessment } from "../pack/fold";
import { isDoc, type Doc, type Json } from "../pack/json";
import type { Report } from "../pack/check";
import { showIn, type Show } from "./time";
import { plain, words } from "./words";

function doc(of: Json | undefined): Doc {
  return isDoc(of) ? of : {};
}

function docs(of: Json | undefined): Doc[] {
  return Array.isArray(of) ? of.filter(isDoc) : [];
}

function text(of: Json | undefined): string {
  return of === null || of === undefined ? "" : String(of);
}

/** Whether something that failed names this fact. */
type Named = (id: Json | undefined) => boolean;

export function Session({ report }: { report: Report }) {
  const failed = report.lines.filter((one) => one.result === "failed").map((one) => one.words);
  const named: Named = (id) => typeof id === "string" && failed.some((words) => words.includes(id));
  const manifest = report.manifest ?? {};
  const record = doc(manifest["record"]);
  const zone = text(doc(record["clinic"])["timezone"]) || "UTC";
  const first = docs(doc(docs(record["readings"])[0])["revisions"])[0]?.["measured_at"];
  const show = showIn(zone, doc(record["dose"])["started"] ?? first);
  return (
    <>
      <Header manifest={manifest} record={record} show={show} zone={zone} />
      <Signatures record={record} assessments={report.folded?.assessments ?? []} show={show} named={named} />
      <Findings latest={doc(record["latest"])} show={show} />
      <Readings readings={docs(record["readings"])} show={show} named={named} />
      <Events events={docs(record["events"])} show={show} named={named} />
    </>
  );
}

function Header({ manifest, record, show, zone }: { manifest: Doc; record: Doc; show: Show; zone: string }) {
  const patient = doc(record["patient"]);
  const session = doc(record["session"]);
  const protocol = doc(record["protocol"]);
  const dose = doc(record["dose"]);
  const escort = doc(record["escort"]);
  const discharge = doc(record["discharge"]);
  const cleared = doc(doc(record["clearance"] ?? record["course_clearance"])["recorded_by"]);
  const present = Object.entries(doc(doc(record["screening"])["answers"])).filter(([, answer]) => answer === true).map(([name]) => plain(name));
  const screening = record["screening"] ? (present.length ? words.screeningPresent(present.join(", ")) : words.screeningClear) : words.none;
  const today = Object.entries(doc(doc(record["screening"])["same_day"]));
  const wrong = today.filter(([, answer]) => answer !== "right").map(([name]) => plain(name));
  const call = doc(escort["phone"]);
  const reached = call["number"] ? words.reached(text(call["number"]), show.time(call["reached_at"])) : "";
  const rows: [string, string][] = [
    [words.facts.clinic, text(doc(record["clinic"])["name"])],
    [words.facts.route, plain(session["route"])],
    [words.facts.state, plain(session["state"])],
    [words.facts.protocol, `${text(protocol["id"])}, version ${text(protocol["version"])}`],
    [words.facts.screening, screening],
    [words.facts.sameDay, today.length === 0 ? words.none : wrong.length > 0 ? words.sameDayWrong(wrong.join(", ")) : words.sameDayRight],
    [words.facts.clearance, cleared["name"] ? `${text(cleared["name"])}, ${text(cleared["role"])}` : words.none],
    [words.facts.dose, dose["started"] ? `${show.whole(dose["started"])} to ${dose["ended"] ? show.time(dose["ended"]) : "…"}` : words.none],
    [words.facts.escort, escort["name"] ? `${text(escort["name"])}${escort["present_at"] ? `, seen ${show.time(escort["present_at"])}` : ""}${reached}` : words.none],
    [words.facts.discharge, discharge["left_at"] ? words.left(show.time(discharge["left_at"])) : words.none],
  ];
  const by = doc(manifest["made_by"]);
  return (
    <section class="card">
      <h2 class="name">
        {text(patient["family_name"])}, {text(patient["given_name"])}
      </h2>
      <p class="identifiers">
        {words.born(text(patient["birth_date"]))} · {text(patient["record_number"])}
      </p>
      {manifest["demo"] === true && <p class="demo">{words.demo}</p>}
      <dl class="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p class="quiet">
        {words.zone(zone)}. {words.made(`${text(by["name"])} (${text(by["role"])})`, show.whole(manifest["made_at"]))}.
      </p>
    </section>
  );
}

function Changed() {
  return <strong class="changed">✗ {words.doesNotFit}</strong>;
}

function Signatures({ record, assessments, show, named }: { record: Doc; assessments: readonly KeptAssessment[]; show: Show; named: Named }) {
  const signed = docs(record["confirmations"]);
  return (
    <section class="card">
      <h2>{words.signatures}</h2>
      {!signed.length && <p class="quiet">{words.nobodySigned}</p>}
      {signed.map((one) => {
        const by = doc(one["recorded_by"]);
        const over = assessments.find((kept) => kept.digest === one["digest"]);
        const decision = words.decisions[text(one["decision"])] ?? text(one["decision"]);
        const criteria = Array.isArray(one["named"]) ? one["named"].map(plain) : [];
        return (
          <article class="signature" key={text(one["id"])}>
            <h3>{words.signedBy(decision, text(by["name"]), text(by["role"]), show.time(one["signed_at"]))}</h3>
            <p>{over ? words.overAssessment(over.number, words.statuses[over.status] ?? over.status) : words.overNone}</p>
            {one["own_assessment"] !== null && (
              <p>
                {words.ownWords}: <q>{text(one["own_assessment"])}</q>
              </p>
            )}
            {one["reason"] !== null && one["reason"] !== undefined && (
              <p>
                {words.because}: <q>{text(one["reason"])}</q>
              </p>
            )}
            {criteria.length > 0 && <p>{criteria.join(", ")}</p>}
            {named(one["id"]) && <Changed />}
            <pre>{text(one["signed_text"])}</pre>
          </article>
        );
      })}
    </section>
  );
}

const MARKS: Readonly<Record<string, string>> = { met: "✓", "not-met": "✗", unknown: "?" };

function Findings({ latest, show }: { latest: Doc; show: Show }) {
  const document = doc(latest["document"]);
  const findings = docs(document["findings"]);
  if (!findings.length) return null;
  const { criterion, outcome, seen } = words.columns;
  return (
    <section class="card">
      <h2>
        {words.findings}: {words.statuses[text(latest["status"])] ?? text(latest["status"])}
      </h2>
      <p class="quiet">{words.asOf(show.whole(document["as_of"]))}</p>
      <div class="wide">
        <table>
          <Head columns={[criterion, outcome, seen]} />
          <tbody>
            {findings.map((one) => (
              <tr key={text(one["criterion"])} class={`outcome ${text(one["outcome"])}`}>
                <th scope="row">{plain(one["criterion"])}</th>
                <td>
                  <span aria-hidden="true">{MARKS[text(one["outcome"])] ?? "?"}</span> {words.outcomes[text(one["outcome"])] ?? text(one["outcome"])}
                </td>
                <td>{seenIn(one, show)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function seenIn(finding: Doc, show: Show): string {
  const params = doc(finding["params"]);
  const baseline = doc(params["baseline"]);
  const at = params["at"] ?? params["newest_at"] ?? params["present_at"] ?? params["ended_at"];
  const value = params["value"] === null || typeof params["value"] === "boolean" ? "" : plain(params["value"]);
  const found = [plain(finding["code"]), value, baseline["shown"] ? `baseline ${text(baseline["shown"])}` : "", at ? show.time(at) : ""];
  return found.filter(Boolean).join(" · ");
}

function Head({ columns }: { columns: readonly string[] }) {
  return (
    <thead>
      <tr>
        {columns.map((name) => (
          <th scope="col" key={name}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Readings({ readings, show, named }: { readings: readonly Doc[]; show: Show; named: Named }) {
  const c = words.columns;
  const columns = [c.at, c.phase, c.heart_rate, c.pressure, c.respiratory_rate, c.spo2, c.consciousness, c.dissociation, c.symptoms, c.steady, c.by];
  return (
    <section class="card">
      <h2>{words.readings}</h2>
      {!readings.length && <p class="quiet">{words.noReadings}</p>}
      {readings.length > 0 && (
        <div class="wide">
          <table class="numbers">
            <Head columns={columns} />
            <tbody>
              {readings.flatMap((reading) => {
                const revisions = docs(reading["revisions"]);
                return revisions.map((one) => {
                  const newest = one === revisions.at(-1);
                  const why = reading["void"] ? words.void(text(doc(reading["void"])["reason"])) : newest ? text(one["reason"]) : "";
                  return <Row key={`${text(reading["id"])} ${text(one["revision"])}`} one={one} phase={newest ? text(reading["phase"]) : ""} gone={!newest || reading["void"] !== null} why={why} show={show} changed={named(reading["id"])} />;
                });
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Row({ one, phase, gone, why, show, changed }: { one: Doc; phase: string; gone: boolean; why: string; show: Show; changed: boolean }) {
  const oxygen = doc(one["oxygen"]);
  const conscious = doc(one["consciousness"]);
  const dissociation = doc(one["dissociation"]);
  const unmeasured = doc(one["not_measured"]);
  const value = (name: string) => (one[name] === null || one[name] === undefined ? `– ${text(unmeasured[name])}` : text(one[name]));
  const breathed = oxygen["kind"] === "room-air" ? "air" : oxygen["kind"] ? `O2 ${text(oxygen["flow_l_min"]) || "?"} l/min` : "";
  const symptoms = Array.isArray(one["symptoms"]) ? docs(one["symptoms"]).map((each) => `${plain(each["code"])} (${text(each["severity"]) || "?"})`).join(", ") || "none" : "–";
  const yes = (answer: Json | undefined) => (answer === true ? "yes" : answer === false ? "no" : "–");
  const score = dissociation["score"] === null || dissociation["score"] === undefined ? "" : `, ${text(dissociation["score"])}`;
  return (
    <tr class={gone ? "gone" : ""}>
      <th scope="row">{show.time(one["measured_at"])}</th>
      <td>{phase}</td>
      <td>{value("heart_rate")}</td>
      <td>
        {value("systolic")}/{value("diastolic")}
      </td>
      <td>{value("respiratory_rate")}</td>
      <td>
        {value("spo2")} {breathed}
      </td>
      <td>{conscious["scale"] ? `${plain(conscious["scale"])} ${text(conscious["score"])}` : value("consciousness")}</td>
      <td>{dissociation["grade"] ? `${text(dissociation["grade"])}${score}` : value("dissociation")}</td>
      <td>{symptoms}</td>
      <td>
        {yes(one["gait_steady"])}, {yes(one["orientated"])}
      </td>
      <td class="by">
        {text(doc(one["recorded_by"])["name"])}
        {why && <span class="why">{why}</span>}
        {changed && <Changed />}
      </td>
    </tr>
  );
}

function Events({ events, show, named }: { events: readonly Doc[]; show: Show; named: Named }) {
  const { at, what, detail, by } = words.columns;
  return (
    <section class="card">
      <h2>{words.events}</h2>
      {!events.length && <p class="quiet">{words.noEvents}</p>}
      {events.length > 0 && (
        <div class="wide">
          <table>
            <Head columns={[at, what, detail, by]} />
            <tbody>
              {events.map((one) => (
                <tr key={text(one["id"])} class={one["void"] ? "gone" : ""}>
                  <th scope="row">{show.time(one["at"])}</th>
                  <td>{plain(one["kind"])}</td>
                  <td class="detail">{details(doc(one["detail"]), show)}</td>
                  <td class="by">
                    {text(doc(one["recorded_by"])["name"])}
                    {one["void"] ? <span class="why">{words.void(text(doc(one["void"])["reason"]))}</span> : null}
                    {named(one["id"]) && <Changed />}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function details(of: Doc, show: Show): string {
  const found = Object.entries(of)
    .filter(([name, value]) => value !== null && name !== "reading")
    .map(([name, value]) => (Array.isArray(value) ? `${value.length} ${plain(name)}` : `${plain(name)} ${isDoc(value) ? JSON.stringify(value) : String(value)}`));
  const late = doc(of["reading"]);
  if (late["measured_at"]) {
    const vitals = (["heart_rate", "systolic", "diastolic", "respiratory_rate", "spo2"] as const).map((name) => `${plain(name)} ${text(late[name]) || "–"}`);
    found.push(`${words.lateReading(show.time(late["measured_at"]))} ${vitals.join(", ")}`);
  }
  return found.join(", ");
}
