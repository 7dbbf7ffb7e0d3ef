/** A probability as a number over a thin bar, with a tick where the threshold is. */

import type { Band } from "../api/types";
import { exactPercent, percent, texts } from "../i18n";

/** The band of a probability, as the alerts themselves are put into bands. */
export function bandOf(probability: number): Band {
  if (probability >= 0.9) return "very high";
  if (probability >= 0.75) return "high";
  return probability >= 0.5 ? "raised" : "low";
}

interface MeterProps {
  probability: number;
  threshold?: number | undefined;
  isExact?: boolean;
}

export function Meter({ probability, threshold, isExact = false }: MeterProps) {
  const write = isExact ? exactPercent : percent;
  return (
    <span class="meter" data-band={bandOf(probability)}>
      <span class="meter-value">{write(probability)}</span>
      <span class="meter-bar" aria-hidden="true">
        <span class="meter-fill" style={{ width: `${probability * 100}%` }} />
        {threshold !== undefined && <span class="meter-tick" style={{ left: `${threshold * 100}%` }} />}
      </span>
    </span>
  );
}

/** Where somebody stands: the probability, large, and the name of its band. */
export function Standing({ probability, threshold }: { probability: number; threshold: number }) {
  const band = bandOf(probability);
  return (
    <p class="standing">
      <Meter probability={probability} threshold={threshold} isExact />
      <span class="band" data-band={band}>
        {texts.value.bands[band]}
      </span>
    </p>
  );
}
