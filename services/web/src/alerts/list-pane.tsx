/** The left half: tabs, order, and the list. One stop of the Tab key; arrow keys move inside. */

import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useRef } from "preact/hooks";
import type { Alert } from "../api/types";
import { ago, count, momentOf, momentOfMs, texts } from "../i18n";
import { go } from "../route";
import { standing } from "../screening-sign";
import { session } from "../session";
import { LeftOut } from "../ui/left-out";
import { Meter } from "../ui/meter";
import { ProblemNote } from "../ui/problem";
import { Segmented } from "../ui/segmented";
import { Tabs } from "../ui/tabs";
import { VirtualRows } from "../ui/virtual-list";
import type { AlertList } from "./alert-list";
import { FitChoice } from "./fit-choice";
import type { Tab } from "./order";

const ROW_PX = 48;

export function ListPane({ list, open }: { list: AlertList; open: string | null }) {
  const { alerts, labels } = texts.value;
  const { filter, counts } = list;
  const tabs: { name: Tab; text: string; count: string }[] = [
    { name: "none", text: labels.none, count: count(counts.value?.unlabelled ?? null) },
    { name: "risk", text: labels.risk, count: count(counts.value?.risk ?? null) },
    { name: "no_risk", text: labels.no_risk, count: count(counts.value?.no_risk ?? null) },
    { name: "unsure", text: labels.unsure, count: count(counts.value?.unsure ?? null) },
    { name: "disputed", text: labels.disputed, count: count(counts.value?.disputed ?? null) },
    { name: "again", text: labels.again, count: count(counts.value?.again ?? null) },
  ];
  return (
    <section class="pane list-pane" aria-label={alerts.list}>
      <Tabs
        label={alerts.tabs}
        panel="alert-panel"
        tabs={tabs}
        chosen={filter.value.tab}
        choose={(tab) => list.choose({ tab, isHidden: false })}
      />
      <div class="toolbar">
        <Segmented
          legend={alerts.order}
          name="order"
          chosen={filter.value.sort}
          choose={(sort) => list.choose({ sort })}
          choices={[
            ["raised", alerts.recent],
            ...(session.value?.is_blind ? [] : [["probability", alerts.byProbability] as const]),
          ]}
        />
        <Segmented
          legend={alerts.whose}
          name="whose"
          chosen={filter.value.whose}
          choose={(whose) => list.choose({ whose })}
          choices={[
            ["all", alerts.whoseCases.all],
            ["nobodys", alerts.whoseCases.nobodys],
            ["mine", alerts.whoseCases.mine],
          ]}
        />
        <label class="toggle">
          <input
            type="checkbox"
            checked={filter.value.isHidden}
            onChange={(event) => list.choose({ isHidden: event.currentTarget.checked })}
          />
          <span>{alerts.showHidden(count(counts.value?.hidden ?? null))}</span>
        </label>
      </div>
      <FitChoice list={list} />
      <Fresh list={list} />
      <LeftOut number={list.leftOut.value} />
      <div id="alert-panel" class="list-panel" role="tabpanel" aria-label={labels[filter.value.tab]}>
        <Listbox list={list} open={open} />
      </div>
      {list.order.value.length > 0 && list.problem.value !== null && (
        <ProblemNote error={list.problem.value} retry={() => void list.loadMore()} />
      )}
    </section>
  );
}

function Fresh({ list }: { list: AlertList }) {
  const { alerts } = texts.value;
  const waiting = list.waiting.value;
  if (waiting === 0) return null;
  return (
    <button type="button" class="fresh" onClick={list.settle} title={alerts.freshHint}>
      {alerts.fresh(count(waiting), waiting === 1)}
    </button>
  );
}

