/** To leave a case to others, for one of a few reasons: no more is kept of why. */

import { texts } from "../i18n";
import { skip, WHY_SKIPPED, type WhySkipped } from "./queue";

export function SkipChoice({ user }: { user: string }) {
  const { alerts } = texts.value;
  return (
    <label class="skip-choice">
      <span>{alerts.skip}</span>{" "}
      <select
        value=""
        onChange={(event) => {
          if (event.currentTarget.value) void skip(user, event.currentTarget.value as WhySkipped);
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
