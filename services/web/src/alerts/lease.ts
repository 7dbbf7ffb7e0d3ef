/** Whose the case is that is open: one's own while one reads it, unless a colleague has it already. */

import { useEffect } from "preact/hooks";
import { path, send } from "../api/client";
import type { Lease } from "../api/types";
import { session } from "../session";

/** A lease lasts for minutes: long before it ends one goes on with it. */
const AGAIN_MS = 60_000;
/** Signs that somebody is there. */
const SIGNS = ["pointermove", "keydown", "wheel", "touchmove"] as const;

/** Work on a case as long as it is open and somebody is there. Nothing depends on it: what fails is tried again. */
export function useLease(user: string, isThere: boolean): void {
  useEffect(() => {
    if (!isThere) return;
    const lease = path("alerts", user, "lease");
    // A page that asks by itself would keep a session alive from which everybody has gone.
    let isRead = false;
    const note = () => {
      isRead = true;
    };
    const take = () => void send<Lease>("PUT", lease).catch(() => undefined);
    take();
    const timer = window.setInterval(() => {
      if (isRead) take();
      isRead = false;
    }, AGAIN_MS);
    for (const sign of SIGNS) window.addEventListener(sign, note, { passive: true });
    return () => {
      window.clearInterval(timer);
      for (const sign of SIGNS) window.removeEventListener(sign, note);
      // Who has signed out can leave nothing any more: it ends by itself.
      if (session.value) void send("DELETE", lease).catch(() => undefined);
    };
  }, [user, isThere]);
}
