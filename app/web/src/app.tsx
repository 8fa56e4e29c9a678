import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { alerts } from "./alerts";
import { useArrival } from "./arrival";
import { firstRunToken, waitsForFirst } from "./opening";
import { Alerts } from "./parts/alerts";
import { Boundary } from "./parts/boundary";
import { later } from "./parts/later";
import { Notices } from "./parts/notices";
import { Undo } from "./parts/undo";
import { place } from "./place";
import { watch } from "./records";
import { Board } from "./screens/board";
import { Entry } from "./screens/entry";
import { EventScreen } from "./screens/event";
import { LockScreen } from "./screens/lock";
import { NewSession } from "./screens/new";
import { OutboxScreen } from "./screens/outbox";
import { Patients } from "./screens/patients";
import { Review } from "./screens/review";
import { SessionScreen } from "./screens/session";
import { Start } from "./screens/start";
import { demo, person } from "./store";
import { words } from "./words";

const FirstRun = later(() => import("./first").then((found) => found.FirstRun));
const Setup = later<{ part: string }>(() => import("./first").then((found) => found.Setup));

/** Nobody can sign in yet; or somebody came by the console's link, and it is not known that it is too late. */
const isFirstRun = (): boolean => waitsForFirst.value ?? firstRunToken.value !== "";

export function App(): VNode {
  return (
    <>
      <div role="status">{demo.value && <p class="demo">{words.demo}</p>}</div>
      {person.value === null ? (
        isFirstRun() ? (
          <FirstRun />
        ) : (
          <LockScreen />
        )
      ) : (
        <>
          <div class="above">
            <Notices />
            <Boundary on={alerts.value}>
              <Alerts />
            </Boundary>
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

function Here(): VNode {
  const at = place.value;
  useArrival(at);
  switch (at.screen) {
    case "board":
      return <Board />;
    case "setup":
      return person.value?.role === "lead" ? <Setup part={at.part ?? ""} /> : <Board />;
    case "patients":
      return <Patients />;
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
  }
}

/** A screen of one session: the session is open at this tablet as long as it shows. */
function Opened({ id, screen }: { id: string; screen: VNode }): VNode {
  useEffect(() => watch(id), [id]);
  return screen;
}
