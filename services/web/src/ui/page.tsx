/** What every view has: its title, its actions, and its content. */

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { texts } from "../i18n";

interface PageProps {
  title: string;
  class?: string;
  actions?: ComponentChildren;
  children: ComponentChildren;
}

export function Page({ title, class: name = "", actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · ${texts.value.appName}`;
  }, [title]);
  return (
    <main id="content" class={`page ${name}`} tabIndex={-1}>
      <header class="page-head">
        <h1>{title}</h1>
        <div>{actions}</div>
      </header>
      {children}
    </main>
  );
}
