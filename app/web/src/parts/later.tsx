import { signal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { words } from "../words";

type Screen<P> = (props: P) => VNode;

/** A screen whose code is fetched when it is first shown: most people at most tablets never need it. */
export function later<P extends object>(fetch: () => Promise<Screen<P>>): Screen<P> {
  const found = signal<Screen<P> | null>(null);
  const failed = signal(false);
  return function Later(props: P): VNode {
    useEffect(() => {
      if (found.peek() !== null) return;
      fetch().then(
        (screen) => (found.value = screen),
        () => (failed.value = true),
      );
    }, []);
    const Found = found.value;
    if (Found !== null) return <Found {...props} />;
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
  };
}
