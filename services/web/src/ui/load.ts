/** Load something when a view opens, and again when it asks or the connection comes back. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { get, isAbort } from "../api/client";
import { onReturn } from "../api/live";

export interface Loaded<Answer> {
  answer: Answer | undefined;
  error: unknown;
  reload: () => void;
}

/** Get `address`, or nothing while it is null. The last answer stays while a new one of the same address is awaited. */
export function useLoad<Answer>(address: string | null): Loaded<Answer> {
  const [state, setState] = useState<{ address: string | null; answer?: Answer; error?: unknown }>({
    address,
  });
  const running = useRef<AbortController | null>(null);
  const reload = useCallback(() => {
    running.current?.abort();
    if (address === null) return;
    const controller = new AbortController();
    running.current = controller;
    get<Answer>(address, controller.signal)
      .then((answer) => setState({ address, answer }))
      .catch((error: unknown) => {
        if (!isAbort(error)) setState({ address, error });
      });
  }, [address]);
  useEffect(() => {
    reload();
    return () => running.current?.abort();
  }, [reload]);
  useEffect(() => onReturn(reload), [reload]);
  const isCurrent = state.address === address;
  return { answer: isCurrent ? state.answer : undefined, error: isCurrent ? state.error : undefined, reload };
}
