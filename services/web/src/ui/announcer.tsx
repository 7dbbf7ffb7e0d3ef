/** What happened, said once: to a screen reader, and on screen with a way to undo it.
 *
 * It goes by itself after a while; a problem stays until it is closed or something else happens.
 */

import { signal } from "@preact/signals";
import { texts } from "../i18n";
import { Icon } from "./icon";

interface Notice {
  text: string;
  isProblem: boolean;
  undo: (() => void) | null;
}

const notice = signal<Notice | null>(null);
const SHOWN_MS = 8000;
let timer: number | undefined;

export function announce(text: string, undo: (() => void) | null = null): void {
  show({ text, isProblem: false, undo });
}

export function announceProblem(text: string): void {
  show({ text, isProblem: true, undo: null });
}

export function dismiss(): void {
  window.clearTimeout(timer);
  notice.value = null;
}

/** Undo what the notice on screen offers to undo, if it does. */
function undoShown(): void {
  const undo = notice.value?.undo;
  dismiss();
  undo?.();
}

function show(next: Notice): void {
  notice.value = next;
  leave();
}

function stay(): void {
  window.clearTimeout(timer);
}

function leave(): void {
  stay();
  if (!notice.value?.isProblem) timer = window.setTimeout(dismiss, SHOWN_MS);
}

export function Announcer() {
  const { alerts, close } = texts.value;
  const current = notice.value;
  return (
    <div class="announcer">
      <p class="unseen" role="status">
        {current?.text}
      </p>
      {current && (
        <div
          class={current.isProblem ? "notice notice-problem" : "notice"}
          onPointerEnter={stay}
          onPointerLeave={leave}
          onFocusCapture={stay}
          onBlurCapture={leave}
        >
          <span aria-hidden="true">{current.text}</span>
          <div class="notice-acts">
            {current.undo && (
              <button type="button" class="button-text" onClick={undoShown}>
                <Icon name="undo" /> {alerts.undo}
              </button>
            )}
            <button type="button" class="button-icon" aria-label={close} onClick={dismiss}>
              <Icon name="close" />
            </button>
          </div>
        </div>
      )}
    </div>
  );
}
