/** The only page for who is not signed in. */

import { useSignal } from "@preact/signals";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { parseRefusal } from "./address";
import { Problem, path } from "./api/client";
import type { SignInWays } from "./api/types";
import { texts } from "./i18n";
import { hasEnded, signIn } from "./session";
import { LanguageChoice, ThemeChoice } from "./settings";
import { Mark } from "./ui/icon";
import { useLoad } from "./ui/load";
import { wordsOf } from "./ui/problem";

export function SignIn() {
  const { signIn: words, appName, promise } = texts.value;
  const refusal = useSignal(parseRefusal(location.hash)).value;
  const ways = useLoad<SignInWays>(path("sign-in")).answer;
  useEffect(() => {
    document.title = `${words.title} · ${appName}`;
  }, [words, appName]);
  useLayoutEffect(() => {
    // Said once: not again when the page is loaded anew, or a session ends.
    if (refusal !== null) history.replaceState(null, "", location.pathname);
  }, [refusal]);
  return (
    <main class="sign-in" id="content">
      <div class="sign-in-card">
        <p class="sign-in-name">
          <Mark /> {appName}
        </p>
        <h1>{words.title}</h1>
        {hasEnded.value && <p class="note">{words.ended}</p>}
        {refusal && (
          <p class="form-problem" role="alert">
            {words.refusals[refusal]}
          </p>
        )}
        {ways?.password !== false && <PasswordForm />}
        {ways?.oidc && (
          <a class="button button-wide" href={ways.oidc}>
            {words.organisation}
          </a>
        )}
        <p class="promise">{promise}</p>
      </div>
      <div class="sign-in-settings">
        <LanguageChoice />
        <ThemeChoice />
      </div>
    </main>
  );
}

function PasswordForm() {
  const { signIn: words } = texts.value;
  const problem = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const isRevealed = useSignal(false);
  const name = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const note = useId();
  useEffect(() => name.current?.focus(), []);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (isBusy.value) return;
    isBusy.value = true;
    problem.value = null;
    try {
      await signIn(name.current?.value ?? "", password.current?.value ?? "");
    } catch (error) {
      problem.value = reasonOf(error);
      password.current?.select();
      password.current?.focus();
    }
    isBusy.value = false;
  };
  return (
    <form class="form" onSubmit={submit} aria-describedby={problem.value ? note : undefined}>
      <label class="field">
        <span>{words.name}</span>
        <input
          ref={name}
          name="name"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
        />
      </label>
      <label class="field">
        <span>{words.password}</span>
        <input
          ref={password}
          name="password"
          type={(isRevealed.value ? "text" : "password") as "password"}
          autocomplete="current-password"
          required
        />
      </label>
      <button
        type="button"
        class="button-text reveal"
        aria-pressed={isRevealed.value}
        onClick={() => {
          isRevealed.value = !isRevealed.value;
        }}
      >
        {isRevealed.value ? words.conceal : words.reveal}
      </button>
      <p id={note} class="form-problem" role="alert">
        {problem.value}
      </p>
      <button type="submit" class="button button-first button-wide" aria-disabled={isBusy.value}>
        {isBusy.value ? words.submitting : words.submit}
      </button>
    </form>
  );
}

function reasonOf(error: unknown): string {
  const { signIn: words } = texts.value;
  if (error instanceof Problem && (error.status === 401 || error.status === 422)) return words.wrong;
  if (error instanceof Problem && error.status === 429)
    return words.throttled(String(error.retryAfterS ?? 60));
  return wordsOf(error);
}
