import { Card } from "../../parts/card.tsx";
import { Icon } from "../../parts/icon.tsx";
import { When } from "../../parts/when.tsx";
import { withoutCommands } from "../../words/commands.ts";
import { notThere, toldNext } from "../../words/escalation.ts";
import { isOpen } from "../../words/standing.ts";
import { at } from "../../words/time.ts";
import { Actions } from "./actions.tsx";
import type { Incident, Told } from "./answers.ts";

/** What must I do now: who has it, what only people can do, and the buttons for it. */
export function Now({ incident, document, reload }: Told & { reload(): void }) {
  const left = (document?.actionItems ?? []).map(({ what }) => withoutCommands(what));
  return (
    <Card title={isOpen(incident) ? "What you must do now" : "What is left"} class="now">
      <Holder incident={incident} />
      <Left items={left} />
      <Actions incident={incident} reload={reload} />
    </Card>
  );
}

/** The most urgent come first: those, and the others when asked for. */
const FIRST = 4;

function Left({ items }: { items: readonly string[] }) {
  if (items.length === 0) return null;
  const isLong = items.length > FIRST + 1;
  const first = isLong ? items.slice(0, FIRST) : items;
  return (
    <>
      <ol class="now-list">
        {first.map((what) => (
          <li key={what}>{what}</li>
        ))}
      </ol>
      {isLong && (
        <details class="more">
          <summary>{items.length - FIRST} more, later</summary>
          <ol class="now-list" start={FIRST + 1}>
            {items.slice(FIRST).map((what) => (
              <li key={what}>{what}</li>
            ))}
          </ol>
        </details>
      )}
    </>
  );
}

/** Who has it; else whom it wakes next, and when. */
function Holder({ incident }: { incident: Incident }) {
  const { acknowledged, escalation, isUnattended } = incident;
  if (acknowledged)
    return (
      <p class="holder">
        <Icon name="person" />
        <span>
          <strong>{acknowledged.by}</strong> took it on <When at={at(acknowledged.at)!} />.
        </span>
      </p>
    );
  if (!isOpen(incident)) return null;
  const next = escalation?.next ?? null;
  return (
    <p class="holder" data-tone={isUnattended ? "warn" : "quiet"}>
      <Icon name={isUnattended ? "bell" : "person"} />
      <span>
        <strong>Nobody has it.</strong>{" "}
        {next ? (
          <>
            {toldNext(next)}
            {next.to.length > 0 && (
              <>
                , <When at={at(next.at)!} />
              </>
            )}
            . {notThere(next)}
          </>
        ) : (
          "Nobody else will be told."
        )}
      </span>
    </p>
  );
}
