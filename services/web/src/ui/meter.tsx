/** A probability as a number over a thin bar, with a tick where the threshold is. */

import type { Band } from "../api/types";
import { percent, texts } from "../i18n";

/** The band of a probability, as the alerts themselves are put into bands. */
export function bandOf(probability: number): Band {
  if (probability >= 0.9) return "very high";
  if (probability >= 0.75) return "high";
  return probability >= 0.5 ? "raised" : "low";
}

interface MeterProps {
  probability: number;
  threshold?: number | undefined;
}

export function Meter({ probability, threshold }: MeterProps) {
  return (
    <span class="meter" data-band={bandOf(probability)}>
      <span class="meter-value">{percent(probability)}</span>
      <span class="meter-bar" aria-hidden="true">
        <span class="meter-fill" style={{ width: `${probability * 100}%` }} />
        {threshold !== undefined && <span class="meter-tick" style={{ left: `${threshold * 100}%` }} />}
      </span>
    </span>
  );
}

/** Where somebody stands: the probability and the name of its band, or nothing where it is kept from who asks. */
export function Standing({ probability, threshold }: { probability: number | null; threshold: number }) {
  if (probability === null) return null;
  const band = bandOf(probability);
  return (
    <p class="standing">
      <Meter probability={probability} threshold={threshold} />
      <span class="band" data-band={band}>
        {texts.value.bands[band]}
      </span>
    </p>
  );
}
