import { Icon } from "../../parts/icon.tsx";
import { Link } from "../../parts/link.tsx";
import { When } from "../../parts/when.tsx";
import { standingOf } from "../../words/standing.ts";
import { at, lasting } from "../../words/time.ts";
import type { Incident, Told } from "./answers.ts";

/** Is it stopped, since when, how fast; and what was seen, in a sentence. */
export function Headline({ incident, document }: Told) {
  const { word, tone, icon } = standingOf(incident);
  const since = sinceOf(incident);
  const seen = document?.rootCause.seen ?? [];
  const lead = seen.find(({ severity }) => severity === "critical") ?? seen[0];
  return (
    <section class="headline" data-tone={tone} aria-label="How it is now">
      <div class="headline-word">
        <Icon name={icon} size={34} />
        {/* Read out when it changes, and nothing else of this page is. */}
        <p role="status">
          <strong>{word}</strong>
        </p>
        <p class="headline-since">
          since <When at={since} as="clock" />, <When at={since} />
        </p>
      </div>
      {(lead ?? incident.signals[0]) && (
        <p class="headline-seen">{lead?.sentence ?? incident.signals[0]?.why.sentence}</p>
      )}
      <p class="headline-speed">{speedOf(incident)}</p>
      {incident.supersededBy !== null && (
        <p>
          New trouble took its place: <Link href={`/incidents/${incident.supersededBy}`}>{incident.supersededBy}</Link>
        </p>
      )}
      {incident.supersedes !== null && (
        <p>
          It took the place of <Link href={`/incidents/${incident.supersedes}`}>{incident.supersedes}</Link>, which was
          recovering.
        </p>
      )}
    </section>
  );
}

/** When the state began that stands there. */
function sinceOf(incident: Incident): number {
  const { closedAt, recovery, standDown, containedAt, effectiveAt, openedAt, status } = incident;
  if (closedAt !== null) return at(closedAt);
  if (standDown?.askedAt) return at(standDown.askedAt);
  if (status === "recovering" && recovery) return at(recovery.rungAt ?? recovery.askedAt);
  return at(containedAt ?? effectiveAt ?? openedAt)!;
}

function speedOf(incident: Incident): string {
  const { dryRun, observedFrom, receivedAt, effectiveAt, containedAt, deadlineMs, timeliness, reassertions } = incident;
  if (dryRun) return "Nothing was done: this is what would have happened.";
  const from = at(receivedAt)!;
  const isFreeze = incident.steps.some(({ step }) => step === "freeze-budget");
  const said = [
    effectiveAt === null
      ? `${isFreeze ? "The freeze" : "What was done"} has not taken effect yet`
      : `${isFreeze ? "Frozen" : "Held back"} ${lasting(at(effectiveAt) - from)} after the alert`,
    ...(containedAt === null ? [] : [`contained after ${lasting(at(containedAt) - from)}`]),
  ].join(", ");
  const within = deadlineMs === null ? "" : ` of ${lasting(deadlineMs)}`;
  const kept = {
    "in-time": `, within the deadline${within}`,
    late: `, past the deadline${within}`,
    overdue: `; the deadline${within} has passed`,
    due: "",
    none: "",
  }[timeliness];
  const breached =
    reassertions > 0
      ? ` Somebody tried to undo it ${reassertions === 1 ? "once" : `${reassertions} times`}; it was put back.`
      : "";
  const watched =
    observedFrom === null ? "" : ` Before that it was a dry run for ${lasting(from - at(observedFrom)!)}.`;
  return `${said}${kept}.${watched}${breached}`;
}
