/** Whose the case is that is open: one's own while one looks at it, unless a colleague has it already. */

import { useEffect } from "preact/hooks";
import { path, send } from "../api/client";
import type { Lease } from "../api/types";

/** A lease lasts for minutes: long before it ends one goes on with it. */
const AGAIN_MS = 60_000;

/** Work on a case as long as it is open. Nothing depends on it: what fails is tried again a minute later. */
export function useLease(user: string, isThere: boolean): void {
  useEffect(() => {
    if (!isThere) return;
    const lease = path("alerts", user, "lease");
    const take = () => void send<Lease>("PUT", lease).catch(() => undefined);
    take();
    const timer = window.setInterval(take, AGAIN_MS);
    return () => {
      window.clearInterval(timer);
      void send("DELETE", lease).catch(() => undefined);
    };
  }, [user, isThere]);
}
