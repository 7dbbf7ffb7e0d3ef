/** Who is signed in, the choices of this device, the versions, and the way out. */

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { Problem, path, send } from "./api/client";
import type { Versions } from "./api/types";
import { count, texts } from "./i18n";
import { OtherSessionsDialog } from "./other-sessions";
import { SecondFactorDialog } from "./second-factor";
import { session, signOut } from "./session";
import { LanguageChoice, SingleKeysChoice, ThemeChoice } from "./settings";
import { announce } from "./ui/announcer";
import { Dialog } from "./ui/dialog";
import { Icon } from "./ui/icon";
import { useLoad } from "./ui/load";
import { attempt, wordsOf } from "./ui/problem";
import { ScrollRegion } from "./ui/scroll-region";

export function AccountMenu({ showKeys }: { showKeys: () => void }) {
  const { account, secondFactor } = texts.value;
  const isOpen = useSignal(false);
  const isChanging = useSignal(false);
  const isLookingElsewhere = useSignal(false);
  const isEnrolling = useSignal(false);
  const card = useSignal("");
  const menu = useRef<HTMLElement>(null);
  const current = session.value;
  if (!current) return null;
  const leave = (act: () => void) => () => {
    menu.current?.hidePopover();
    act();
  };
  return (
    <div>
      <button type="button" class="button-icon" popovertarget="account-menu" aria-label={account.menu}>
        <Icon name="account" />
      </button>
      <section
        ref={menu}
        id="account-menu"
        class="menu"
        popover="auto"
        aria-label={account.menu}
        onToggle={(event) => {
          isOpen.value = event.newState === "open";
        }}
      >
        <p class="menu-name">
          <bdi>{current.name}</bdi> <span class="quiet">{account.roles[current.role]}</span>
        </p>
        <h2>{account.theme}</h2>
        <ThemeChoice />
        <h2>{account.language}</h2>
        <LanguageChoice />
        <SingleKeysChoice />
        <button type="button" class="button-text" onClick={leave(showKeys)}>
          {account.showKeys} <kbd>?</kbd>
        </button>
        {current.has_password && (
          <button
            type="button"
            class="button-text"
            onClick={leave(() => {
              isChanging.value = true;
            })}
          >
            {account.changePassword}
          </button>
        )}
        {current.has_password && (
          <button
            type="button"
            class="button-text"
            onClick={leave(() => {
              isEnrolling.value = true;
            })}
          >
            {secondFactor.title}
          </button>
        )}
        <button
          type="button"
          class="button-text"
          onClick={leave(() => {
            isLookingElsewhere.value = true;
          })}
        >
          {account.others}
        </button>
        {isOpen.value && (
          <VersionFacts
            show={(chosen) => {
              leave(() => {
                card.value = chosen;
              })();
            }}
          />
        )}
        <button type="button" class="button" onClick={() => void attempt(signOut)}>
          {account.signOut}
        </button>
      </section>
      {isLookingElsewhere.value && (
        <OtherSessionsDialog
          close={() => {
            isLookingElsewhere.value = false;
          }}
        />
      )}
      {isEnrolling.value && (
        <SecondFactorDialog
          close={() => {
            isEnrolling.value = false;
          }}
        />
      )}
      {card.value && (
        <Dialog
          title={account.card}
          close={() => {
            card.value = "";
          }}
        >
          <CardText card={card.value} />
        </Dialog>
      )}
      {isChanging.value && (
        <PasswordDialog
          close={() => {
            isChanging.value = false;
          }}
        />
      )}
    </div>
  );
}

function VersionFacts({ show }: { show: (card: string) => void }) {
  const { account } = texts.value;
  const versions = useLoad<Versions>(path("versions")).answer;
  if (!versions) return null;
  return (
    <dl class="menu-versions">
      <div>
        <dt>{account.code}</dt>
        <dd>{versions.code}</dd>
      </div>
      {versions.models.map((model) => (
        <div key={model.version}>
          <dt>{account.model}</dt>
          <dd>
            {model.version} {model.is_current && <span class="tag">{account.current}</span>}
            <span class="quiet">{account.modelAbout(model.about)}</span>
            {model.users !== null && model.terms !== null && (
              <span class="quiet">{account.modelFacts(count(model.users), count(model.terms))}</span>
            )}
            <button
              type="button"
              class="button-text"
              onClick={() => {
                show(model.card);
              }}
            >
              {account.card}
            </button>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A card is English whatever the language of the page, and Markdown that is read as it stands. */
function CardText({ card }: { card: string }) {
  return (
    <ScrollRegion name={texts.value.account.card} class="model-card">
      <pre lang="en">{card}</pre>
    </ScrollRegion>
  );
}

function refusalOf(error: unknown): string {
  const { account } = texts.value;
  const status = error instanceof Problem ? error.status : 0;
  if (status === 403) return account.passwordWrong;
  return status === 422 ? account.passwordWeak : wordsOf(error);
}

function PasswordDialog({ close }: { close: () => void }) {
  const { account, save } = texts.value;
  const problem = useSignal<string | null>(null);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    try {
      await send("PUT", path("session", "password"), { current: form.get("current"), new: form.get("new") });
      announce(account.passwordChanged);
      close();
    } catch (error) {
      problem.value = refusalOf(error);
    }
  };
  return (
    <Dialog title={account.changePassword} close={close}>
      <form class="form" onSubmit={submit}>
        <label class="field">
          <span>{account.currentPassword}</span>
          <input name="current" type="password" autocomplete="current-password" required />
        </label>
        <label class="field">
          <span>{account.newPassword}</span>
          <input
            name="new"
            type="password"
            autocomplete="new-password"
            minlength={12}
            maxlength={128}
            required
          />
          <small class="quiet">{account.passwordRule}</small>
        </label>
        <p class="form-problem" role="alert">
          {problem.value}
        </p>
        <button type="submit" class="button button-first">
          {save}
        </button>
      </form>
    </Dialog>
  );
}
