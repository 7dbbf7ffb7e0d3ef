/** One search: how far it is, what can be done with it, what its posts come to, and the posts. */

import { useSignal } from "@preact/signals";
import { path, send } from "../api/client";
import type { Topic } from "../api/types";
import { texts } from "../i18n";
import { go, choose as keep, route } from "../route";
import { may } from "../session";
import { announce } from "../ui/announcer";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icon";
import { attempt } from "../ui/problem";
import { visible } from "../ui/shown-text";
import { BesideChoice, besideOf } from "./beside";
import { Chosen, periodText } from "./chosen";
import { Progress } from "./list";
import { placeName } from "./names";
import { Posts } from "./posts";
import { Side } from "./side";
import { type Wish, wishOf, withWish } from "./wish";

interface DetailProps {
  topic: Topic;
  topics: readonly Topic[];
  reload: () => void;
}

export function Detail({ topic, topics, reload }: DetailProps) {
  const { topics: words } = texts.value;
  const choices = route.value.choices ?? {};
  const wish = wishOf(choices);
  const choose = (chosen: Wish) => keep(withWish(route.value.choices ?? {}, chosen));
  return (
    <section class="detail-pane topic-detail" aria-labelledby="topic-title">
      <div class="detail-body">
        <Head topic={topic} reload={reload} />
        <Progress topic={topic} />
        <p class="note">{words.noPrevalence}</p>
        <Chosen wish={wish} choose={choose} />
        <BesideChoice topics={topics} open={topic} />
        <Sides topic={topic} topics={topics} wish={wish} choose={choose} />
        <Posts topic={topic} wish={wish} />
      </div>
    </section>
  );
}

interface SidesProps {
  topic: Topic;
  topics: readonly Topic[];
  wish: Wish;
  choose: (wish: Wish) => void;
}

function Sides({ topic, topics, wish, choose }: SidesProps) {
  const beside = besideOf(route.value.choices ?? {});
  const other = beside && (topics.find((each) => each.id === beside.topic) ?? topic);
  const { from: _from, until: _until, ...rest } = wish;
  const otherWish: Wish = {
    ...rest,
    ...(beside?.from === undefined ? {} : { from: beside.from }),
    ...(beside?.until === undefined ? {} : { until: beside.until }),
  };
  return (
    <div class="topic-sides" data-two={other !== null}>
      <div>
        {other && <SideTitle topic={topic} wish={wish} />}
        <Side topic={topic} wish={wish} choose={choose} side="here" />
      </div>
      {other && (
        <div>
          <SideTitle topic={other} wish={otherWish} />
          <Side
            topic={other}
            wish={otherWish}
            choose={({ from: _, until: __, ...chosen }) =>
              choose({
                ...chosen,
                ...(wish.from === undefined ? {} : { from: wish.from }),
                ...(wish.until === undefined ? {} : { until: wish.until }),
              })
            }
            side="there"
          />
        </div>
      )}
    </div>
  );
}

function SideTitle({ topic, wish }: { topic: Topic; wish: Wish }) {
  return (
    <h3 class="side-title">
      <bdi>{visible(topic.query)}</bdi> <span class="quiet">{periodText(wish.from, wish.until)}</span>
    </h3>
  );
}

function Head({ topic, reload }: { topic: Topic; reload: () => void }) {
  const { topics: words } = texts.value;
  const isAsking = useSignal(false);
  const change = async (wanted: { act?: string; is_watch?: boolean }) => {
    const answer = await attempt(() => send<Topic>("PUT", path("topics", topic.id), wanted));
    if (answer !== undefined) reload();
  };
  const goesOn = topic.state === "running" || topic.state === "waiting" || topic.is_watch;
  return (
    <header class="section-head topic-head">
      <a class="back button-text" href="#/topics">
        <Icon name="back" /> {words.back}
      </a>
      <h2 id="topic-title">
        <bdi>{visible(topic.query)}</bdi>
      </h2>
      <Narrowed topic={topic} />
      <div class="topic-acts">
        {topic.state === "stopped" ? (
          <button type="button" class="button" onClick={() => change({ act: "go on" })}>
            <Icon name="play" /> {words.goOn}
          </button>
        ) : (
          goesOn && (
            <button type="button" class="button" onClick={() => change({ act: "stop" })}>
              <Icon name="pause" /> {words.stop}
            </button>
          )
        )}
        {topic.state === "done" && (
          <button type="button" class="button" onClick={() => change({ act: "anew" })}>
            {words.anew}
          </button>
        )}
        <label class="toggle">
          <input
            type="checkbox"
            checked={topic.is_watch}
            onChange={(event) => change({ is_watch: event.currentTarget.checked })}
          />
          <span>{words.keepWatch}</span>
        </label>
        {may("curator") && (
          <button
            type="button"
            class="button-text"
            onClick={() => {
              isAsking.value = true;
            }}
          >
            {words.forget}
          </button>
        )}
      </div>
      {isAsking.value && (
        <ForgetQuestion
          topic={topic}
          close={() => {
            isAsking.value = false;
          }}
          done={reload}
        />
      )}
    </header>
  );
}

/** By what the search is narrowed, where it is. */
function Narrowed({ topic }: { topic: Topic }) {
  const { topics: words } = texts.value;
  const time = periodText(topic.from_utc ?? undefined, topic.until_utc ?? undefined);
  const told = [
    ...topic.languages,
    ...topic.places.map((place) => placeName(place, words.unknown)),
    ...(time ? [time] : []),
  ];
  return told.length === 0 ? null : <span class="quiet">{told.join(" · ")}</span>;
}

interface QuestionProps {
  topic: Topic;
  close: () => void;
  done: () => void;
}

function ForgetQuestion({ topic, close, done }: QuestionProps) {
  const { topics: words, cancel } = texts.value;
  const forget = async () => {
    const answer = await attempt(async () => {
      await send("DELETE", path("topics", topic.id));
      return true;
    });
    close();
    if (answer === undefined) return;
    announce(words.forgotten);
    go("topics");
    done();
  };
  return (
    <Dialog title={words.forgetTitle(visible(topic.query))} close={close}>
      <p>{words.forgetWhat}</p>
      <footer class="dialog-acts">
        <button type="button" class="button" onClick={close}>
          {cancel}
        </button>
        <button type="button" class="button button-grave" onClick={() => void forget()}>
          {words.forgetDo}
        </button>
      </footer>
    </Dialog>
  );
}