function Listbox({ list, open }: { list: AlertList; open: string | null }) {
  const { alerts } = texts.value;
  const scroller = useRef<HTMLDivElement>(null);
  const active = useSignal<string | null>(open);
  useEffect(() => {
    active.value = open;
  }, [open, active]);
  const order = list.order.value;
  list.revision.value; // Rows are read anew with it.
  const nearEnd = useCallback(() => void list.loadMore(), [list]);
  const at = active.value === null ? -1 : order.indexOf(active.value);
  useEffect(() => reveal(scroller.current, at), [at]);

  const move = (event: KeyboardEvent) => {
    const wanted = target(event.key, at, order.length);
    if (wanted !== null) {
      event.preventDefault();
      active.value = order[wanted] ?? null;
    } else if ((event.key === "Enter" || event.key === " ") && active.value !== null) {
      event.preventDefault();
      go("alerts", active.value);
    }
  };
  const focused = () => {
    list.setInUse(true);
    if (at < 0) active.value = order[0] ?? null;
  };
  return (
    <div
      ref={scroller}
      class="listbox"
      role="listbox"
      tabIndex={0}
      aria-label={alerts.list}
      aria-activedescendant={at >= 0 ? rowId(at) : undefined}
      aria-busy={list.isLoading.value}
      onKeyDown={move}
      onFocus={focused}
      onBlur={() => list.setInUse(scroller.current?.matches(":hover") ?? false)}
      onScroll={(event) => list.setPlace(Math.floor(event.currentTarget.scrollTop / ROW_PX))}
      onPointerEnter={() => list.setInUse(true)}
      onPointerLeave={() => list.setInUse(scroller.current === document.activeElement)}
    >
      <VirtualRows
        scroller={scroller}
        count={order.length}
        rowPx={ROW_PX}
        nearEnd={nearEnd}
        row={(index) => {
          const alert = list.alert(order[index] ?? "");
          return (
            alert && (
              <Row
                key={alert.user}
                alert={alert}
                index={index}
                total={order.length}
                isActive={index === at}
                isOpen={alert.user === open}
              />
            )
          );
        }}
      />
      {order.length === 0 && <Blank list={list} />}
    </div>
  );
}

function Blank({ list }: { list: AlertList }) {
  const { alerts, loading } = texts.value;
  if (list.problem.value) return <ProblemNote error={list.problem.value} retry={() => void list.reload()} />;
  if (list.isLoading.value) return <p class="blank">{loading}</p>;
  return (
    <div class="blank">
      <p>{alerts.empty}</p>
      {list.filter.value.tab === "none" && <EmptyHint />}
    </div>
  );
}

/** That new ones will come, where that is so. */
function EmptyHint() {
  const { state, text } = standing();
  const isWell = state === "ready" || state === "works";
  return <p class="quiet">{isWell ? texts.value.alerts.emptyHint : text}</p>;
}

interface RowProps {
  alert: Alert;
  index: number;
  total: number;
  isActive: boolean;
  isOpen: boolean;
}

function Row({ alert, index, total, isActive, isOpen }: RowProps) {
  const { alerts, labels } = texts.value;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox around it hears the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the listbox around it has the focus
    <div
      id={rowId(index)}
      class="row"
      role="option"
      aria-selected={isOpen}
      aria-posinset={index + 1}
      aria-setsize={total}
      data-active={isActive}
      style={{ transform: `translateY(${index * ROW_PX}px)` }}
      onClick={() => go("alerts", alert.user)}
    >
      <span class="row-name">
        <bdi>{alert.user}</bdi>
        {alert.leased_by !== null && alert.leased_by !== session.value?.name && (
          <span class="tag colleague">{alert.leased_by}</span>
        )}
        {alert.again && <span class="tag">{labels.again}</span>}
        {alert.shelf && (
          <span class="tag" data-label={alert.shelf}>
            {labels[alert.shelf]}
          </span>
        )}
      </span>
      {alert.probability !== null && <Meter probability={alert.probability} threshold={alert.threshold} />}
      <span
        class="row-facts"
        title={[
          momentOfMs(alert.raised_ms),
          alerts.openedBy(momentOf(alert.opened_utc)),
          alerts.openedAfter(count(alert.opened_after), alert.opened_after === 1),
        ].join(" · ")}
      >
        {ago(alert.raised_ms, Date.now())}
        {alert.posts_since > 0 && ` · ${alerts.since(count(alert.posts_since))}`}
      </span>
    </div>
  );
}

function rowId(index: number): string {
  return `alert-${index}`;
}

/** The row a key leads to, or null if it leads nowhere. */
function target(key: string, at: number, length: number): number | null {
  const steps: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + 10,
    PageUp: at - 10,
    Home: 0,
    End: length - 1,
  };
  const wanted = steps[key];
  return wanted === undefined || length === 0 ? null : Math.min(Math.max(wanted, 0), length - 1);
}

function reveal(scroller: HTMLElement | null, at: number): void {
  if (!scroller || at < 0) return;
  const top = at * ROW_PX;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  const end = top + ROW_PX - scroller.clientHeight;
  if (end > scroller.scrollTop) scroller.scrollTop = end;
}
