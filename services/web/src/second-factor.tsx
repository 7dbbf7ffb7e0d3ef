/** Setting up a second factor: who it is, a secret for a device, a first code of it, and the recovery codes. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Problem, path, send } from "./api/client";
import type { OfferedFactor, RecoveryCodes, SecondFactor } from "./api/types";
import { count, texts } from "./i18n";
import { Dialog } from "./ui/dialog";
import { useLoad } from "./ui/load";
import { wordsOf } from "./ui/problem";

const ADDRESS = path("session", "second-factor");

export function SecondFactorDialog({ close }: { close: () => void }) {
  return (
    <Dialog title={texts.value.secondFactor.title} close={close}>
      <SecondFactorSteps done={close} />
    </Dialog>
  );
}

/** The steps one after the other; `done` once somebody has kept the recovery codes. */
export function SecondFactorSteps({ done }: { done: () => void }) {
  const { loading } = texts.value;
  const { answer, error } = useLoad<SecondFactor>(ADDRESS);
  const offered = useSignal<OfferedFactor | null>(null);
  const recovery = useSignal<RecoveryCodes | null>(null);
  if (recovery.value) return <Recovery codes={recovery.value.codes} done={done} />;
  if (offered.value) {
    return (
      <FirstCode
        offered={offered.value}
        next={(codes) => {
          recovery.value = codes;
        }}
      />
    );
  }
  if (!answer) return <p class="quiet">{error === undefined ? loading : wordsOf(error)}</p>;
  return (
    <Proof
      now={answer}
      next={(offer) => {
        offered.value = offer;
      }}
    />
  );
}

function Proof({ now, next }: { now: SecondFactor; next: (offered: OfferedFactor) => void }) {
  const { secondFactor: words, account } = texts.value;
  const left = now.recovery_codes;
  return (
    <Step
      submit={words.next}
      refusal={words.wrongProof}
      act={async (form) => {
        const proof = { password: form.get("password"), code: form.get("code") ?? "" };
        next(await send<OfferedFactor>("POST", `${ADDRESS}/offer`, proof));
      }}
    >
      <p>{now.is_on ? words.on(count(left), left === 1) : words.off}</p>
      {now.is_on && <p>{words.replace}</p>}
      <label class="field">
        <span>{account.currentPassword}</span>
        <input name="password" type="password" autocomplete="current-password" required />
      </label>
      {now.is_on && (
        <label class="field">
          <span>{words.code}</span>
          <input name="code" autocomplete="one-time-code" autocapitalize="none" spellcheck={false} required />
          <small class="quiet">{words.codeHint}</small>
        </label>
      )}
    </Step>
  );
}

function FirstCode({ offered, next }: { offered: OfferedFactor; next: (codes: RecoveryCodes) => void }) {
  const { secondFactor: words } = texts.value;
  const groups = offered.secret.match(/.{1,4}/g) ?? [];
  return (
    <Step
      submit={words.turnOn}
      refusal={words.wrongFirst}
      act={async (form) => next(await send<RecoveryCodes>("PUT", ADDRESS, { code: form.get("code") }))}
    >
      <p>{words.enter}</p>
      <code class="secret">{groups.join(" ")}</code>
      <a class="button button-wide" href={offered.uri}>
        {words.open}
      </a>
      <label class="field">
        <span>{words.firstCode}</span>
        <input name="code" inputMode="numeric" autocomplete="one-time-code" maxlength={20} required />
      </label>
    </Step>
  );
}

function Recovery({ codes, done }: { codes: readonly string[]; done: () => void }) {
  const { secondFactor: words } = texts.value;
  const first = useRef<HTMLParagraphElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <div class="form">
      <p ref={first} tabIndex={-1}>
        {words.isOn}
      </p>
      <h3>{words.recovery}</h3>
      <p>{words.recoveryHint}</p>
      <ul class="recovery-codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <button type="button" class="button button-first" onClick={done}>
        {words.kept}
      </button>
    </div>
  );
}

interface StepProps {
  submit: string;
  /** What a refusal of the server means here. */
  refusal: string;
  act: (form: FormData) => Promise<void>;
  children: preact.ComponentChildren;
}

function Step({ submit, refusal, act, children }: StepProps) {
  const { signIn } = texts.value;
  const problem = useSignal<string | null>(null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  const send_ = async (event: SubmitEvent) => {
    event.preventDefault();
    problem.value = null;
    try {
      await act(new FormData(event.currentTarget as HTMLFormElement));
    } catch (error) {
      problem.value = wordsOf(error);
      if (error instanceof Problem && error.status === 403) problem.value = refusal;
      if (error instanceof Problem && error.status === 429)
        problem.value = signIn.throttled(String(error.retryAfterS ?? 60));
    }
  };
  return (
    <form ref={form} class="form" onSubmit={send_}>
      {children}
      <p class="form-problem" role="alert">
        {problem.value}
      </p>
      <button type="submit" class="button button-first">
        {submit}
      </button>
    </form>
  );
}
