import { useState } from "preact/hooks";
import type { PostMortemEntry } from "../../../incident/post-mortem.ts";
import { Card } from "../../parts/card.tsx";
import { Choice } from "../../parts/field.tsx";
import { Loading } from "../../parts/notice.tsx";
import { When } from "../../parts/when.tsx";
import { at } from "../../words/time.ts";
import type { Told } from "./answers.ts";

const phases = [
  { value: "all", label: "Everything" },
  { value: "detect", label: "Detecting" },
  { value: "contain", label: "Containing" },
  { value: "recover", label: "Recovering" },
  { value: "learn", label: "Learning" },
] as const;
type Shown = (typeof phases)[number]["value"];

/** What went on, newest first, in plain words; it grows while one looks. */
export function Timeline({ document }: Pick<Told, "document">) {
  const [shown, setShown] = useState<Shown>("all");
  const entries = document?.timeline.entries.filter(({ phase }) => shown === "all" || phase === shown).toReversed();
  return (
    <Card
      title="Timeline"
      class="timeline-card"
      aside={
        <div class="choice-quiet">
          <Choice label="Show" value={shown} options={phases} onChange={setShown} />
        </div>
      }
    >
      {entries === undefined && <Loading lines={2} />}
      {entries?.length === 0 && <p class="muted">Nothing of this kind.</p>}
      <ol class="timeline">
        {entries?.map((entry, index) => (
          <One key={`${entry.at} ${entry.what} ${entries.length - index}`} entry={entry} />
        ))}
      </ol>
      {document && document.timeline.leftOut > 0 && (
        <p class="muted small">{document.timeline.leftOut} more lines are in the ledger.</p>
      )}
    </Card>
  );
}

function One({ entry: { at: when, phase, text } }: { entry: PostMortemEntry }) {
  return (
    <li data-phase={phase}>
      <span class="timeline-when">
        <When at={at(when)} as="clock" />
      </span>
      <span class="timeline-text">{text}</span>
    </li>
  );
}
