/** Messages that were set aside: read, and sent back to where they came from. */

import { useSignal } from "@preact/signals";
import { path, send, withQuery } from "../api/client";
import type { DeadLetter, DeadLetterGroup, Page, TopologyNode } from "../api/types";
import { count, momentOfMs, texts } from "../i18n";
import { announce } from "../ui/announcer";
import { Dialog } from "../ui/dialog";
import { useLoad } from "../ui/load";
import { attempt, ProblemNote } from "../ui/problem";
import { beginning, visible } from "../ui/shown-text";

interface DeadLettersProps {
  nodes: readonly TopologyNode[];
  changed: () => void;
}

export function DeadLetters({ nodes, changed }: DeadLettersProps) {
  const { topology: words, loading } = texts.value;
  const { answer, error, reload } = useLoad<Page<DeadLetterGroup>>(path("dead-letters"));
  const read = useSignal<string | null>(null);
  const replayed = useSignal<DeadLetterGroup[] | null>(null);
  if (error) return <ProblemNote error={error} retry={reload} />;
  if (!answer) return <p class="quiet">{loading}</p>;
  if (answer.items.length === 0) return <p class="quiet">{words.noDeadLetters}</p>;
  const sources = new Set(nodes.filter((node) => node.kind === "source").map((node) => node.name));
  const goBack = (groups: DeadLetterGroup[]) => groups.filter((group) => !sources.has(group.node));
  const topics = [...Map.groupBy(answer.items, (group) => group.topic)];
  return (
    <>
      {topics.map(([topic, groups]) => (
        <section key={topic} class="dead-topic" aria-label={topic}>
          <header class="section-head">
            <h3>
              <code>{topic}</code>
            </h3>
            <button
              type="button"
              class="button"
              onClick={() => (read.value = read.value === topic ? null : topic)}
            >
              {words.read}
            </button>
            {goBack(groups).length > 0 && (
              <button type="button" class="button" onClick={() => (replayed.value = goBack(groups))}>
                {words.replay}
              </button>
            )}
          </header>
          {goBack(groups).length < groups.length && <p class="quiet">{words.fromSource}</p>}
          <Groups groups={groups} />
          {read.value === topic && <Letters topic={topic} />}
        </section>
      ))}
      {replayed.value && (
        <ReplayDialog
          groups={replayed.value}
          close={() => (replayed.value = null)}
          done={() => {
            reload();
            changed();
          }}
        />
      )}
    </>
  );
}

function Groups({ groups }: { groups: DeadLetterGroup[] }) {
  const { topology: words } = texts.value;
  return (
    <div class="table-scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">{words.reason}</th>
            <th scope="col">{words.node}</th>
            <th scope="col" class="number">
              {words.letters}
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <tr key={`${group.reason} ${group.node}`}>
              <td>{visible(group.reason)}</td>
              <td>{group.node}</td>
              <td class="number">{count(group.letters)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Letters({ topic }: { topic: string }) {
  const { topology: words, loading } = texts.value;
  const hasContent = useSignal(false);
  const address = withQuery(path("dead-letters", topic), { content: hasContent.value, limit: 100 });
  const { answer, error, reload } = useLoad<Page<DeadLetter>>(address);
  return (
    <div class="letters">
      <label class="toggle">
        <input
          type="checkbox"
          checked={hasContent.value}
          onChange={(event) => {
            hasContent.value = event.currentTarget.checked;
          }}
        />
        <span>{words.readContent}</span>
      </label>
      <p class="quiet">{words.contentHint}</p>
      {error ? <ProblemNote error={error} retry={reload} /> : null}
      {!answer && !error && <p class="quiet">{loading}</p>}
      <ol class="letter-list">
        {answer?.items.map((letter) => (
          <Letter key={`${letter.partition} ${letter.offset}`} letter={letter} />
        ))}
      </ol>
    </div>
  );
}

const SHOWN = 5000;

function Letter({ letter }: { letter: DeadLetter }) {
  const { topology: words } = texts.value;
  return (
    <li class="letter">
      <p>
        <strong>{visible(letter.reason)}</strong>
      </p>
      <p class="quiet">
        {momentOfMs(letter.at_ms)} · {letter.node} ·{" "}
        {words.position(count(letter.partition), count(letter.offset))}
      </p>
      {letter.key !== null && (
        <p>
          {words.key}: <bdi>{visible(letter.key)}</bdi>
        </p>
      )}
      {letter.value !== null && <Code name={words.value} text={JSON.stringify(letter.value, null, 2)} />}
      {letter.traceback !== null && <Code name={words.traceback} text={letter.traceback} />}
    </li>
  );
}

function Code({ name, text }: { name: string; text: string }) {
  return (
    <details>
      <summary>{name}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
      <pre class="traceback" tabIndex={0}>
        {visible(beginning(text, SHOWN))}
      </pre>
    </details>
  );
}

interface ReplayProps {
  groups: DeadLetterGroup[];
  close: () => void;
  done: () => void;
}

function ReplayDialog({ groups, close, done }: ReplayProps) {
  const { topology: words, cancel } = texts.value;
  const topic = groups[0]?.topic ?? "";
  const letters = groups.reduce((sum, group) => sum + group.letters, 0);
  const replay = async () => {
    const answer = await attempt(() =>
      send<{ replayed: number }>("POST", path("dead-letters", topic, "replay")),
    );
    close();
    if (answer === undefined) return;
    announce(words.replayed(count(answer.replayed), answer.replayed === 1));
    done();
  };
  return (
    <Dialog title={words.replayAll(count(letters), topic)} close={close}>
      <p>{words.replayHint}</p>
      <footer class="dialog-acts">
        <button type="button" class="button" onClick={close}>
          {cancel}
        </button>
        <button type="button" class="button button-first" onClick={() => void replay()}>
          {words.replay}
        </button>
      </footer>
    </Dialog>
  );
}
