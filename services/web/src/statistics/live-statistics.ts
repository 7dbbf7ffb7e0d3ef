/** Statistics as they are now and as they were in the last minutes, kept up to date by the socket. */

import { useEffect, useState } from "preact/hooks";
import { path } from "../api/client";
import { listen } from "../api/live";
import type { Statistics, StatisticsHistory } from "../api/types";
import { useLoad } from "../ui/load";
import { append } from "./series";

export function useStatistics() {
  const now = useLoad<Statistics>(path("statistics"));
  const past = useLoad<StatisticsHistory>(path("statistics", "history"));
  const [latest, setLatest] = useState<Statistics>();
  const [history, setHistory] = useState<StatisticsHistory>();
  useEffect(() => {
    if (now.answer) setLatest(now.answer);
  }, [now.answer]);
  useEffect(() => {
    if (past.answer) setHistory(past.answer);
  }, [past.answer]);
  useEffect(
    () =>
      listen((event) => {
        if (event.type !== "statistics") return;
        setLatest(event);
        setHistory((known) => known && append(known, event));
      }),
    [],
  );
  const reload = () => {
    now.reload();
    past.reload();
  };
  return { latest, history, error: latest ? undefined : (now.error ?? past.error), reload };
}
