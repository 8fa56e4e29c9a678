import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { words } from "../words";

/** Something to hand on, and what it is: shown whole, and copied in one tap. Not every browser lets every page copy. */
export function ToCopy({ label, text }: { label: string; text: string }): VNode {
  const [tried, setTried] = useState<{ text: string; copied: boolean } | null>(null);
  const copy = async (): Promise<void> => {
    const copied = (await navigator.clipboard?.writeText(text).then(() => true).catch(() => false)) ?? false;
    setTried({ text, copied });
  };
  // what was copied before is another one
  const said = tried?.text !== text ? "" : tried.copied ? words.copied : words.notCopied;
  return (
    <div class="stack">
      <b>{label}</b>
      <output class="to-copy">{text}</output>
      <p class="row">
        <button type="button" class="button" onClick={() => void copy()}>
          {words.copy}
        </button>
        <span role="status">{said}</span>
      </p>
    </div>
  );
}
