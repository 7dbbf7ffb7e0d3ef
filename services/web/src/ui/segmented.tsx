/** One choice of a few, all in sight: radio buttons in a row. */

interface SegmentedProps<Choice extends string> {
  legend: string;
  name: string;
  choices: readonly (readonly [Choice, string])[];
  chosen: Choice;
  choose: (choice: Choice) => void;
}

export function Segmented<Choice extends string>(props: SegmentedProps<Choice>) {
  const { legend, name, choices, chosen, choose } = props;
  return (
    <fieldset class="segmented">
      <legend class="unseen">{legend}</legend>
      {choices.map(([choice, text]) => (
        <label key={choice}>
          <input
            type="radio"
            name={name}
            value={choice}
            checked={choice === chosen}
            onChange={() => choose(choice)}
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}
