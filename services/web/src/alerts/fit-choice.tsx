/** Of which cases the list is, beside its tab: band, still above the threshold, raised since. */

import { texts } from "../i18n";
import { session } from "../session";
import type { AlertList } from "./alert-list";
import { BANDS } from "./choices";

export function FitChoice({ list }: { list: AlertList }) {
  const { alerts, bands } = texts.value;
  const { band, isAbove, sinceMs } = list.filter.value;
  const isAny = band === null && !isAbove && sinceMs === 0;
  return (
    <fieldset class="fits">
      <legend class="unseen">{alerts.fits}</legend>
      {!session.value?.is_blind && (
        <>
          {BANDS.map((each) => (
            <button
              key={each}
              type="button"
              class="fit"
              aria-pressed={band === each}
              onClick={() => list.choose({ band: band === each ? null : each })}
            >
              {bands[each]}
            </button>
          ))}
          <button
            type="button"
            class="fit"
            aria-pressed={isAbove}
            onClick={() => list.choose({ isAbove: !isAbove })}
          >
            {alerts.stillAbove}
          </button>
        </>
      )}
      <label class="fit" data-chosen={sinceMs > 0}>
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
    </fieldset>
  );
}
