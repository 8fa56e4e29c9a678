import { signal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { words } from "../words";

type Screen<P> = (props: P) => VNode | null;
interface Later<P> {
  (props: P): VNode | null;
  /** Loads its code, once. What fails is loaded when it is asked for again. */
  load: () => void;
}

const ahead: (() => void)[] = [];

/** A screen that everybody who signs in may need, without a network too: it is loaded as soon as somebody has. */
export function soon<P extends object>(bring: () => Promise<Screen<P>>): Later<P> {
  const screen = later(bring);
  ahead.push(screen.load);
  return screen;
}

export function fetchAhead(): void {
  for (const load of ahead) load();
}

/** A screen whose code is loaded when it is first shown: most people at most tablets never need it. `part`: it is only a
 * part of one, which can do without. */
export function later<P extends object>(bring: () => Promise<Screen<P>>, part = false): Later<P> {
  const found = signal<Screen<P> | null>(null);
  const failed = signal(false);
  let coming = false;
  const load = (): void => {
    if (coming) return;
    coming = true;
    failed.value = false;
    bring().then(
      (screen) => (found.value = screen),
      () => {
        coming = false;
        failed.value = true;
      },
    );
  };
  function Screen(props: P): VNode | null {
    useEffect(load, []);
    const Found = found.value;
    if (Found !== null) return <Found {...props} />;
    if (part) return null;
    return (
      <main class="page narrow stack">
        <h1>{words.app}</h1>
        {failed.value ? (
          <>
            <p class="unknown" role="alert">
              {words.screenNotHere}
            </p>
            <button class="button primary" onClick={() => location.reload()}>
              {words.loadAgain}
            </button>
          </>
        ) : (
          <p role="status">{words.screenComes}</p>
        )}
      </main>
    );
  }
  return Object.assign(Screen, { load });
}
