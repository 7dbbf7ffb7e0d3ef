import { expect, test } from "vitest";
import { addressOf, parseRefusal, parseRoute } from "../src/address";

test("a name of any characters comes back from its address", () => {
  for (const name of ["ann", "a/b", "50% <b>", "ñandú #1"]) {
    expect(parseRoute(addressOf("users", name))).toEqual({ view: "users", subject: name });
  }
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
