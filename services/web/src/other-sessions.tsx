/** Where else the same account is signed in, and the way to end all of that. */

import { path, send } from "./api/client";
import type { OtherSessions } from "./api/types";
import { exactMomentOfMs, texts } from "./i18n";
import { announce } from "./ui/announcer";
import { Dialog } from "./ui/dialog";
import { useLoad } from "./ui/load";
import { attempt, wordsOf } from "./ui/problem";

export function OtherSessionsDialog({ close }: { close: () => void }) {
  const { account, loading } = texts.value;
  const { answer, error } = useLoad<OtherSessions>(path("session", "others"));
  const others = answer?.sessions ?? [];
  const end = async () => {
    const done = await attempt(async () => {
      await send("DELETE", path("session", "others"));
      return true;
    });
    if (!done) return;
    announce(account.othersEnded);
    close();
  };
  return (
    <Dialog title={account.others} close={close}>
      {answer === undefined && <p class="quiet">{error === undefined ? loading : wordsOf(error)}</p>}
      {answer !== undefined && others.length === 0 && <p>{account.noOthers}</p>}
      {others.length > 0 && (
        <ul class="other-sessions">
          {others.map((other, index) => (
            <li key={`${other.begun_ms} ${index}`}>
              <span>{account.begun(exactMomentOfMs(other.begun_ms))}</span>
              <span class="quiet">{account.seen(exactMomentOfMs(other.seen_ms))}</span>
            </li>
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <footer class="dialog-acts">
          <button type="button" class="button button-first" onClick={() => void end()}>
            {account.endOthers}
          </button>
        </footer>
      )}
    </Dialog>
  );
}
