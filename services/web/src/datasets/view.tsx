/** Datasets: what has been labelled, to take away. */

import { useSignal } from "@preact/signals";
import { path, withQuery } from "../api/client";
import type { DatasetFormat, Datasets } from "../api/types";
import { count, texts } from "../i18n";
import { may } from "../session";
import { Icon } from "../ui/icon";
import { useLoad } from "../ui/load";
import { Page } from "../ui/page";
import { ProblemNote } from "../ui/problem";

type Names = "pseudonyms" | "real";

export function DatasetsView() {
  const { datasets: words, views } = texts.value;
  return (
    <Page title={views.datasets} class="reading-page">
      <p class="lead">{words.intro}</p>
      {may("curator") ? <Choice /> : <p class="note">{words.forbidden}</p>}
    </Page>
  );
}

function Choice() {
  const { loading } = texts.value;
  const names = useSignal<Names>("pseudonyms");
  const format = useSignal<DatasetFormat>("jsonl");
  const { answer, error, reload } = useLoad<Datasets>(path("datasets"));
  if (error) return <ProblemNote error={error} retry={reload} />;
  if (!answer) return <p class="blank">{loading}</p>;
  return (
    <div class="datasets">
      <Formats formats={answer.formats} chosen={format.value} choose={(choice) => (format.value = choice)} />
      <NamesChoice chosen={names.value} choose={(choice) => (names.value = choice)} />
      <ul class="dataset-list">
        {answer.datasets.map((dataset) => (
          <Row key={dataset.label} dataset={dataset} format={format.value} names={names.value} />
        ))}
      </ul>
    </div>
  );
}

interface RowProps {
  dataset: Datasets["datasets"][number];
  format: DatasetFormat;
  names: Names;
}

function Row({ dataset, format, names }: RowProps) {
  const { datasets: words } = texts.value;
  const { label } = dataset;
  return (
    <li class="dataset" data-label={label}>
      <div>
        <h2>{words.labels[label]}</h2>
        <p class="quiet">
          {dataset.users === 0 ? words.none : words.users(count(dataset.users), dataset.users === 1)}
        </p>
      </div>
      {dataset.users > 0 && (
        <a
          class="button button-first"
          href={withQuery(path("datasets", label), { format, names })}
          download
          aria-label={`${words.download(words.formats[format])}: ${words.labels[label]}`}
        >
          <Icon name="datasets" /> {words.download(words.formats[format])}
        </a>
      )}
    </li>
  );
}

interface FormatsProps {
  formats: DatasetFormat[];
  chosen: DatasetFormat;
  choose: (format: DatasetFormat) => void;
}

function Formats({ formats, chosen, choose }: FormatsProps) {
  const { datasets: words } = texts.value;
  return (
    <fieldset class="choices">
      <legend>{words.format}</legend>
      {formats.map((format) => (
        <label key={format} class="choice">
          <input type="radio" name="format" checked={format === chosen} onChange={() => choose(format)} />
          <span>
            <strong>{words.formats[format]}</strong>
            <small class="quiet">{words.formatHints[format]}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function NamesChoice({ chosen, choose }: { chosen: Names; choose: (names: Names) => void }) {
  const { datasets: words } = texts.value;
  const options = [
    ["pseudonyms", words.pseudonyms, words.pseudonymsHint],
    ["real", words.real, words.realHint],
  ] as const;
  return (
    <fieldset class="choices">
      <legend>{words.names}</legend>
      {options.map(([names, text, hint]) => (
        <label key={names} class="choice">
          <input type="radio" name="names" checked={names === chosen} onChange={() => choose(names)} />
          <span>
            <strong>{text}</strong>
            <small class="quiet">{hint}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
