/** Addresses of the page: `#/view/subject`. After the hash, so that a user's name reaches no server log by them. */

export const views = ["alerts", "datasets", "statistics", "topology", "users", "audit"] as const;
export type View = (typeof views)[number];

export interface Route {
  view: View;
  subject: string | null;
}

/** Read `#/alerts/ann`; what is no view is the first one. */
export function parseRoute(hash: string): Route {
  const [view, subject] = hash.replace(/^#\/?/, "").split("/");
  const known = views.find((each) => each === view);
  if (known === undefined) return { view: "alerts", subject: null };
  return { view: known, subject: subject ? decode(subject) : null };
}

/** Why a sign-in at the organisation has led back here: `#/sign-in/refused`. */
export const refusals = ["refused", "throttled", "unreachable"] as const;
export type Refusal = (typeof refusals)[number];

export function parseRefusal(hash: string): Refusal | null {
  return refusals.find((each) => hash === `#/sign-in/${each}`) ?? null;
}

export function addressOf(view: View, subject: string | null = null): string {
  return subject === null ? `#/${view}` : `#/${view}/${encodeURIComponent(subject)}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
