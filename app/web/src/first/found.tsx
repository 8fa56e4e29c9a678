import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Refused, type Schemas } from "../api";
import { cameLate, firstRunToken, hasItsClinic, keepToken, makeFirst, setting, tokenIn, unheard, waitsForFirst, zones } from "../opening";
import { Ask, faultsOf, Field, type Faults, useForm } from "../parts/form";
import { go } from "../place";
import { signIn } from "../store";
import { firstWords as words } from "../words.first";
import { NewPassword, nothingChosen, passwordFault, type Chosen } from "../parts/password";
import { ownZone, ZoneField } from "./zone";

type Step = "link" | "clinic" | "lead";
const ORDER: Step[] = ["clinic", "lead"];

/** Where a refusal of the service is shown. */
const STEP_OF: Record<string, Step> = { token: "link", clinic: "clinic", timezone: "clinic", signing: "clinic" };
type Signing = Schemas["Signing"];
const SIGNING: { value: Signing; label: string }[] = [
  { value: "second-factor", label: words.signing["second-factor"] },
  { value: "password", label: words.signing.password },
];

interface Typed {
  clinic: string;
  timezone: string;
  signing: Signing | "";
  name: string;
  username: string;
}
const KEPT = "first-run-typed";

/** What was typed before the page was loaded anew; never a password. */
function typedBefore(): Typed {
  const nothing: Typed = { clinic: "", timezone: "", signing: "", name: "", username: "" };
  try {
    return { ...nothing, ...JSON.parse(sessionStorage.getItem(KEPT) ?? "null") };
  } catch {
    return nothing;
  }
}

function faultsBeforeAsking(step: Step, typed: Typed, chosen: Chosen, link: string): Faults {
  const found: Record<string, string | false | undefined> =
    step === "link"
      ? { token: !link.trim() && words.link.missing }
      : step === "clinic"
        ? { clinic: !typed.clinic.trim() && words.clinic.nameMissing, timezone: !typed.timezone && words.clinic.missing, signing: !typed.signing && words.signing.missing }
        : {
            "lead.name": !typed.name.trim() && words.lead.nameMissing,
            "lead.username": !typed.username.trim() && words.usernameMissing,
            "lead.password": passwordFault(chosen),
          };
  return Object.fromEntries(Object.entries(found).filter((each): each is [string, string] => Boolean(each[1])));
}

/** An empty service becomes a clinic with its lead: one thing at a time. */
export function FirstRun(): VNode {
  const [step, setStep] = useState<Step>(firstRunToken.value ? "clinic" : "link");
  const [typed, setTyped] = useState(typedBefore);
  const [chosen, setChosen] = useState(nothingChosen);
  const [link, setLink] = useState("");
  const { faults, setFaults, ref: form } = useForm();
  const heading = useRef<HTMLHeadingElement>(null);
  // on what was typed by then: an effect may run long after the picture it belongs to
  const change = (more: Partial<Typed>, unless: keyof Typed | null = null): void =>
    setTyped((now) => {
      if (unless !== null && now[unless]) return now;
      const next = { ...now, ...more };
      sessionStorage.setItem(KEPT, JSON.stringify(next));
      return next;
    });
  useEffect(() => {
    if (zones.value.length > 0) change({ timezone: ownZone() }, "timezone");
  }, [zones.value]);
  useEffect(() => {
    // the link may come later, into a page that is open
    if (firstRunToken.value && step === "link") setStep("clinic");
  }, [firstRunToken.value]);
  const shown = (to: Step): void => {
    setStep(to);
    // once it is drawn, and before the next key
    queueMicrotask(() => {
      scrollTo(0, 0);
      heading.current?.focus();
    });
  };
  const make = async (): Promise<void> => {
    setting.value = true;
    try {
      const lead = { username: typed.username.trim(), name: typed.name.trim(), password: chosen.password };
      await makeFirst({ token: firstRunToken.value, clinic: typed.clinic.trim(), timezone: typed.timezone, signing: typed.signing as Signing, lead });
    } catch (failure) {
      setting.value = false;
      refused(failure);
      return;
    }
    sessionStorage.removeItem(KEPT);
    keepToken("");
    go({ screen: "setup" });
    // where signing in fails now, the lock screen takes over
    await signIn(typed.username.trim(), chosen.password).catch(() => (cameLate.value = true));
    waitsForFirst.value = false;
    setting.value = false;
  };
  const refused = (failure: unknown): void => {
    const code = failure instanceof Refused ? failure.problem.code : "";
    if (code === "already-set-up") {
      hasItsClinic();
      return;
    }
    if (code === "wrong-first-run-token") {
      keepToken("");
      setFaults({ token: words.link.wrong });
      shown("link");
      return;
    }
    const found = faultsOf(failure);
    setFaults(found);
    const at = Object.keys(found).map((field) => STEP_OF[field] ?? "lead")[0] ?? step;
    if (at !== step) shown(at);
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (setting.value) return;
    const found = faultsBeforeAsking(step, typed, chosen, link);
    setFaults(found);
    if (Object.keys(found).length > 0) return;
    if (step === "link") {
      keepToken(tokenIn(link));
      setLink("");
    }
    if (step === "lead") void make();
    else shown(step === "link" ? "clinic" : "lead");
  };
  const silent = unheard.value || waitsForFirst.value === null;
  return (
    <form class="screen" ref={form} noValidate onSubmit={submit}>
      <header class="bar">
        <h1>{words.title}</h1>
        {step !== "link" && <span class="phase quiet">{words.step(ORDER.indexOf(step) + 1, ORDER.length)}</span>}
      </header>
      <main class="page narrow stack">
        <h2 class="step" tabIndex={-1} ref={heading}>
          {words[step].title}
        </h2>
        {unheard.value && (
          <p class="unknown" role="status">
            {words.notHeard}
          </p>
        )}
        {step === "link" && (
          <>
            <p>{words.link.why}</p>
            <Field label={words.link.field} kind="username" value={link} set={setLink} fault={faults.token} />
          </>
        )}
        {step === "clinic" && (
          <>
            <Field label={words.clinic.name} value={typed.clinic} set={(clinic) => change({ clinic })} fault={faults.clinic} />
            <ZoneField zone={typed.timezone} pick={(timezone) => change({ timezone })} fault={faults.timezone} />
            <Ask label={words.signing.asked} options={SIGNING} picked={typed.signing || null} pick={(signing) => change({ signing })} fault={faults.signing}>
              <p class="quiet">{words.signing.why}</p>
            </Ask>
          </>
        )}
        {step === "lead" && (
          <>
            <p>{words.lead.why}</p>
            <Field label={words.lead.name} complete="name" value={typed.name} set={(name) => change({ name })} fault={faults["lead.name"]} />
            <Field label={words.username} kind="username" complete="username" value={typed.username} set={(username) => change({ username })} fault={faults["lead.username"]} />
            <NewPassword label={words.choosePassword} chosen={chosen} set={setChosen} fault={faults["lead.password"]} />
          </>
        )}
        <p role="alert" class={faults[""] ? "fault" : ""}>
          {faults[""] ?? ""}
        </p>
      </main>
      <footer class="foot spread">
        {step === "lead" ? (
          <button type="button" class="button" onClick={() => shown("clinic")}>
            {words.back}
          </button>
        ) : (
          <span />
        )}
        <button class="button primary" disabled={setting.value || silent}>
          {step === "lead" ? (setting.value ? words.lead.making : words.lead.make(typed.clinic.trim())) : words.next}
        </button>
      </footer>
    </form>
  );
}
