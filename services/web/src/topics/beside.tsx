/** Another search, or another time of the same one, to be set beside what is shown. */

import { useState } from "preact/hooks";
import type { Choices } from "../address";
import type { Topic } from "../api/types";
import { texts } from "../i18n";
import { choose, route } from "../route";
import { visible } from "../ui/shown-text";

const DAY_S = 86_400;

export interface Beside {
  topic: string | null;
  from: number | undefined;
  until: number | undefined;
}

/** What is set beside, by the address; null for nothing. */
export function besideOf(choices: Choices): Beside | null {
  const time = (name: string) => (/^\d{1,11}$/.test(choices[name] ?? "") ? Number(choices[name]) : undefined);
  const beside = { topic: choices.beside ?? null, from: time("beside_from"), until: time("beside_until") };
  return beside.topic === null && beside.from === undefined && beside.until === undefined ? null : beside;
}

export function BesideChoice({ topics, open }: { topics: readonly Topic[]; open: Topic }) {
  const { topics: words } = texts.value;
  const choices = route.value.choices ?? {};
  const beside = besideOf(choices);
  // Only at first: it stays as somebody has left it.
  const [isOpen] = useState(beside !== null);
  const set = (change: Record<string, string | null>) => {
    const merged: Record<string, string | null> = { ...choices, ...change };
    choose(
      Object.fromEntries(Object.entries(merged).flatMap(([name, value]) => (value ? [[name, value]] : []))),
    );
  };
  const date = (name: string, laterS: number) => (event: { currentTarget: HTMLInputElement }) => {
    const ms = Date.parse(`${event.currentTarget.value}T00:00:00Z`);
    set({ [name]: Number.isNaN(ms) ? null : String(ms / 1000 + laterS) });
  };
  return (
    <details class="pane beside" open={isOpen}>
      <summary>{words.beside}</summary>
      <div class="topic-form-row">
        <Period legend={words.here} from="from" until="until" choices={choices} date={date} />
        <label class="field">
          <span>{words.besideTopic}</span>
          <select
            value={beside?.topic ?? ""}
            onChange={(event) => set({ beside: event.currentTarget.value })}
          >
            <option value="">{words.sameTopic}</option>
            {topics
              .filter((each) => each.id !== open.id)
              .map((each) => (
                <option key={each.id} value={each.id}>
                  {visible(each.query)}
                </option>
              ))}
          </select>
        </label>
        <Period legend={words.there} from="beside_from" until="beside_until" choices={choices} date={date} />
        {beside && (
          <button
            type="button"
            class="button"
            onClick={() => set({ beside: null, beside_from: null, beside_until: null })}
          >
            {words.besideNothing}
          </button>
        )}
      </div>
    </details>
  );
}

interface PeriodProps {
  legend: string;
  from: string;
  until: string;
  choices: Choices;
  date: (name: string, laterS: number) => (event: { currentTarget: HTMLInputElement }) => void;
}

function Period({ legend, from, until, choices, date }: PeriodProps) {
  const { topics: words } = texts.value;
  return (
    <fieldset class="period">
      <legend>{legend}</legend>
      <label class="field">
        <span>{words.since}</span>
        <input type="date" value={dateOf(choices[from], 0)} onChange={date(from, 0)} />
      </label>
      <label class="field">
        <span>{words.until}</span>
        <input type="date" value={dateOf(choices[until], DAY_S)} onChange={date(until, DAY_S)} />
      </label>
    </fieldset>
  );
}

function dateOf(utc: string | undefined, laterS: number): string {
  return utc && /^\d{1,11}$/.test(utc)
    ? new Date((Number(utc) - laterS) * 1000).toISOString().slice(0, 10)
    : "";
}
