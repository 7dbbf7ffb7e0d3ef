/** To leave a case to others, for one of a few reasons: no more is kept of why. */

import { texts } from "../i18n";
import type { AlertList } from "./alert-list";
import { skip, WHY_SKIPPED, type WhySkipped } from "./queue";

export function SkipChoice({ list, user }: { list: AlertList; user: string }) {
  const { alerts } = texts.value;
  return (
    <label class="skip-choice">
      <span>{alerts.skip}</span>{" "}
      <select
        value=""
        onChange={(event) => {
          const why = event.currentTarget.value as WhySkipped | "";
          if (why) void skip(user, why, list.filter.value);
        }}
      >
        <option value="">{alerts.skipWhy}</option>
        {WHY_SKIPPED.map((why) => (
          <option key={why} value={why}>
            {alerts.whySkipped[why]}
          </option>
        ))}
      </select>
    </label>
  );
}
