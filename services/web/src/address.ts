/** Addresses of the page: `#/view/subject?tab=risk`. After the hash, so that no name reaches a server's log by them. */

export const views = ["alerts", "topics", "datasets", "statistics", "topology", "users", "audit"] as const;
export type View = (typeof views)[number];

/** What is chosen in a view beside whom it is about: what is not there is as it is at first. */
export type Choices = Readonly<Record<string, string>>;

export interface Route {
  view: View;
  subject: string | null;
  choices?: Choices;
}

/** Read `#/alerts/ann?tab=risk`; what is no view is the first one. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [view, subject] = path.split("/");
  const known = views.find((each) => each === view);
  if (known === undefined) return { view: "alerts", subject: null };
  const choices = Object.fromEntries(new URLSearchParams(query));
  const route = { view: known, subject: subject ? decode(subject) : null };
  return Object.keys(choices).length === 0 ? route : { ...route, choices };
}

/** Why a sign-in at the organisation has led back here: `#/sign-in/refused`. */
export const refusals = ["refused", "throttled", "unreachable"] as const;
export type Refusal = (typeof refusals)[number];

export function parseRefusal(hash: string): Refusal | null {
  return refusals.find((each) => hash === `#/sign-in/${each}`) ?? null;
}

export function addressOf(view: View, subject: string | null = null, choices: Choices = {}): string {
  const path = subject === null ? `#/${view}` : `#/${view}/${encodeURIComponent(subject)}`;
  const query = new URLSearchParams(choices).toString();
  return query ? `${path}?${query}` : path;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
