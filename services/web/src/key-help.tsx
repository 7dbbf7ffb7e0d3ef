/** Which key does what. */

import { texts } from "./i18n";
import { hasSingleKeys } from "./preferences";
import { Dialog } from "./ui/dialog";

export function KeyHelp({ close }: { close: () => void }) {
  const { keys } = texts.value;
  const rows: [string[], string][] = [
    [["J", "K"], `${keys.next} · ${keys.previous}`],
    [["↑", "↓", "↵"], keys.open],
    [["R"], keys.risk],
    [["N"], keys.noRisk],
    [["S"], keys.unsure],
    [["U"], keys.unlabel],
    [["H"], keys.hide],
    [["G"], keys.nextCase],
    [["Z"], keys.undo],
    [["P"], keys.pause],
    [["."], keys.fresh],
    [["1", "…", "6"], keys.tabs],
    [["?"], keys.help],
  ];
  return (
    <Dialog title={keys.title} close={close}>
      {!hasSingleKeys.value && <p class="note">{keys.off}</p>}
      <dl class="keys">
        {rows.map(([names, what]) => (
          <div key={what}>
            <dt>
              {names.map((name) => (
                <kbd key={name}>{name}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
