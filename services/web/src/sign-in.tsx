/** The only page for who is not signed in. */

import { useSignal } from "@preact/signals";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { parseRefusal } from "./address";
import { Problem, path } from "./api/client";
import type { SignInWays } from "./api/types";
import { texts } from "./i18n";
import { SecondFactorSteps } from "./second-factor";
import { hasEnded, renewSession, signIn, signOut } from "./session";
import { LanguageChoice, ThemeChoice } from "./settings";
import { Mark } from "./ui/icon";
import { useLoad } from "./ui/load";
import { attempt, wordsOf } from "./ui/problem";

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
  const takesCode = useSignal(false);
  const name = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const code = useRef<HTMLInputElement>(null);
  const note = useId();
  useEffect(() => name.current?.focus(), []);

  const refused = (error: unknown) => {
    const isAsked = error instanceof Problem && error.status === 403;
    problem.value = isAsked && !takesCode.value ? null : reasonOf(error);
    takesCode.value = isAsked;
    const wrong = isAsked ? code : password;
    wrong.current?.select();
    wrong.current?.focus();
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (isBusy.value) return;
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const said = (field: string) => String(form.get(field) ?? "");
    isBusy.value = true;
    problem.value = null;
    try {
      await signIn(said("name"), said("password"), said("code"));
    } catch (error) {
      refused(error);
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
      {takesCode.value && <CodeField field={code} />}
      <p id={note} class="form-problem" role="alert">
        {problem.value}
      </p>
      <button type="submit" class="button button-first button-wide" aria-disabled={isBusy.value}>
        {isBusy.value ? words.submitting : words.submit}
      </button>
    </form>
  );
}

function CodeField({ field }: { field: preact.RefObject<HTMLInputElement | null> }) {
  const { secondFactor: words } = texts.value;
  useEffect(() => field.current?.focus(), [field]);
  return (
    <label class="field">
      <span>{words.code}</span>
      <input
        ref={field}
        name="code"
        autocomplete="one-time-code"
        autocapitalize="none"
        spellcheck={false}
        required
      />
      <small class="quiet">{words.codeHint}</small>
    </label>
  );
}

/** The only page for who has to set up a second factor first. */
export function Enrol() {
  const { secondFactor: words, account } = texts.value;
  return (
    <main class="sign-in" id="content">
      <div class="sign-in-card">
        <h1>{words.title}</h1>
        <p class="note">{words.required}</p>
        <SecondFactorSteps done={() => void attempt(renewSession)} />
        <button type="button" class="button-text" onClick={() => void attempt(signOut)}>
          {account.signOut}
        </button>
      </div>
    </main>
  );
}

function reasonOf(error: unknown): string {
  const { signIn: words } = texts.value;
  if (error instanceof Problem && (error.status === 401 || error.status === 422)) return words.wrong;
  if (error instanceof Problem && error.status === 403) return texts.value.secondFactor.wrongCode;
  if (error instanceof Problem && error.status === 429)
    return words.throttled(String(error.retryAfterS ?? 60));
  return wordsOf(error);
}
