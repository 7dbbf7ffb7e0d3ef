/** Text that anybody may have written, made fit to be looked at. Never anything but text. */

/** Show control characters as their pictures (␀ for NUL), and halves of a pair as the replacement character. */
export function visible(text: string): string {
  return text
    .replace(CONTROLS, (control) => String.fromCodePoint(0x2400 + (control.codePointAt(0) ?? 0)))
    .replace(DELETE, "\u2421")
    .toWellFormed();
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;
const DELETE = /\u007f/g;

/** Cut before `limit` characters, never through a pair of code units. */
export function beginning(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.charCodeAt(limit - 1) >= 0xd800 && text.charCodeAt(limit - 1) < 0xdc00 ? limit - 1 : limit;
  return text.slice(0, cut);
}

/** The networks that posts come from: a link to a source leads nowhere else, whatever a producer says. */
const SOURCES = ["reddit.com", "www.reddit.com", "old.reddit.com", "bsky.app"];

/** The address of a post at its source, or null where it is none that a link may lead to. */
export function sourceAddress(permalink: string): string | null {
  if (permalink === "") return null;
  try {
    const address = new URL(permalink, "https://www.reddit.com");
    const isBare = address.port === "" && address.username === "" && address.password === "";
    return address.protocol === "https:" && isBare && SOURCES.includes(address.hostname)
      ? address.href
      : null;
  } catch {
    return null;
  }
}
