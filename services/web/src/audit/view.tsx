/** Audit: who looked at whom, and did what. */

import { useSignal } from "@preact/signals";
import { path, withQuery } from "../api/client";
import type { AuditEvent } from "../api/types";
import { exactMomentOfMs, texts } from "../i18n";
import { go, route } from "../route";
import { may } from "../session";
import { Page } from "../ui/page";
import { PagesEnd, usePages } from "../ui/pages";
import { visible } from "../ui/shown-text";

const PAGE = 100;

interface Filter {
  account: string;
  action: string;
}

export function AuditView() {
  const { audit: words, views } = texts.value;
  const filter = useSignal<Filter>({ account: "", action: "" });
  const user = route.value.subject;
  return (
    <Page title={views.audit} class="reading-page">
      <p class="lead">{words.intro}</p>
      {may("administrator") ? (
        <>
          <Search
            filter={filter.value}
            user={user ?? ""}
            search={(chosen, name) => {
              filter.value = chosen;
              go("audit", name || null);
            }}
          />
          <Log filter={filter.value} user={user} />
        </>
      ) : (
        <p class="note">{words.forbidden}</p>
      )}
    </Page>
  );
}

interface SearchProps {
  filter: Filter;
  user: string;
  search: (filter: Filter, user: string) => void;
}

function Search({ filter, user, search }: SearchProps) {
  const { audit: words } = texts.value;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(given.get(name) ?? "");
    search({ account: text("account").trim(), action: text("action") }, text("user").trim());
  };
  return (
    <search>
      <form class="audit-search" onSubmit={submit}>
        <Field label={words.account} name="account" value={filter.account} />
        <Field key={user} label={words.user} name="user" value={user} />
        <label class="field">
          <span>{words.act}</span>
          <select name="action" value={filter.action}>
            <option value="">{words.anyAct}</option>
            {Object.entries(words.acts).map(([action, text]) => (
              <option key={action} value={action}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="button">
          {words.show}
        </button>
        <small class="quiet">{words.userHint}</small>
      </form>
    </search>
  );
}

function Field({ label, name, value }: { label: string; name: string; value: string }) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="search"
        name={name}
        defaultValue={value}
        maxlength={200}
        spellcheck={false}
        autocapitalize="none"
        autocomplete="off"
      />
    </label>
  );
}

function Log({ filter, user }: { filter: Filter; user: string | null }) {
  const { audit: words } = texts.value;
  const query = { account: filter.account || null, action: filter.action || null, user, limit: PAGE };
  const reading = usePages<AuditEvent>(withQuery(path("audit"), query));
  return (
    <section class="pane" aria-label={words.log}>
      {reading.items.length > 0 && (
        <ol class="audit-log">
          {reading.items.map((event, index) => (
            <Entry key={`${event.at_ms} ${index}`} event={event} />
          ))}
        </ol>
      )}
      <PagesEnd reading={reading} empty={words.empty} />
    </section>
  );
}

function Entry({ event }: { event: AuditEvent }) {
  const { audit: words } = texts.value;
  const acts: Record<string, string> = words.acts;
  return (
    <li class="audit-entry">
      <time class="quiet" dateTime={new Date(event.at_ms).toISOString()}>
        {exactMomentOfMs(event.at_ms)}
      </time>
      <bdi class="audit-account">{event.account === "" ? words.unknownAccount : visible(event.account)}</bdi>
      <span>
        {acts[event.action] ?? event.action}
        <Details detail={event.detail} />
      </span>
      {event.subject !== null && (
        <span>
          <span class="quiet">{words.about}</span> <code>{event.subject}</code>
        </span>
      )}
    </li>
  );
}

function Details({ detail }: { detail: AuditEvent["detail"] }) {
  const { audit: words, labels } = texts.value;
  const names: Record<string, string> = words.details;
  const values: Record<string, string> = { ...labels, ...words.values };
  const given = Object.entries(detail).filter(([, value]) => value !== null);
  return given.map(([name, value]) => (
    <span key={name} class="tag">
      {names[name] ?? name}: {values[String(value)] ?? visible(String(value))}
    </span>
  ));
}
