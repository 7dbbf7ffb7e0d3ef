/** What to search for: words, and what narrows it. */

import { useSignal } from "@preact/signals";
import { path, send } from "../api/client";
import type { Topic, TopicSourceName } from "../api/types";
import { texts } from "../i18n";
import { Dialog } from "../ui/dialog";
import { attempt } from "../ui/problem";
import { languageName } from "./names";

interface NewSearchProps {
  sources: readonly TopicSourceName[];
  close: () => void;
  begun: (topic: Topic) => void;
}

const LANGUAGES = ["en", "es", "zh", "pt", "fr", "de"] as const;
const DAY_S = 86_400;
const USUAL = 1000;

export function NewSearch({ sources, close, begun }: NewSearchProps) {
  const { topics: words, cancel } = texts.value;
  const isSending = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const wanted = asked(new FormData(event.currentTarget as HTMLFormElement));
    isSending.value = true;
    const topic = await attempt(() => send<Topic>("POST", path("topics"), wanted));
    isSending.value = false;
    if (topic !== undefined) begun(topic);
  };
  return (
    <Dialog title={words.begin} close={close}>
      <form class="form topic-form" onSubmit={submit}>
        <label class="field">
          <span>{words.query}</span>
          <input name="query" type="search" required maxlength={200} autocomplete="off" />
          <small class="quiet">{words.queryHint}</small>
        </label>
        <fieldset class="checks">
          <legend>{words.where}</legend>
          {sources.map((source) => (
            <label key={source} class="toggle">
              <input type="checkbox" name="source" value={source} defaultChecked />
              <span>{words.sourceNames[source]}</span>
            </label>
          ))}
        </fieldset>
        <div class="topic-form-row">
          <label class="field">
            <span>{words.most}</span>
            <input name="most" type="number" min={1} max={100_000} defaultValue={String(USUAL)} required />
          </label>
          <label class="field">
            <span>{words.since}</span>
            <input name="from" type="date" />
          </label>
          <label class="field">
            <span>{words.until}</span>
            <input name="until" type="date" />
          </label>
        </div>
        <fieldset class="checks">
          <legend>{words.inLanguages}</legend>
          {LANGUAGES.map((code) => (
            <label key={code} class="toggle">
              <input type="checkbox" name="language" value={code} />
              <span>{languageName(code, code)}</span>
            </label>
          ))}
        </fieldset>
        <label class="field">
          <span>{words.fromPlaces}</span>
          <input name="places" maxlength={500} autocomplete="off" />
          <small class="quiet">{words.fromPlacesHint}</small>
        </label>
        <label class="toggle">
          <input type="checkbox" name="watch" />
          <span>{words.keepWatch}</span>
        </label>
        <footer class="dialog-acts">
          <button type="button" class="button" onClick={close}>
            {cancel}
          </button>
          <button
            type="submit"
            class="button button-first"
            disabled={isSending.value || sources.length === 0}
          >
            {words.beginDo}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

function asked(given: FormData): Record<string, unknown> {
  const text = (name: string) => String(given.get(name) ?? "").trim();
  return {
    query: text("query"),
    sources: given.getAll("source"),
    languages: given.getAll("language"),
    places: text("places")
      .split(";")
      .map((place) => place.trim())
      .filter((place) => place !== ""),
    from_utc: dateUtc(text("from"), 0),
    until_utc: dateUtc(text("until"), DAY_S),
    most: Number(text("most")),
    is_watch: given.get("watch") !== null,
  };
}

/** The beginning of a day, or so much later: the last day is one of those that are asked for. */
function dateUtc(date: string, laterS: number): number | null {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(ms) ? null : ms / 1000 + laterS;
}
