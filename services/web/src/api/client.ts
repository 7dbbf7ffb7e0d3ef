/** Requests to the API of the page's own host. */

import type { Conflict } from "./types";

const ROOT = "/api/v1";

/** So long an answer is waited for: whether a change was made, nobody knows then. */
export const PATIENCE_MS = 20_000;
/** The status of an answer that did not come in time. */
export const LATE = -1;

/** The API refused, with its problem details, or could not be reached (status 0). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly retryAfterS: number | null = null,
    /** Who was faster, and with what. */
    readonly last: Conflict | null = null,
  ) {
    super(detail || title);
  }
}

/** Called whenever an answer says that nobody is signed in. */
let whenSignedOut: () => void = () => undefined;

export function onSignedOut(act: () => void): void {
  whenSignedOut = act;
}

/** Join a path from segments, each encoded, so that a name may hold any character. */
export function path(...segments: string[]): string {
  return `${ROOT}/${segments.map(encodeURIComponent).join("/")}`;
}

/** Append the parameters that have a value. */
export function withQuery(address: string, query: Record<string, string | number | boolean | null>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text ? `${address}?${text}` : address;
}

export function get<Answer>(address: string, signal?: AbortSignal): Promise<Answer> {
  return request<Answer>("GET", address, undefined, signal);
}

/** `version` is that of what is changed: where it is another by now, nothing is changed (409). */
export function send<Answer>(
  method: "POST" | "PUT" | "DELETE",
  address: string,
  body?: unknown,
  version?: number,
): Promise<Answer> {
  return request<Answer>(method, address, body, undefined, version);
}

async function request<Answer>(
  method: string,
  address: string,
  body?: unknown,
  signal?: AbortSignal,
  version?: number,
): Promise<Answer> {
  const response = await reach(address, {
    method,
    credentials: "same-origin",
    headers: {
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(version === undefined ? {} : { "If-Match": `"${version}"` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as Answer;
  const problem = await readProblem(response);
  if (problem.status === 401 && !address.endsWith("/sign-in")) whenSignedOut();
  throw problem;
}

async function reach(address: string, options: RequestInit): Promise<Response> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, patience]) : patience;
  try {
    return await fetch(address, { ...options, signal });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(
      error instanceof DOMException && error.name === "TimeoutError" ? LATE : 0,
      "unreachable",
      "",
    );
  }
}

async function readProblem(response: Response): Promise<Problem> {
  const retry = Number(response.headers.get("Retry-After"));
  const retryAfterS = Number.isFinite(retry) && retry > 0 ? retry : null;
  try {
    const said = (await response.json()) as { title?: string; detail?: string; last?: Conflict };
    const { title = response.statusText, detail = "", last = null } = said;
    return new Problem(response.status, title, detail, retryAfterS, last);
  } catch {
    return new Problem(response.status, response.statusText, "", retryAfterS);
  }
}

/** Whether `error` only says that the page no longer wants the answer. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
