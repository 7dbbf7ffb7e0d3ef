/** Whatever the order in which answers come, an act is done to who was open when it was begun, and to nobody else. */

import fc from "fast-check";
import { beforeEach, expect, test, vi } from "vitest";

const clock = vi.hoisted(() => {
  const now = { ms: 0 };
  const location = { hash: "", protocol: "https:", host: "here" };
  const move = (_: unknown, __: string, address: string) => {
    location.hash = address;
  };
  vi.stubGlobal("location", location);
  vi.stubGlobal("history", { pushState: move, replaceState: move });
  vi.stubGlobal("navigator", { languages: ["en"] });
  vi.stubGlobal("performance", { now: () => now.ms });
  vi.stubGlobal("window", { addEventListener: () => undefined, setTimeout: () => 0, clearTimeout: () => 0 });
  return now;
});

import { type AlertList, createAlertList } from "../src/alerts/alert-list";
import { keysOf } from "../src/alerts/keys";
import { steps } from "../src/alerts/steps";
import type { Alert, Review, Verdict } from "../src/api/types";
import type { Keys } from "../src/keys";
import { go, route } from "../src/route";
import { session } from "../src/session";

const USERS = ["ann", "bob", "cid", "dan", "eve"];
const ME = "me";
const UNREAD_MS = 500;

/** An answer that is read at once, so that all its consequences come before the next step of a test. */
function reply(body: unknown, { status }: { status: number } = { status: 200 }): Response {
  const said = { ok: status < 400, status, headers: new Headers(), json: () => Promise.resolve(body) };
  return said as unknown as Response;
}

/** What the server keeps, with reviews that are records; each answer comes when it is let. */
class FakeServer {
  readonly reviews = new Map<string, Review[]>(USERS.map((user) => [user, []]));
  readonly changes: { user: string; method: string; verdict: Verdict | undefined }[] = [];

  answer(address: string, { method = "GET", body, headers }: RequestInit): Response {
    const [, , , , user = "", what] = address.split("?")[0]?.split("/") ?? [];
    if (user === "")
      return reply({ items: USERS.map((each) => this.alert(each)), cursor: null, left_out: 0 });
    if (user === "counts")
      return reply({ unlabelled: 5, risk: 0, no_risk: 0, unsure: 0, disputed: 0, hidden: 0, again: 0 });
    if (what === "reviews") return reply({ reviews: this.of(user), left_out: 0 });
    if (method === "GET") return reply(this.alert(user));
    const expected = (headers as Record<string, string>)["If-Match"];
    if (expected !== `"${this.of(user).length}"`) return this.overtaken(user);
    const { verdict } = JSON.parse(String(body ?? "{}")) as { verdict?: Verdict };
    this.changes.push({ user, method, verdict });
    this.act(user, ME, method === "PUT" ? (verdict as Verdict) : null);
    return reply(this.alert(user));
  }

  act(user: string, account: string, verdict: Verdict | null): void {
    const number = this.of(user).length + 1;
    const deed = verdict === null ? "took back" : "said";
    const said = { number, account, deed, verdict, at_ms: number, stands: false };
    this.of(user).push({
      ...said,
      confidence: null,
      reason: "",
      note: "",
      looked_ms: null,
    } as unknown as Review);
  }

  /** What each account says last. */
  words(user: string): Record<string, Verdict> {
    const words: Record<string, Verdict> = {};
    for (const { account, verdict } of this.of(user)) {
      if (verdict === null) delete words[account];
      else words[account] = verdict;
    }
    return words;
  }

  private overtaken(user: string): Response {
    const { account, deed, verdict, at_ms } = this.of(user).at(-1) as Review;
    return reply({ title: "Conflict", last: { account, deed, verdict, at_ms } }, { status: 409 });
  }

  private of(user: string): Review[] {
    return this.reviews.get(user) ?? [];
  }

  private alert(user: string): Alert {
    const words = new Set(Object.values(this.words(user)));
    const shelf = words.size > 1 ? "disputed" : ([...words][0] ?? null);
    const version = this.of(user).length;
    const opened = 100 - USERS.indexOf(user);
    const known = { user, shelf, review_version: version, changed_ms: version, raised_ms: opened };
    return { ...known, is_hidden: false, probability: 0.6 } as unknown as Alert;
  }
}

let server: FakeServer;
let list: AlertList;
let keys: Keys;

async function start(fetched: (address: string, options: RequestInit) => Promise<Response>): Promise<void> {
  server = new FakeServer();
  vi.stubGlobal("fetch", (address: string, options: RequestInit) =>
    Promise.resolve(server.answer(address, options)),
  );
  clock.ms += 10_000;
  go("alerts");
  session.value = { name: ME } as typeof session.value;
  steps.value = [];
  list = createAlertList();
  keys = keysOf(list);
  await list.reload();
  vi.stubGlobal("fetch", fetched);
}

/** As the page does it: the detail of who is open is what keys act on. */
function press(key: string): void {
  const user = route.value.subject;
  list.open(user === null ? null : (list.alert(user) ?? null));
  keys[key]?.();
}

