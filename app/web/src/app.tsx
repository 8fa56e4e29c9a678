import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { alerts } from "./alerts";
import { useArrival } from "./arrival";
import { invitation } from "./invited";
import { firstRunToken, waitsForFirst } from "./opening";
import { Alerts } from "./parts/alerts";
import { Boundary } from "./parts/boundary";
import { fetchAhead, later, soon } from "./parts/later";
import { Notices } from "./parts/notices";
import { Undo } from "./parts/undo";
import { type Place, place } from "./place";
import { watch } from "./records";
import { Board } from "./screens/board";
import { Entry } from "./screens/entry";
import { LockScreen } from "./screens/lock";
import { charts, demo, onWard, person, toChange } from "./store";
import { visits } from "./visits";
import { words } from "./words";

const FirstRun = later(() => import("./first").then((found) => found.FirstRun));
const EventScreen = soon<Parameters<typeof import("./screens/event").EventScreen>[0]>(() => import("./screens/event").then((found) => found.EventScreen));
const NewSession = soon<Parameters<typeof import("./screens/new").NewSession>[0]>(() => import("./screens/new").then((found) => found.NewSession));
const OutboxScreen = soon(() => import("./screens/outbox").then((found) => found.OutboxScreen));
const Patients = soon(() => import("./screens/patients").then((found) => found.Patients));
const Review = soon<{ id: string }>(() => import("./screens/review").then((found) => found.Review));
const SessionScreen = soon<{ id: string }>(() => import("./screens/session").then((found) => found.SessionScreen));
const Start = soon<{ id: string }>(() => import("./screens/start").then((found) => found.Start));
const Release = later<{ id: string }>(() => import("./screens/release").then((found) => found.Release));
const Desk = later<{ part: string }>(() => import("./desk").then((found) => found.Desk));
const Clinic = later<{ part: string }>(() => import("./clinic").then((found) => found.Clinic));
const Wall = later(() => import("./wall").then((found) => found.Wall));
const Setup = later<{ part: string }>(() => import("./first").then((found) => found.Setup));

const PatientPage = later<{ patient: string }>(() => import("./screens/past").then((found) => found.PatientPage));
const Days = later<{ day: string | undefined }>(() => import("./screens/past").then((found) => found.Days));
const Elsewhere = later<{ opening: string | undefined; of: string | undefined }>(() => import("./screens/elsewhere").then((found) => found.Elsewhere));
const Evidence = later(() => import("./screens/evidence").then((found) => found.Evidence));

const DueForms = later(() => import("./screens/forms").then((found) => found.DueForms));
const Downtime = later(() => import("./screens/forms").then((found) => found.Downtime));
const FormPage = later<{ id: string }>(() => import("./screens/forms").then((found) => found.FormPage));
const AfterVisit = later<{ id: string }>(() => import("./screens/forms").then((found) => found.AfterVisit));

const Account = later(() => import("./screens/account").then((found) => found.Account));
const Invited = later(() => import("./screens/account").then((found) => found.Invited));
const GivenPassword = later(() => import("./screens/account").then((found) => found.GivenPassword));

/** Nobody can sign in yet; or somebody came by the console's link, and it is not known that it is too late. */
const isFirstRun = (): boolean => waitsForFirst.value ?? firstRunToken.value !== "";

export function App(): VNode {
  const isHere = person.value !== null;
  useEffect(() => {
    if (isHere && onWard.value) fetchAhead();
  }, [isHere]);
  return (
    <>
      <div role="status">{demo.value && <p class="demo">{words.demo}</p>}</div>
      {place.value.screen === "wall" ? (
        <Boundary whole on={place.value}>
          <Wall />
        </Boundary>
      ) : person.value === null ? (
        isFirstRun() ? (
          <FirstRun />
        ) : invitation.value !== "" ? (
          <Invited key={invitation.value} />
        ) : toChange.value !== null ? (
          <GivenPassword />
        ) : (
          <LockScreen />
        )
      ) : (
        <>
          <div class="above">
            <Notices />
            {onWard.value && (
              <Boundary on={alerts.value}>
                <Alerts />
              </Boundary>
            )}
          </div>
          <Boundary whole on={place.value}>
            <Here />
          </Boundary>
          <Undo />
        </>
      )}
    </>
  );
}

/** An auditor has the audit, how the clinic works in numbers, exports, and what is their own. */
function isAuditors(at: Place): boolean {
  return at.screen === "account" || at.screen === "evidence" || (at.screen === "clinic" && at.part === "exports");
}

/** A clinician reads protocols whole, and approves them. */
function isClinicians(at: Place): boolean {
  return person.value?.role === "clinician" && at.screen === "setup" && /^protocols$|:/.test(at.part ?? "");
}

/** Where others chart, whoever does not reads what there is. */
function toRead(at: Place): Place {
  if (at.screen === "entry" || at.screen === "event") return { screen: "session", id: at.id };
  return at.screen === "new" ? { screen: "patients" } : at;
}

function Here(): VNode {
  const wanted: Place = onWard.value || isAuditors(place.value) ? place.value : { screen: "desk" };
  const at = charts.value ? wanted : toRead(wanted);
  useArrival(at);
  switch (at.screen) {
    case "board":
    case "wall":
      return <Board />;
    case "setup":
      return person.value?.role === "lead" || isClinicians(at) ? <Setup part={at.part ?? ""} /> : <Board />;
    case "desk":
      return person.value?.role === "lead" || !onWard.value ? <Desk part={at.part ?? ""} /> : <Board />;
    case "clinic":
      return person.value?.role === "lead" || !onWard.value ? <Clinic part={at.part ?? ""} /> : <Board />;
    case "evidence":
      return person.value?.role === "lead" || !onWard.value ? <Evidence /> : <Board />;
    case "account":
      return <Account />;
    case "patients":
      return <Patients />;
    case "past":
      return <PatientPage key={at.patient} patient={at.patient} />;
    case "elsewhere":
      return visits.value ? <Elsewhere opening={at.opening} of={at.of} /> : <Board />;
    case "days":
      return <Days day={at.day} />;
    case "forms":
      return <DueForms />;
    case "downtime":
      return <Downtime />;
    case "form":
      return <FormPage key={at.id} id={at.id} />;
    case "after":
      return <AfterVisit key={at.id} id={at.id} />;
    case "outbox":
      return <OutboxScreen />;
    case "new":
      return <NewSession key={at.patient} patient={at.patient} />;
    case "session":
      return <Opened key={at.id} id={at.id} screen={<SessionScreen key={at.id} id={at.id} />} />;
    case "entry":
      return <Opened key={at.id} id={at.id} screen={<Entry key={at.id + (at.correct ?? "")} id={at.id} correct={at.correct} />} />;
    case "event":
      return <Opened key={at.id} id={at.id} screen={<EventScreen key={at.id + (at.kind ?? "") + (at.correct ?? "")} id={at.id} kind={at.kind} correct={at.correct} />} />;
    case "start":
      return <Opened key={at.id} id={at.id} screen={<Start key={at.id} id={at.id} />} />;
    case "review":
      return <Opened key={at.id} id={at.id} screen={<Review key={at.id} id={at.id} />} />;
    case "release":
      return <Opened key={at.id} id={at.id} screen={<Release key={at.id} id={at.id} />} />;
  }
}

/** A screen of one session: the session is open at this tablet as long as it shows. */
function Opened({ id, screen }: { id: string; screen: VNode }): VNode {
  useEffect(() => watch(id), [id]);
  return screen;
}
