/** The page around the views: who is signed in, the ways to go, and the line that says what this is not. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { AccountMenu } from "./account-menu";
import { addressOf, type View, views } from "./address";
import { AlertsView } from "./alerts/view";
import { connection } from "./api/live";
import type { Role } from "./api/types";
import { AuditView } from "./audit/view";
import { DatasetsView } from "./datasets/view";
import { texts } from "./i18n";
import { KeyHelp } from "./key-help";
import { useKeys } from "./keys";
import { go, route } from "./route";
import { ScreeningSign, standing } from "./screening-sign";
import { may, session } from "./session";
import { Enrol, SignIn } from "./sign-in";
import { StatisticsView } from "./statistics/view";
import { TopicsView } from "./topics/view";
import { TopologyView } from "./topology/view";
import { Announcer } from "./ui/announcer";
import { Icon, Mark } from "./ui/icon";
import { UsersView } from "./users/view";

const pages: Record<View, () => preact.JSX.Element> = {
  alerts: AlertsView,
  topics: TopicsView,
  datasets: DatasetsView,
  statistics: StatisticsView,
  topology: TopologyView,
  users: UsersView,
  audit: AuditView,
};

/** Views that a reviewer is not offered. */
const roles: Partial<Record<View, Role>> = { datasets: "curator", audit: "administrator" };

export function App() {
  const current = session.value;
  if (current === undefined) return <div class="starting" />;
  if (current === null) return <SignIn />;
  return current.must_enrol ? <Enrol /> : <Shell />;
}

function Shell() {
  const View = pages[route.value.view];
  const isHelpOpen = useSignal(false);
  useKeys(
    useMemo(
      () => ({
        "?": () => {
          isHelpOpen.value = true;
        },
      }),
      [isHelpOpen],
    ),
  );
  useFocusOnView();
  return (
    <div class="shell">
      <SkipLink />
      <Bar
        showKeys={() => {
          isHelpOpen.value = true;
        }}
      />
      <View key={route.value.view} />
      <Announcer />
      {isHelpOpen.value && (
        <KeyHelp
          close={() => {
            isHelpOpen.value = false;
          }}
        />
      )}
    </div>
  );
}

/** A view that opens takes the focus if what had it is gone with the last one. */
function useFocusOnView(): void {
  const { view } = route.value;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time another view opens
  useEffect(() => {
    if (document.activeElement === document.body) document.getElementById("content")?.focus();
  }, [view]);
}

function SkipLink() {
  return (
    <button type="button" class="skip" onClick={() => document.getElementById("content")?.focus()}>
      {texts.value.skipToContent}
    </button>
  );
}

function Bar({ showKeys }: { showKeys: () => void }) {
  const { appName, promise } = texts.value;
  return (
    <header class="bar">
      <p class="bar-name">
        <Mark /> <span>{appName}</span>
      </p>
      <Navigation />
      <p class="promise">{promise}</p>
      <ScreeningSign />
      <ConnectionSign />
      <AccountMenu showKeys={showKeys} />
    </header>
  );
}

function Navigation() {
  const names = texts.value.views;
  return (
    <nav class="navigation" aria-label={names.navigation}>
      {views
        .filter((view) => may(roles[view] ?? "reviewer"))
        .map((view) => (
          <a
            key={view}
            href={addressOf(view)}
            aria-current={route.value.view === view ? "page" : undefined}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              go(view);
            }}
          >
            <Icon name={view} />
            <span>{names[view]}</span>
          </a>
        ))}
    </nav>
  );
}

function ConnectionSign() {
  const state = connection.value;
  return (
    <p class="connection" data-state={state} data-screening={standing().state} role="status">
      <span class="connection-dot" aria-hidden="true" />
      <span>{texts.value.connection[state]}</span>
    </p>
  );
}
