/** What every chart has: a title, the drawing, and ways to take it away. */

import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";
import { texts } from "../i18n";
import { type Cell, csv, savePng, saveSvg, saveText } from "./take-away";

interface FigureProps {
  title: string;
  note?: string;
  /** Of the files, without an ending. */
  file: string;
  rows: () => Cell[][];
  children: ComponentChildren;
}

export function Figure({ title, note, file, rows, children }: FigureProps) {
  const { topics: words } = texts.value;
  const figure = useRef<HTMLElement>(null);
  const heading = useId();
  const drawing = () => figure.current?.querySelector<SVGSVGElement>("svg.drawing");
  const withDrawing = (take: (svg: SVGSVGElement, name: string) => void) => () => {
    const svg = drawing();
    if (svg) take(svg, file);
  };
  const ways: [string, () => void][] = [
    ["CSV", () => saveText(csv(rows()), "text/csv", `${file}.csv`)],
    ["SVG", withDrawing(saveSvg)],
    ["PNG", withDrawing((svg, name) => void savePng(svg, name))],
  ];
  return (
    <figure ref={figure} class="pane topic-figure" aria-labelledby={heading}>
      <header>
        <h3 id={heading}>{title}</h3>
        <ul class="take-away" aria-label={words.takeAway(title)}>
          {ways.map(([name, take]) => (
            <li key={name}>
              <button type="button" class="button-text" aria-label={`${title}: ${name}`} onClick={take}>
                {name}
              </button>
            </li>
          ))}
        </ul>
      </header>
      {note && <p class="quiet">{note}</p>}
      {children}
    </figure>
  );
}
