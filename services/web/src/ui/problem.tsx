/** A refusal of the server in the words of the page. */

import { isAbort, LATE, Problem } from "../api/client";
import { texts } from "../i18n";
import { announceProblem } from "./announcer";

/** Say what went wrong: in the page's language, with the server's own detail where it tells more. */
export function wordsOf(error: unknown): string {
  const { problem, labels } = texts.value;
  if (!(error instanceof Problem)) return problem.other;
  if (error.last) {
    const { account, deed, verdict } = error.last;
    return problem.overtaken(account, problem.deeds[deed](verdict === null ? "" : labels[verdict]));
  }
  const known: Record<number, string> = {
    [LATE]: problem.late,
    0: problem.unreachable,
    403: problem.forbidden,
    404: problem.missing,
    409: problem.conflict,
    503: problem.busy,
  };
  return known[error.status] ?? (error.detail ? `${problem.other} ${error.detail}` : problem.other);
}

/** Run an act of the user; where it fails, say what that means and why, and return undefined. */
export async function attempt<Result>(
  act: () => Promise<Result>,
  meaning?: string,
): Promise<Result | undefined> {
  try {
    return await act();
  } catch (error) {
    if (!isAbort(error)) announceProblem(meaning ? `${meaning} ${wordsOf(error)}` : wordsOf(error));
    return undefined;
  }
}

export function ProblemNote({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <div class="blank" role="alert">
      <p>{wordsOf(error)}</p>
      <button type="button" class="button" onClick={retry}>
        {texts.value.retry}
      </button>
    </div>
  );
}
