import { useNow } from "../../now.ts";
import { Badge } from "../../parts/badge.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Link } from "../../parts/link.tsx";
import { Money } from "../../parts/money.tsx";
import { isZero } from "../../words/money.ts";
import { isAnyAtRisk, riskText } from "../../words/risk.ts";
import { isOpen, standingOf, toneOf } from "../../words/standing.ts";
import { at, exact, relative } from "../../words/time.ts";
import type { IncidentSummary } from "./answers.ts";

/** One incident in a list: how it is, what happened, how much, who has it. The whole of it leads there. */
export function IncidentRow({ incident }: { incident: IncidentSummary }) {
  const { id, agentId, priority, dryRun, sentence, openedAt } = incident;
  const { word, tone, icon } = standingOf(incident);
  const now = useNow();
  return (
    <Link href={`/incidents/${id}`} class="incident-row">
      <span class="incident-row-shape" data-tone={tone}>
        <Icon name={icon} size={22} />
      </span>
      <span class="incident-row-head">
        <strong>{agentId}</strong>
        <Badge tone={toneOf(priority)}>{priority}</Badge>
      </span>
      <span class="incident-row-stands">
        <span class="tone-text" data-tone={tone}>
          {word}
        </span>
        {dryRun && word !== "Dry run" && <span>dry run</span>}
        <time dateTime={openedAt} title={exact(at(openedAt))}>
          {relative(at(openedAt), now)}
        </time>
      </span>
      <span class="incident-row-sentence">{withoutAgent(sentence, agentId)}</span>
      <span class="incident-row-foot">
        <Dollars incident={incident} />
        <Holder incident={incident} />
      </span>
    </Link>
  );
}

/** What is at risk comes first, since it may still be saved; what came back is in the sentence. */
function Dollars({ incident }: { incident: IncidentSummary }) {
  const { dollars } = incident;
  const { lost } = dollars;
  return (
    <>
      {isTold(incident) && (
        <span class="tone-text" data-tone={incident.dryRun ? "quiet" : "danger"}>
          {riskText(dollars)}
        </span>
      )}
      {!isZero(lost) && (
        <span class="tone-text" data-tone="danger">
          <Money amount={lost} /> lost
        </span>
      )}
    </>
  );
}

/** What is not counted is told while money may still run out; later its absence tells nobody anything. */
function isTold({ dollars, effectiveAt, status }: IncidentSummary): boolean {
  if (dollars.atRisk !== null) return isAnyAtRisk(dollars) && !isZero(dollars.atRisk);
  return effectiveAt === null && (status === "detected" || status === "containing");
}

function Holder({ incident }: { incident: IncidentSummary }) {
  const { acknowledged, isUnattended } = incident;
  if (acknowledged) return <span>taken on by {acknowledged.by}</span>;
  if (!isOpen(incident)) return null;
  return isUnattended ? (
    <span class="tone-text" data-tone="warn">
      Nobody has it
    </span>
  ) : null;
}

/** The agent stands above it in bold already. */
function withoutAgent(sentence: string, agentId: string): string {
  const rest = sentence.startsWith(`${agentId} `) ? sentence.slice(agentId.length + 1) : sentence;
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}
