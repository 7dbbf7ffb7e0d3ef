/** That entries of a list cannot be shown, so that nobody takes it for the whole. */

import { count, texts } from "../i18n";

export function LeftOut({ number }: { number: number }) {
  if (number === 0) return null;
  return <p class="note left-out">{texts.value.leftOut(count(number), number === 1)}</p>;
}
