/** Of which cases the list is, beside its tab: band, still above the threshold, raised since. */

import type { Band } from "../api/types";
import { texts } from "../i18n";
import { session } from "../session";
import type { AlertList } from "./alert-list";
import { BANDS } from "./choices";

export function FitChoice({ list }: { list: AlertList }) {
  const { alerts, bands } = texts.value;
  const { band, isAbove, sinceMs } = list.filter.value;
  const isAny = band === null && !isAbove && sinceMs === 0;
  return (
    <div class="chips">
      {!session.value?.is_blind && (
        <>
          <select
            class="chip"
            aria-label={alerts.band}
            data-chosen={band !== null}
            value={band ?? ""}
            onChange={(event) => list.choose({ band: (event.currentTarget.value || null) as Band | null })}
          >
            <option value="">{alerts.anyBand}</option>
            {BANDS.map((each) => (
              <option key={each} value={each}>
                {bands[each]}
              </option>
            ))}
          </select>
          <button
            type="button"
            class="chip"
            aria-pressed={isAbove}
            onClick={() => list.choose({ isAbove: !isAbove })}
          >
            {alerts.stillAbove}
          </button>
        </>
      )}
      <label class="chip" data-chosen={sinceMs > 0}>
        {alerts.raisedSince}{" "}
        <input
          type="date"
          max="9999-12-31"
          value={sinceMs === 0 ? "" : new Date(sinceMs).toISOString().slice(0, 10)}
          onChange={(event) =>
            list.choose({ sinceMs: Math.max(0, Date.parse(event.currentTarget.value) || 0) })
          }
        />
      </label>
      {!isAny && (
        <button
          type="button"
          class="button-text"
          onClick={() => list.choose({ band: null, isAbove: false, sinceMs: 0 })}
        >
          {alerts.anyCase}
        </button>
      )}
    </div>
  );
}
