import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { Refused, type Schemas } from "../../api";
import { dayBegins } from "../../desk/days";
import { shortly } from "../../names";
import { BOUNDS, readNumber, written } from "../../numbers";
import { Discard } from "../../parts/discard";
import { Ask, Field, type Faults, type Form, Outcome, useForm } from "../../parts/form";
import { useTyped } from "../../parts/typed";
import { chosen } from "../../patient";
import { go } from "../../place";
import { useScope } from "../../scope";
import { charts, connected, person } from "../../store";
import { clinicNow, dayText, stamp } from "../../time";
import { pastWords } from "./words";

type Past = Schemas["PatientPastOut"];
type Patient = Past["patient"];
type Course = Past["courses"]["items"][number];
const page = pastWords.page;
const say = pastWords.course;
const SECOND = 1000;

/** What is planned for a patient and who has cleared it; whoever charts plans, a clinician clears. */
export function Courses({ past: { patient, courses }, again }: { past: Past; again: () => void }): VNode {
  return (
    <section class="card" aria-labelledby="courses">
      <h2 id="courses">{page.courses}</h2>
      {courses.items.length === 0 && <p>{page.noCourse}</p>}
      {courses.items.map((course) => (
        <div key={course.id} class="course" role="group" aria-labelledby={`course-${course.id}`}>
          <b id={`course-${course.id}`}>{[page.given(course.given, course.planned_sessions), ...(course.interval_days === null ? [] : [page.every(course.interval_days)])].join(", ")}</b>
          {course.note && <span class="quiet wrap">{page.note(course.note)}</span>}
          <Clearance clearance={course.clearance} />
          {person.value?.role === "clinician" && <Clearing patient={patient} course={course} again={again} />}
          {charts.value && <Planning patient={patient} course={course} known={courses.items} again={again} />}
          {charts.value && <NewInCourse patient={patient} course={course} />}
        </div>
      ))}
      {courses.next !== null && <p class="quiet">{page.notAll}</p>}
      {charts.value && (
        <div class="course">
          <Planning patient={patient} course={null} known={courses.items} again={again} />
        </div>
      )}
    </section>
  );
}

const isOver = ({ until }: { until: string | null }): boolean => until !== null && Date.parse(until) < clinicNow();

function Clearance({ clearance }: { clearance: Course["clearance"] }): VNode {
  if (clearance === null) return <span class="concern">&#9650; {page.notCleared}</span>;
  const { until, note } = clearance;
  return (
    <>
      {isOver(clearance) ? (
        <span class="concern">&#9650; {page.ended(dayText(until!))}</span>
      ) : (
        <span>
          {page.cleared(clearance.recorded_by.name, dayText(clearance.recorded_at))}
          {until && page.until(dayText(until))}
        </span>
      )}
      {note && <span class="quiet wrap">{page.note(note)}</span>}
    </>
  );
}

/** What a form that unfolds does once it is saved: what was typed is in the record, and the form folds under the finger. */
function useFold(done: () => void, again: () => void): { fold: { current: HTMLDetailsElement | null }; keep: (act: () => Promise<unknown>) => Promise<void> } {
  const fold = useRef<HTMLDetailsElement>(null);
  const keep = async (act: () => Promise<unknown>): Promise<void> => {
    try {
      await act();
    } catch (failure) {
      // somebody else was first: what they said is shown above what is typed here
      if (failure instanceof Refused && [412, 428].includes(failure.problem.status)) again();
      throw failure;
    }
    done();
    again();
    if (fold.current === null) return;
    fold.current.open = false;
    fold.current.querySelector("summary")?.focus();
  };
  return { fold, keep };
}

/** What is typed anew is not kept yet, whatever was before. */
const unlessBegun = (form: Form, begun: boolean): Form => ({ ...form, done: form.done && !begun });

const upon = (revision: number): { headers: Record<string, string> } => ({ headers: revision > 0 ? { "If-Match": `"${revision}"` } : {} });

interface Plan {
  planned_sessions: string;
  interval_days: string;
  note: string;
}
/** What differs from what is kept. `id`: of a course that is new, so that the same tap again makes no second one. */
type TypedPlan = Partial<Plan> & { id?: string };
const NOTHING: TypedPlan = {};

