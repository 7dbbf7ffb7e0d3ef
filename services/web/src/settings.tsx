/** The choices of a person on this device. */

import { useId } from "preact/hooks";
import { languages, texts } from "./i18n";
import { hasSingleKeys, type Language, language, type Theme, theme } from "./preferences";
import { Segmented } from "./ui/segmented";

export function ThemeChoice() {
  const { account } = texts.value;
  const name = useId();
  const choices: Theme[] = ["system", "light", "dark"];
  return (
    <Segmented
      legend={account.theme}
      name={`theme-${name}`}
      chosen={theme.value}
      choose={(choice) => {
        theme.value = choice;
      }}
      choices={choices.map((choice) => [choice, account.themes[choice]] as const)}
    />
  );
}

export function LanguageChoice() {
  const name = useId();
  return (
    <Segmented
      legend={texts.value.account.language}
      name={`language-${name}`}
      chosen={language.value}
      choose={(choice) => {
        language.value = choice;
      }}
      choices={Object.entries(languages) as [Language, string][]}
    />
  );
}

export function SingleKeysChoice() {
  const { account } = texts.value;
  const hint = useId();
  return (
    <div>
      <label class="toggle">
        <input
          type="checkbox"
          checked={hasSingleKeys.value}
          aria-describedby={hint}
          onChange={(event) => {
            hasSingleKeys.value = event.currentTarget.checked;
          }}
        />
        <span>{account.keys}</span>
      </label>
      <p id={hint} class="quiet">
        {account.keysHint}
      </p>
    </div>
  );
}
