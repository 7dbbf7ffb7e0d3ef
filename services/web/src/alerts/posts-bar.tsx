/** Which posts are shown, and in what order. */

import { useRef } from "preact/hooks";
import type { Post } from "../api/types";
import { day, texts } from "../i18n";
import { Icon } from "../ui/icon";
import { type PostPlace, readFrom } from "./place-in-posts";

export interface PostsChoice {
  sort: "probability" | "recent" | "oldest";
  kind: "all" | Post["kind"];
  /** Words that a post must hold. */
  find: string;
}

export const FIRST: PostsChoice = { sort: "probability", kind: "all", find: "" };

const A_DAY_S = 86_400;
const PAUSE_MS = 250;

interface BarProps {
  choice: PostsChoice;
  place: PostPlace | null;
  isBlind: boolean;
  choose: (change: Partial<PostsChoice>) => void;
  /** Read from a time on back. */
  jump: (utc: number) => void;
}

export function PostsBar({ choice, place, isBlind, choose, jump }: BarProps) {
  const { posts } = texts.value;
  const sorts = [
    ...(isBlind ? [] : ([["probability", posts.byProbability]] as const)),
    ["recent", posts.recent],
    ["oldest", posts.oldest],
  ] as const;
  const kinds = [
    ["all", posts.all],
    ["submission", posts.submissions],
    ["comment", posts.comments],
  ] as const;
  return (
    <div class="posts-bar">
      <Choice name={posts.order} choices={sorts} chosen={choice.sort} choose={(sort) => choose({ sort })} />
      <Choice name={posts.kind} choices={kinds} chosen={choice.kind} choose={(kind) => choose({ kind })} />
      <Find
        key={place ? `${place.utc} ${place.post}` : "all"}
        find={choice.find}
        choose={(find) => choose(choice.sort === "probability" ? { find, sort: "recent" } : { find })}
      />
      <label class="posts-date">
        <span class="unseen">{posts.fromDate}</span>
        <input
          type="date"
          title={posts.fromDate}
          max="9999-12-31"
          onChange={(event) => {
            const ms = Date.parse(event.currentTarget.value);
            if (!Number.isNaN(ms)) jump(Math.max(0, ms / 1000 + A_DAY_S - 1));
          }}
        />
      </label>
      {place && (
        <span class="posts-place">
          <span class="quiet">
            {(choice.sort === "oldest" ? posts.shownFrom : posts.shownUntil)(day(place.utc))}
          </span>
          <button type="button" class="button-text" onClick={() => readFrom(null)}>
            <Icon name="up" /> {posts.fromNewest}
          </button>
        </span>
      )}
    </div>
  );
}

interface ChoiceProps<Name extends string> {
  name: string;
  choices: readonly (readonly [Name, string])[];
  chosen: Name;
  choose: (name: Name) => void;
}

function Choice<Name extends string>({ name, choices, chosen, choose }: ChoiceProps<Name>) {
  return (
    <select aria-label={name} value={chosen} onChange={(event) => choose(event.currentTarget.value as Name)}>
      {choices.map(([each, text]) => (
        <option key={each} value={each}>
          {text}
        </option>
      ))}
    </select>
  );
}

function Find({ find, choose }: { find: string; choose: (find: string) => void }) {
  const { posts } = texts.value;
  const timer = useRef<number | undefined>(undefined);
  return (
    <search class="posts-find">
      <input
        type="search"
        aria-label={posts.find}
        placeholder={posts.find}
        defaultValue={find}
        maxlength={200}
        onInput={(event) => {
          const text = event.currentTarget.value.trim();
          window.clearTimeout(timer.current);
          timer.current = window.setTimeout(() => choose(text), PAUSE_MS);
        }}
      />
    </search>
  );
}