/** A course is planned, or one that is planned is changed. */
function Planning({ patient, course, known, again }: { patient: Patient; course: Course | null; known: readonly Course[]; again: () => void }): VNode {
  const [typed, setTyped, done] = useTyped<TypedPlan>(patient.id, `course/${course?.id ?? "new"}`, NOTHING);
  const form = useForm();
  const scope = useScope();
  const { fold, keep } = useFold(done, again);
  const { id, ...texts } = typed;
  const plan: Plan = { planned_sessions: written(course?.planned_sessions), interval_days: written(course?.interval_days), note: course?.note ?? "", ...texts };
  const sessions = readNumber(plan.planned_sessions, BOUNDS.planned_sessions);
  const interval = readNumber(plan.interval_days, BOUNDS.interval_days);
  const begun = Object.keys(typed).length > 0;
  const set = (name: keyof Plan) => (text: string) => setTyped({ ...typed, ...(course ? {} : { id: id ?? crypto.randomUUID() }), [name]: text });
  const check = (): Faults => ({
    planned_sessions: plan.planned_sessions.trim() === "" ? say.sessionsNeeded : (sessions.fault ?? ""),
    interval_days: interval.fault ?? "",
  });
  const save = (): Promise<void> =>
    keep(() => {
      const course_id = course?.id ?? id!;
      const body = { patient_id: patient.id, planned_sessions: sessions.value!, interval_days: interval.value, note: plan.note.trim() || null };
      // after an answer that was lost the new one is known already
      const revision = known.find((each) => each.id === course_id)?.revision ?? 0;
      return scope.ask("put", "/v1/courses/{course_id}", { course_id }, body, upon(revision));
    });
  const who = person.value?.name ?? "";
  return (
    <>
      <details ref={fold} open={begun}>
        <summary>{course ? say.change : say.plan}</summary>
        <form class="stack" noValidate ref={form.ref} onSubmit={form.submit(check, save)}>
          <Field label={say.sessions} kind="number" most={12} value={plan.planned_sessions} set={set("planned_sessions")} fault={form.faults.planned_sessions} />
          <Field label={say.interval} hint={say.intervalHint} kind="number" most={12} value={plan.interval_days} set={set("interval_days")} fault={form.faults.interval_days} />
          <Field label={say.note} hint={say.noteHint} lines={2} most={2000} value={plan.note} set={set("note")} fault={form.faults.note} />
          <button class="button" disabled={form.busy || !connected.value}>
            {course ? say.saveChange(shortly(patient), who) : say.savePlan(shortly(patient), who)}
          </button>
          {begun && <Discard label={say.discard} discard={done} />}
        </form>
      </details>
      <Outcome form={unlessBegun(form, begun)} fields={["planned_sessions", "interval_days", "note"]} />
    </>
  );
}

type Holds = "open" | "day" | "ended";
interface TypedClearance {
  holds: Holds | null;
  day: string;
  note: string;
}
const UNSAID: TypedClearance = { holds: null, day: "", note: "" };
const DAY = /^\d{4}-\d\d-\d\d$/;

/** A clinician's word on a course: without an end, until a day, or no more. Nothing of the last word is filled in. */
function Clearing({ patient, course, again }: { patient: Patient; course: Course; again: () => void }): VNode {
  const [typed, setTyped, done] = useTyped<TypedClearance>(patient.id, `clearance/${course.id}`, UNSAID);
  const form = useForm();
  const scope = useScope();
  const { fold, keep } = useFold(done, again);
  const held = course.clearance;
  const holding = held !== null && !isOver(held);
  const { day, note } = typed;
  const holds = typed.holds === "ended" && !holding ? null : typed.holds;
  const check = (): Faults => ({
    holds: holds === null ? say.holdsNeeded : "",
    until: holds !== "day" ? "" : !DAY.test(day) ? say.untilNeeded : day < dayText(clinicNow()) ? say.untilPast : "",
  });
  const until = (): string | null => {
    if (holds === "day") return stamp(Date.parse(dayBegins(day, 1)) - SECOND);
    // the last instant at which it held lies behind
    return holds === "ended" ? stamp(clinicNow() - SECOND) : null;
  };
  const save = (): Promise<void> =>
    keep(() => scope.ask("put", "/v1/courses/{course_id}/clearance", { course_id: course.id }, { until: until(), note: note.trim() || null }, upon(held?.revision ?? 0)));
  const begun = typed.holds !== null || day !== "" || note !== "";
  const offered: Holds[] = holding ? ["open", "day", "ended"] : ["open", "day"];
  const who = person.value?.name ?? "";
  return (
    <>
      <details ref={fold} open={begun}>
        <summary>{held === null ? say.clear : holding ? say.changeClearance : say.clearAgain}</summary>
        <form class="stack" noValidate ref={form.ref} onSubmit={form.submit(check, save)}>
          <p class="quiet">{say.means}</p>
          <Ask label={say.holds} options={offered.map((value) => ({ value, label: say[value] }))} picked={holds} pick={(picked) => setTyped({ ...typed, holds: picked })} fault={form.faults.holds} />
          {holds === "day" && <Field label={say.until} kind="date" value={day} set={(text) => setTyped({ ...typed, day: text })} fault={form.faults.until} />}
          {holds === "ended" && <p class="concern">&#9650; {say.endMeans}</p>}
          <Field label={say.note} hint={say.noteHint} lines={2} most={2000} value={note} set={(text) => setTyped({ ...typed, note: text })} fault={form.faults.note} />
          <button class="button" disabled={form.busy || !connected.value}>
            {holds === "ended" ? say.saveEnd(shortly(patient), who) : say.saveClearance(shortly(patient), who)}
          </button>
          {begun && <Discard label={say.discard} discard={done} />}
        </form>
      </details>
      <Outcome form={unlessBegun(form, begun)} fields={holds === "day" ? ["holds", "until", "note"] : ["holds", "note"]} />
    </>
  );
}

function NewInCourse({ patient, course: { id, planned_sessions } }: { patient: Patient; course: Course }): VNode {
  const begin = (): void => {
    chosen.value = { ...patient, course: { id, planned_sessions } };
    go({ screen: "new", patient: patient.id });
  };
  return (
    <span>
      <button type="button" class="button" onClick={begin}>
        {say.newIn(shortly(patient))}
      </button>
    </span>
  );
}
