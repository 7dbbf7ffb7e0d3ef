/** What is chosen in the list of alerts, as it stands in the address. */

import type { Choices } from "../address";
import { session } from "../session";
import type { Filter, Sort, Tab, Whose } from "./order";

export interface Chosen extends Filter {
  isPaused: boolean;
}

const TABS: readonly Tab[] = ["none", "risk", "no_risk", "unsure", "disputed", "again"];
const WHOSE: readonly Whose[] = ["all", "mine", "nobodys"];
const SORTS: readonly Sort[] = ["raised", "probability"];

/** Read choices; what is none of them is as it is at first. */
export function chosenIn(choices: Choices | undefined): Chosen {
  return {
    tab: TABS.find((each) => each === choices?.tab) ?? "none",
    // Where scores are kept from who looks, a link from elsewhere does not open an order that tells them.
    sort: session.value?.is_blind ? "raised" : (SORTS.find((each) => each === choices?.sort) ?? "raised"),
    whose: WHOSE.find((each) => each === choices?.whose) ?? "all",
    account: session.value?.name ?? "",
    isHidden: choices?.hidden === "1",
    isPaused: choices?.paused === "1",
  };
}

/** Write what is not as it is at first. */
export function choicesOf({ tab, sort, whose, isHidden, isPaused }: Omit<Chosen, "account">): Choices {
  return {
    ...(tab === "none" ? {} : { tab }),
    ...(sort === "raised" ? {} : { sort }),
    ...(whose === "all" ? {} : { whose }),
    ...(isHidden ? { hidden: "1" } : {}),
    ...(isPaused ? { paused: "1" } : {}),
  };
}
