/** All that was done in this session, the newest first, and a way back from each. */

import { texts } from "../i18n";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icon";
import { steps, undo } from "./steps";

export function StepsDialog({ close }: { close: () => void }) {
  const { alerts } = texts.value;
  const done = steps.value.toReversed();
  return (
    <Dialog title={alerts.steps} close={close}>
      {done.length === 0 && <p class="quiet">{alerts.nothingToUndo}</p>}
      <ol class="acts steps">
        {done.map((step) => (
          <li key={step.id}>
            <bdi>{step.said}</bdi>
            <button type="button" class="button-text" onClick={() => void undo(step)}>
              <Icon name="undo" /> {alerts.undo}
            </button>
          </li>
        ))}
      </ol>
    </Dialog>
  );
}
