import { expect, test } from "vitest";
import { beginning, linksIn, plain, sourceAddress, threadAddress, visible } from "../src/ui/shown-text";

test("control characters are shown as their pictures, line breaks stay", () => {
  expect(visible("a\u0000b\u0007\n\tc\u007f")).toBe("a\u2400b\u2407\n\tc\u2421");
});

test("half of a pair becomes the replacement character", () => {
  expect(visible("x\ud83d")).toBe("x\ufffd");
});

test("a text is never cut through a pair", () => {
  expect(beginning("ab😀c", 3)).toBe("ab");
  expect(beginning("ab😀c", 4)).toBe("ab😀");
});

test("a link to the source leads to its network and nowhere else", () => {
  expect(sourceAddress("/r/x/comments/1/")).toBe("https://www.reddit.com/r/x/comments/1/");
  expect(sourceAddress("https://bsky.app/profile/x/post/1")).toBe("https://bsky.app/profile/x/post/1");
  for (const elsewhere of [
    "//evil.example/login",
    "https://evil.example/post",
    "http://www.reddit.com/r/x",
    "https://www.reddit.com.evil.example/",
    "https://www.reddit.com@evil.example/",
    "https://user@www.reddit.com/",
    "https://www.reddit.com:8443/",
    "\\\\evil.example/login",
  ]) {
    expect(sourceAddress(elsewhere)).toBeNull();
  }
  expect(sourceAddress("javascript:alert(1)")).toBeNull();
  expect(sourceAddress("data:text/html,x")).toBeNull();
  expect(sourceAddress("https://")).toBeNull();
  expect(sourceAddress("")).toBeNull();
});

test("a comment leads to its thread, and what is no comment to none", () => {
  const thread = "https://www.reddit.com/r/x/comments/1a/";
  expect(threadAddress("/r/x/comments/1a/a_title/2b/")).toBe(thread);
  expect(threadAddress("https://old.reddit.com/r/x/comments/1a/a_title/2b")).toBe(
    "https://old.reddit.com/r/x/comments/1a/",
  );
  for (const none of [
    "/r/x/comments/1a/a_title/",
    "https://bsky.app/r/x/comments/1a/t/2b/",
    "https://evil.example/r/x/comments/1a/t/2b/",
    "/user/x/",
    "",
  ]) {
    expect(threadAddress(none)).toBeNull();
  }
});

test("Markdown is shown as the plain text that it is", () => {
  expect(
    plain('# So\nsee [my blog](https://a.example/x_(y) "of mine") and **this __one__**, not 2 ** 3'),
  ).toBe("So\nsee my blog and this __one__, not 2 ** 3");
  expect(plain("![](https://a.example/i.png)a_b_c [unfinished](")).toBe("a_b_c [unfinished](");
});

test("a long text of opening signs is plain at once", () => {
  const begun = performance.now();
  for (const sign of ["[", "**a", "](", "# ", "![a]("]) plain(sign.repeat(65_000 / sign.length));
  expect(performance.now() - begun).toBeLessThan(3000);
});

test("a text leads where its addresses do, each once, and to pages alone", () => {
  const text = "[a](https://a.example/b) https://a.example/b javascript:alert(1) http://[ HTTP://C.example";
  expect(linksIn(text)).toEqual(["https://a.example/b", "HTTP://C.example"]);
});
