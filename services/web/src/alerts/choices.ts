/** What is chosen in the list of alerts, as it stands in the address. */

import type { Choices } from "../address";
import type { Band } from "../api/types";
import { session } from "../session";
import type { Filter, Sort, Tab, Whose } from "./order";

export interface Chosen extends Filter {
  isPaused: boolean;
}

const TABS: readonly Tab[] = ["none", "risk", "no_risk", "unsure", "disputed", "again"];
export const BANDS: readonly Band[] = ["very high", "high", "raised", "low"];
const WHOSE: readonly Whose[] = ["all", "mine", "nobodys"];
const SORTS: readonly Sort[] = ["raised", "probability"];

/** Read choices; what is none of them is as it is at first. */
export function chosenIn(choices: Choices | undefined): Chosen {
  return {
    tab: TABS.find((each) => each === choices?.tab) ?? "none",
    // Where scores are kept from who looks, a link from elsewhere does not open an order that tells them.
    sort: session.value?.is_blind ? "raised" : (SORTS.find((each) => each === choices?.sort) ?? "raised"),
    // As for the order.
    band: session.value?.is_blind ? null : (BANDS.find((each) => each === choices?.band) ?? null),
    isAbove: !session.value?.is_blind && choices?.above === "1",
    sinceMs: Math.max(0, Date.parse(choices?.since ?? "") || 0),
    whose: WHOSE.find((each) => each === choices?.whose) ?? "all",
    account: session.value?.name ?? "",
    isHidden: choices?.hidden === "1",
    isPaused: choices?.paused === "1",
  };
}

/** Write what is not as it is at first. */
export function choicesOf(chosen: Omit<Chosen, "account">): Choices {
  const { tab, sort, whose, band, isAbove, sinceMs, isHidden, isPaused } = chosen;
  return {
    ...(tab === "none" ? {} : { tab }),
    ...(sort === "raised" ? {} : { sort }),
    ...(whose === "all" ? {} : { whose }),
    ...(band === null ? {} : { band }),
    ...(isAbove ? { above: "1" } : {}),
    ...(sinceMs === 0 ? {} : { since: new Date(sinceMs).toISOString().slice(0, 10) }),
    ...(isHidden ? { hidden: "1" } : {}),
    ...(isPaused ? { paused: "1" } : {}),
  };
}