/** Let all that can happen without an answer happen. */
const settle = () => new Promise((done) => setTimeout(done));

beforeEach(() => start((address, options) => Promise.resolve(server.answer(address, options))));

const ACTS = ["r", "n", "s", "u", "j", "k", "click", "colleague", "answer", "wait 100", "wait 600"] as const;

/** What one step of the property has seen. */
interface Seen {
  /** Whom changes were asked for, and who was open when their keys were pressed. */
  asked: string[];
  meant: (string | null)[];
  /** Of whom the newest answer was. */
  answered: string;
}

async function step(
  act: (typeof ACTS)[number],
  user: string,
  seen: Seen,
  scheduler: fc.Scheduler,
): Promise<void> {
  const before = route.value.subject;
  const asked = seen.asked.length;
  if (act === "click") go("alerts", user);
  else if (act === "colleague") server.act(user, "colleague", "no_risk");
  else if (act.startsWith("wait")) clock.ms += Number(act.slice(5));
  else if (act !== "answer") press(act);
  else if (scheduler.count() > 0) {
    await scheduler.waitNext(1);
    await settle();
    if (route.value.subject !== before) expect(seen.answered).toBe(before);
  }
  if (seen.asked.length > asked) seen.meant.push(before);
}

test("an act is done to who was open when its key was pressed, and only its own answer moves the page on", () =>
  fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.tuple(fc.constantFrom(...ACTS), fc.constantFrom(...USERS)), { maxLength: 30 }),
      async (scheduler, acts) => {
        const seen: Seen = { asked: [], meant: [], answered: "" };
        const later = scheduler.scheduleFunction((address: string, options: RequestInit) => {
          seen.answered = address.split("/")[4] ?? "";
          return Promise.resolve(server.answer(address, options));
        });
        await start((address, options) => {
          if (options.method !== "GET") seen.asked.push(address.split("/")[4] ?? "");
          return later(address, options);
        });
        for (const [act, user] of acts) await step(act, user, seen, scheduler);
        expect(seen.asked).toEqual(seen.meant);
        await scheduler.waitIdle();
        const kept = USERS.flatMap((user) => server.words(user).colleague ?? []);
        const said = new Set(acts.filter(([act]) => act === "colleague").map(([, user]) => user));
        expect(kept).toEqual([...said].map(() => "no_risk"));
      },
    ),
    { numRuns: 200 },
  ));

test("the next alert opens also where the live event of a label comes before its answer", async () => {
  const counts = { unlabelled: 4, risk: 1, no_risk: 0, unsure: 0, disputed: 0, hidden: 0, again: 0 };
  await start(async (address, options) => {
    const answer = server.answer(address, options);
    if (options.method !== "GET") list.hear([(await answer.json()) as Alert], counts);
    return answer;
  });
  go("alerts", "ann");

  press("r");
  await settle();

  expect(route.value.subject).toBe("bob");
});

test.each([
  [350, ["ann"]],
  [UNREAD_MS + 1, ["ann", "bob"]],
])(
  "a key pressed again after %i ms does nothing to who has opened by itself and was not read",
  async (ms, done) => {
    go("alerts", "ann");
    press("r");
    await settle();
    expect(route.value.subject).toBe("bob");

    clock.ms += ms;
    press("r");
    await settle();

    expect(server.changes.map((each) => each.user)).toEqual(done);
  },
);

test("all acts of a session are undone, the newest first", async () => {
  for (const key of ["r", "n", "s"]) {
    press("j");
    press(key);
    await settle();
    clock.ms += 1000;
  }
  expect(USERS.map((user) => server.words(user)[ME])).toEqual([
    "risk",
    undefined,
    "no_risk",
    undefined,
    "unsure",
  ]);

  for (let step = 0; step < 4; step += 1) {
    press("z");
    await settle();
    clock.ms += 1000;
  }

  expect(USERS.map((user) => server.words(user)[ME])).toEqual(new Array(5).fill(undefined));
  expect(steps.value).toEqual([]);
});

test("who undoes takes back their own word, and a colleague's stays", async () => {
  go("alerts", "ann");
  press("r");
  await settle();
  server.act("ann", "colleague", "no_risk");

  press("z");
  await settle();

  expect(server.words("ann")).toEqual({ colleague: "no_risk" });
});

test("undoing a second thought brings the first one back", async () => {
  go("alerts", "ann");
  press("r");
  await settle();
  go("alerts", "ann");
  press("n");
  await settle();

  press("z");
  await settle();

  expect(server.words("ann")).toEqual({ [ME]: "risk" });
});

test("who is overtaken changes nothing and sees the alert as it is", async () => {
  go("alerts", "ann");
  server.act("ann", "colleague", "no_risk");

  press("r");
  await settle();

  expect(server.words("ann")).toEqual({ colleague: "no_risk" });
  expect(route.value.subject).toBe("ann");
  expect(list.alert("ann")?.review_version).toBe(1);
});
