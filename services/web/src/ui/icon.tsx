/** The page's own icons: 20 by 20, drawn with lines of the text's colour. */

const shapes = {
  alerts: "M10 3a5 5 0 0 0-5 5v3.5L3.5 14h13L15 11.5V8a5 5 0 0 0-5-5ZM8 16.5a2 2 0 0 0 4 0",
  topics: "M9 13.5a5 5 0 1 0 0-10 5 5 0 0 0 0 10Zm3.5-1.5 4 4M9 3.5v5h5",
  datasets: "M10 3v9m0 0 3.5-3.5M10 12 6.5 8.5M3.5 13v3.5h13V13",
  statistics: "M3.5 16.5h13M6 13.5v-4m4 4v-9m4 9V8",
  topology:
    "M3 8h4v4H3zM13 3h4v4h-4zM13 13h4v4h-4zM7 10h3m3-5h-1.5a1.5 1.5 0 0 0-1.5 1.5v7a1.5 1.5 0 0 0 1.5 1.5H13",
  users: "M10 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-6 6.5c.6-3 3-4.5 6-4.5s5.4 1.5 6 4.5",
  audit: "M5 3h7l3 3v11H5zM12 3v3h3M7.5 9.5h5m-5 2.5h5m-5 2.5h3",
  account: "M4 6h12M4 10h12M4 14h12",
  pause: "M7 4.5v11m6-11v11",
  play: "M6 4.5v11l9-5.5z",
  back: "M12 4.5 6.5 10l5.5 5.5",
  close: "m5 5 10 10M15 5 5 15",
  source: "M8 4.5H4.5v11h11V12M11 4.5h4.5V9m0-4.5L9 11",
  search: "M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11Zm4-1.5 4 4",
  up: "M10 15.5V5m0 0L6 9m4-4 4 4",
  down: "M10 4.5V15m0 0 4-4m-4 4-4-4",
  marker: "M10 4.5 14.5 10 10 15.5 5.5 10z",
  hide: "M3 10s2.5-4.5 7-4.5S17 10 17 10s-2.5 4.5-7 4.5S3 10 3 10Zm1.5 6 11-12",
  check: "m4.5 10.5 4 4 7-8.5",
  undo: "M7 4 3.5 7.5 7 11M4 7.5h7.5a4.5 4.5 0 0 1 0 9H8",
} as const;

export type IconName = keyof typeof shapes;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={shapes[name]} />
    </svg>
  );
}

/** Links hung in a curve: what the name says. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path d="M4 8C8 28 24 28 28 8" />
      <circle cx="4" cy="8" r="3.5" />
      <circle cx="16" cy="23" r="3.5" />
      <circle cx="28" cy="8" r="3.5" />
    </svg>
  );
}
