/** The question before a user is forgotten: the name has to be typed. */

import { useSignal } from "@preact/signals";
import { path, send } from "../api/client";
import type { Forget } from "../api/types";
import { texts } from "../i18n";
import { announce } from "../ui/announcer";
import { Dialog } from "../ui/dialog";
import { attempt } from "../ui/problem";

interface ForgetProps {
  user: string;
  close: () => void;
  done: () => void;
}

export function ForgetDialog({ user, close, done }: ForgetProps) {
  const { users: words, cancel } = texts.value;
  const typed = useSignal("");
  const isSame = typed.value === user;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!isSame) return;
    const answer = await attempt(() => send<Forget>("POST", path("users", user, "forget")));
    close();
    if (answer === undefined) return;
    announce(words.forgotten(user));
    done();
  };
  return (
    <Dialog title={words.forgetTitle(user)} close={close}>
      <form class="form" onSubmit={submit}>
        <p>{words.forgetWhat}</p>
        <label class="field">
          <span>{words.forgetType}</span>
          <input
            name="confirmation"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            onInput={(event) => {
              typed.value = event.currentTarget.value;
            }}
          />
        </label>
        <footer class="dialog-acts">
          <button type="button" class="button" onClick={close}>
            {cancel}
          </button>
          <button type="submit" class="button button-grave" disabled={!isSame}>
            {words.forgetDo}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
