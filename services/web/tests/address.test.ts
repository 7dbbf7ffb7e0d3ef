import { expect, test } from "vitest";
import { addressOf, parseRefusal, parseRoute } from "../src/address";
import { type Chosen, choicesOf, chosenIn } from "../src/alerts/choices";

test("a name of any characters comes back from its address", () => {
  for (const name of ["ann", "a/b", "50% <b>", "ñandú #1"]) {
    expect(parseRoute(addressOf("users", name))).toEqual({ view: "users", subject: name });
  }
});

test("what is chosen comes back from its address, with any name", () => {
  const choices = { find: "a&b=c?#/ñ", tab: "risk" };

  expect(parseRoute(addressOf("users", "a?b/c", choices))).toEqual({
    view: "users",
    subject: "a?b/c",
    choices,
  });
});

test.each<Partial<Chosen>>([
  {},
  { tab: "disputed" },
  { sort: "probability", isPaused: true },
  { isHidden: true },
  { band: "very high" },
  { isAbove: true },
  { sinceMs: Date.UTC(2026, 2, 1) },
])("the list of alerts is as its address has it: %o", (change) => {
  const chosen = { ...chosenIn({}), ...change };

  expect(chosenIn(choicesOf(chosen))).toEqual(chosen);
});

test("choices that are none are as they are at first", () => {
  expect(chosenIn({ tab: "<b>", sort: "name", hidden: "yes" })).toEqual(chosenIn({}));
});

test("an address that is none leads to the alerts", () => {
  expect(parseRoute("")).toEqual({ view: "alerts", subject: null });
  expect(parseRoute("#/nowhere/ann")).toEqual({ view: "alerts", subject: null });
  expect(parseRoute("#/users/%zz")).toEqual({ view: "users", subject: "%zz" });
});

test("why a sign-in elsewhere has led back is known or nothing", () => {
  expect(parseRefusal("#/sign-in/refused")).toBe("refused");
  for (const hash of ["", "#/alerts", "#/sign-in/", "#/sign-in/<b>", "#/sign-in/refused/ann"]) {
    expect(parseRefusal(hash)).toBeNull();
  }
});
