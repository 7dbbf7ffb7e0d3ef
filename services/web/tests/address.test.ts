import { expect, test } from "vitest";
import { addressOf, parseRoute } from "../src/address";

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
