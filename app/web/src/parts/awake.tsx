import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { type Consciousness, type Scale, SCORES } from "../vitals";
import { words } from "../words";
import { Choice } from "./choice";

interface AwakeProps {
  /** The scale of the session's protocol; null where this tablet does not know it. */
  scale: Scale | null;
  value: Consciousness | null;
  set: (value: Consciousness | null) => void;
  was: string | undefined;
  notMeasured: string | undefined;
  skip: () => void;
  fault: string | undefined;
}

/** Consciousness by the protocol's scale. A level keeps the scale it was tapped under; an unknown scale is asked. */
export function Awake({ scale, value, set, was, notMeasured, skip, fault }: AwakeProps): VNode {
  const [picked, setPicked] = useState<Scale | null>(null);
  const used = value?.scale ?? picked ?? scale;
  const row = { name: "consciousness", was, notMeasured, skip, fault };
  const scales = (Object.keys(SCORES) as Scale[]).map((each) => ({ value: each, label: words.entry.scaleNames[each] }));
  const change = (to: Scale): void => {
    setPicked(to);
    if (value !== null && value.scale !== to) set(null);
  };
  return (
    <>
      {(scale === null || used !== scale) && <Choice {...(used === null ? row : { name: "scale" })} label={words.entry.whichScale} options={scales} picked={used} pick={change} />}
      {used !== null && (
        <Choice
          {...row}
          label={words.entry.fields.consciousness}
          options={SCORES[used].map((score, place) => ({ value: score, label: String(words.entry.scales[used][place]) }))}
          picked={value?.score ?? null}
          pick={(score) => set({ scale: used, score })}
        />
      )}
    </>
  );
}
