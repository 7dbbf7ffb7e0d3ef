/** Who is signed in, and what they may do. */

import { signal } from "@preact/signals";
import { get, onSignedOut, Problem, path, send } from "./api/client";
import { connect, disconnect } from "./api/live";
import type { Role, Session } from "./api/types";

/** `undefined` until the server has said; `null` for nobody. */
export const session = signal<Session | null | undefined>(undefined);

/** Whether a session ended by itself, which the sign-in page explains. */
export const hasEnded = signal(false);

const ranks: Record<Role, number> = { reviewer: 0, curator: 1, administrator: 2 };

export function may(role: Role): boolean {
  const current = session.value;
  return current ? ranks[current.role] >= ranks[role] : false;
}

/** Find out who is signed in, and keep the page in step with the session from now on. */
export async function startSession(): Promise<void> {
  onSignedOut(endSession);
  try {
    await renewSession();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    session.value = null;
  }
}

/** Sign in by password, and a code where there is a second factor. Raises `Problem`: 403 where it takes one. */
export async function signIn(name: string, password: string, code: string): Promise<void> {
  begin(await send<Session>("POST", path("sign-in"), { name, password, code }));
}

/** Ask anew what the session may do. Raises `Problem`. */
export async function renewSession(): Promise<void> {
  begin(await get<Session>(path("session")));
}

export async function signOut(): Promise<void> {
  disconnect();
  try {
    await send("DELETE", path("session"));
  } finally {
    session.value = null;
    hasEnded.value = false;
  }
}

function begin(found: Session): void {
  session.value = found;
  hasEnded.value = false;
  if (!found.must_enrol) connect(endSession);
}

function endSession(): void {
  disconnect();
  if (session.value) hasEnded.value = true;
  session.value = null;
}
