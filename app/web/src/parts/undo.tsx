import type { VNode } from "preact";
import { undoable } from "../charting";
import { words } from "../words";
import { Outcome, useForm } from "./form";

/** For ten seconds after each save: what was saved, and the way back. It lies over the screen and moves nothing. */
export function Undo(): VNode {
  const form = useForm();
  const offer = undoable.value;
  return (
    <div class="undo" role="status">
      {offer && (
        <p class="card row spread">
          <span>{offer.said}</span>
          <button type="button" class="button" onClick={() => void form.run(offer.undo)}>
            {words.undo.undo}
          </button>
        </p>
      )}
      {form.fault && <Outcome form={form} />}
    </div>
  );
}
