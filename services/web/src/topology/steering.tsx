/** A node that an administrator has stand still for a time, and go on: asked once more, and why. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { path, send } from "../api/client";
import type { Asked, TopologyNode } from "../api/types";
import { count, momentOfMs, texts } from "../i18n";
import { announce, announceProblem } from "../ui/announcer";
import { Dialog } from "../ui/dialog";
import { attempt } from "../ui/problem";

interface SteeringProps {
  node: TopologyNode;
  changed: () => void;
}

const HOUR_S = 3600;

export function Steering({ node, changed }: SteeringProps) {
  const { topology: words } = texts.value;
  const isAsked = useSignal(false);
  const isPaused = node.paused_until_ms !== null;
  return (
    <>
      <p>
        <button
          type="button"
          class="button"
          onClick={() => {
            isAsked.value = true;
          }}
        >
          {isPaused ? words.resume : words.pause}
        </button>
      </p>
      {isAsked.value && (
        <Question
          node={node}
          isPaused={isPaused}
          changed={changed}
          close={() => {
            isAsked.value = false;
          }}
        />
      )}
    </>
  );
}

/** What the box and the panel of a paused node say; nothing of any other. */
export function PausedNote({ node }: { node: TopologyNode }) {
  if (node.paused_until_ms === null) return null;
  return <p class="note">{texts.value.topology.paused(momentOfMs(node.paused_until_ms))}</p>;
}

interface QuestionProps extends SteeringProps {
  isPaused: boolean;
  close: () => void;
}

function Question({ node, isPaused, changed, close }: QuestionProps) {
  const { topology: words, cancel } = texts.value;
  const reason = useSignal("");
  const forS = useSignal(HOUR_S);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    close();
    const act = isPaused ? "resume" : "pause";
    const wish = { reason: reason.value.trim(), ...(isPaused ? {} : { for_s: forS.value }) };
    const asked = await attempt(() => send<Asked>("POST", path("topology", "nodes", node.name, act), wish));
    if (asked === undefined) return;
    tell(node.name, isPaused, asked);
    changed();
  };
  return (
    <Dialog title={isPaused ? words.resumeTitle(node.name) : words.pauseTitle(node.name)} close={close}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <p>
          {isPaused
            ? words.resumeHint(count(node.lag ?? 0))
            : words.pauseHint(count(node.running), node.running === 1)}
        </p>
        {!isPaused && (
          <label class="field">
            <span>{words.pauseFor}</span>
            <select
              name="for"
              value={forS.value}
              onChange={(event) => {
                forS.value = Number(event.currentTarget.value);
              }}
            >
              {Object.entries(words.pauseTimes).map(([seconds, name]) => (
                <option key={seconds} value={seconds}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
        <label class="field">
          <span>{words.why}</span>
          <input
            ref={field}
            name="reason"
            required
            maxlength={200}
            pattern=".*\S.*"
            autocomplete="off"
            onInput={(event) => {
              reason.value = event.currentTarget.value;
            }}
          />
        </label>
        <footer class="dialog-acts">
          <button type="button" class="button" onClick={close}>
            {cancel}
          </button>
          <button type="submit" class="button button-first">
            {isPaused ? words.resumeNow : words.pauseNow}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

function tell(node: string, wasPaused: boolean, asked: Asked): void {
  const { topology: words } = texts.value;
  if (asked.instances.length === 0) announceProblem(words.nobodyRuns);
  else if (asked.is_done) announce(wasPaused ? words.hasResumed(node) : words.hasPaused(node));
  else {
    const silent = asked.instances.filter((each) => !each.is_done).map((each) => each.instance);
    announceProblem(words.notAll(silent.join(", ")));
  }
}
