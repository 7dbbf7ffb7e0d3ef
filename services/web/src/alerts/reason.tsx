/** Why this person: the post with which the threshold was reached, in one line that leads to it. */

import { path } from "../api/client";
import type { Alert, Post } from "../api/types";
import { texts } from "../i18n";
import { Icon } from "../ui/icon";
import { useLoad } from "../ui/load";
import { beginning, visible } from "../ui/shown-text";
import { readFrom } from "./place-in-posts";

const QUOTED = 200;

export function Reason({ alert }: { alert: Alert }) {
  const { user, opened_by } = alert;
  const { answer } = useLoad<Post>(opened_by === null ? null : path("users", user, "posts", opened_by));
  if (!answer) return null;
  const said = visible(beginning(`${answer.title} ${answer.body}`.replace(/\s+/g, " ").trim(), QUOTED));
  return (
    <button
      type="button"
      class="reason"
      onClick={() => readFrom({ user, utc: answer.created_utc, post: answer.id })}
    >
      <Icon name="marker" /> <span class="reason-name">{texts.value.alerts.reason}</span>{" "}
      <q dir="auto">{said}</q>
    </button>
  );
}
