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

/** What Markdown marks with signs, as the plain text that it is: words of links, emphasis, headings. */
export function plain(text: string): string {
  return text.replace(LINK, "$1").replace(EMPHASIS, "$2").replace(HEADING, "");
}

// Each is bounded, or a long text of opening signs alone would be looked through once for each of them.
const LINK = /!?\[([^\][\n]{0,300})\]\((?:[^\s()]|\([^\s()]*\)){1,2000}(?:\s+"[^"\n]{0,300}")?\s*\)/g;
const EMPHASIS = /(\*\*|__|~~)(?=\S)(.{1,300}?)(?<=\S)\1/g;
const HEADING = /^#{1,6}[ \t]+/gm;
const ADDRESS = /https?:\/\/[^\s()<>[\]"]+/gi;
const MOST_LINKS = 20;

/** The addresses that a text leads to, each once. */
export function linksIn(text: string): string[] {
  const found = text.match(ADDRESS)?.filter((each) => URL.canParse(each)) ?? [];
  return [...new Set(found)].slice(0, MOST_LINKS);
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

// A comment on Reddit: its thread, a slug of the title, and its own id.
const COMMENT = /^(\/r\/[^/]+\/comments\/[^/]+\/)[^/]+\/[^/]+\/?$/;

/** The address of the thread that a comment is part of, or null where its own address tells of none. */
export function threadAddress(permalink: string): string | null {
  const source = sourceAddress(permalink);
  if (source === null) return null;
  const address = new URL(source);
  const thread = COMMENT.exec(address.pathname)?.[1];
  return thread && address.hostname.endsWith("reddit.com") ? `${address.origin}${thread}` : null;
}
