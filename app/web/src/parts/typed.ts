import { useEffect, useRef, useState } from "preact/hooks";
import { dropDraft, formName, keepDraft, readDraft } from "../drafts";
import { person, sealingKey } from "../store";

/** What is typed into a form of a session: it lies sealed on this tablet until it is saved, so that no lock, rotation or
 * crash takes a word; by whoever typed it alone. The third is called once it is saved. */
export function useTyped<T>(session_id: string, form: string, blank: T): [T, (value: T) => void, () => void] {
  const name = formName(session_id, person.value?.staff_id ?? "", form);
  const [value, setValue] = useState(blank);
  const typed = useRef(false);
  useEffect(() => {
    let here = true;
    const key = sealingKey.peek();
    const show = (found: T | null): void => {
      if (here && found !== null && !typed.current) setValue(found);
    };
    // what cannot be read is typed again; it was never saved
    if (key !== null) readDraft<T>(key, name).then(show, () => undefined);
    return () => {
      here = false;
      typed.current = false;
    };
  }, [name]);
  const set = (next: T): void => {
    typed.current = true;
    setValue(next);
    const key = sealingKey.peek();
    if (key !== null) keepDraft(key, name, next).catch(() => undefined);
  };
  const done = (): void => {
    setValue(blank);
    dropDraft(name).catch(() => undefined);
  };
  return [value, set, done];
}
