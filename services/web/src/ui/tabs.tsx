/** Tabs over one panel: arrow keys move between them, as the pattern of the ARIA guide has it. */

import { useRef } from "preact/hooks";

interface TabsProps<Name extends string> {
  label: string;
  panel: string;
  tabs: readonly { name: Name; text: string; count: string }[];
  chosen: Name;
  choose: (name: Name) => void;
}

export function Tabs<Name extends string>({ label, panel, tabs, chosen, choose }: TabsProps<Name>) {
  const row = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const at = tabs.findIndex((tab) => tab.name === chosen);
    const steps: Record<string, number> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      Home: 0,
      End: tabs.length - 1,
    };
    const wanted = steps[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    const next = tabs[(wanted + tabs.length) % tabs.length];
    if (!next) return;
    choose(next.name);
    row.current?.querySelector<HTMLElement>(`[data-tab="${next.name}"]`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} ref={row} onKeyDown={move}>
      {tabs.map((tab) => (
        <button
          key={tab.name}
          type="button"
          role="tab"
          class="tab"
          data-tab={tab.name}
          aria-selected={tab.name === chosen}
          aria-controls={panel}
          tabIndex={tab.name === chosen ? 0 : -1}
          onClick={() => choose(tab.name)}
        >
          <span>{tab.text}</span> <span class="tab-count">{tab.count}</span>
        </button>
      ))}
    </div>
  );
}
