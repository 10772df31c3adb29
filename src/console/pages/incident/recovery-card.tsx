import type { PresentedRecovery } from "../../../incident/present-recovery.ts";
import { Card } from "../../parts/card.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Link } from "../../parts/link.tsx";
import { Notice } from "../../parts/notice.tsx";
import { When } from "../../parts/when.tsx";
import { useServer } from "../../server/use-server.ts";
import { capsText } from "../../words/caps.ts";
import { isOpen } from "../../words/standing.ts";
import { at, lasting } from "../../words/time.ts";
import type { Cascade } from "../cascades/answers.ts";
import type { Incident } from "./answers.ts";

type Rung = PresentedRecovery["rungs"][number];

const gateNames: Readonly<Record<string, string>> = {
  "root-cause": "Root cause named",
  "identity-and-reputation": "Identity and reputation checked",
  "conservative-budget": "First budget set and read back",
};

const rungWords: Readonly<Record<Rung["status"], string>> = {
  done: "done",
  stands: "now",
  next: "next",
  ahead: "later",
  "not-taken": "not taken",
};

/** The way back: what stands, what comes next and when, what is missing. */
export function RecoveryCard({ incident, recovery }: { incident: Incident; recovery: PresentedRecovery }) {
  const { by, askedAt, rootCause, fix, gates, rungs, next, stopped, stepBacks, waitsFor } = recovery;
  return (
    <Card
      title="Recovery"
      aside={
        <>
          asked for by {by}, {<When at={at(askedAt)} />}
        </>
      }
    >
      {stopped !== null && (
        <Notice tone="warn">
          <p>{stopped === "relapsed" ? <FellBack incident={incident} /> : loweredText}</p>
        </Notice>
      )}
      {isOpen(incident) && next && (
        <p class="recovery-next">
          <Icon name="next" size={18} />
          <span>{nextText(recovery)}</span>
        </p>
      )}
      <ol class="ladder">
        {rungs.map((rung) => (
          <li key={rung.percent} data-status={rung.status}>
            <span class="ladder-percent">{rung.percent} %</span>
            <span>
              {capsText({ daily: rung.dailyCap, monthly: rung.monthlyCap })}
              <span class="ladder-word">
                {rungWords[rung.status]}
                {rung.status === "ahead" && rung.afterMs > 0 && `, ${lasting(rung.afterMs)} after the first`}
              </span>
            </span>
          </li>
        ))}
      </ol>
      <ul class="gates" aria-label="Checks before the first step">
        {gates.passed.map(({ gate, at: passedAt }) => (
          <li key={gate} data-tone="ok">
            <Icon name="check" size={18} />
            <span>{gateNames[gate] ?? gate}</span>
            <span class="muted small">
              <When at={at(passedAt)} />
            </span>
          </li>
        ))}
        {gates.missing.map((gate) => (
          <li key={gate} data-tone="quiet">
            <Icon name="hourglass" size={18} />
            <span>{gateNames[gate] ?? gate}</span>
            <span class="muted small">not yet</span>
          </li>
        ))}
      </ul>
      {isOpen(incident) && waitsFor.length > 0 && <WaitsFor incident={incident} ids={waitsFor} />}
      {stepBacks > 0 && (
        <p>
          It went a step back {stepBacks === 1 ? "once" : `${stepBacks} times`}, for a warning or caps that somebody
          raised.
        </p>
      )}
      <dl class="facts">
        <div>
          <dt>What was wrong</dt>
          <dd>{rootCause}</dd>
        </div>
        <div>
          <dt>How it was mended</dt>
          <dd>{fix}</dd>
        </div>
      </dl>
    </Card>
  );
}

const loweredText = "Somebody lowered its caps: nothing more is raised until they are those of its step again.";

/** What ended it, in the words it was seen in, and where it goes on. */
function FellBack({ incident: { timeline, supersededBy } }: { incident: Incident }) {
  const seen = timeline.findLast(({ what }) => what === "relapsed" || what === "recovery-refused")?.detail ?? {};
  const why = seen.why ?? seen.reason;
  return (
    <>
      It fell back at its first step{typeof why === "string" ? `: ${why.replace(/[.\s]+$/, "")}. ` : ". "}
      {seen.leftFree === true ? (
        "In observe-only mode nothing is done about it."
      ) : supersededBy === null ? (
        "It is being contained anew, in an incident of its own."
      ) : (
        <>
          It is contained anew in <Link href={`/incidents/${supersededBy}`}>{supersededBy}</Link>.
        </>
      )}
    </>
  );
}

/** Whoever comes before it in its cascade, by name, and whether anybody asked for theirs: nobody else will. */
function WaitsFor({ incident: { cascadeId }, ids }: { incident: Incident; ids: readonly string[] }) {
  const { data } = useServer<Cascade>(cascadeId && `/api/cascades/${cascadeId}`, ({ topic }) => topic === "incident");
  return (
    <ul class="recovery-waits">
      {ids.map((id) => {
        const member = data?.members.find(({ incidentId }) => incidentId === id);
        return (
          <li key={id}>
            Waits until the first step of <Link href={`/incidents/${id}`}>{member?.agentId ?? id}</Link> stands.
            {member?.recovery?.stage === "none" && <strong> Nobody has asked for that recovery yet.</strong>}
          </li>
        );
      })}
    </ul>
  );
}

function nextText({ next, waitsFor }: PresentedRecovery) {
  if (next === null) return null;
  if (next.what === "gate") {
    const what = `Next: ${(gateNames[next.gate] ?? next.gate).toLowerCase()}`;
    return waitsFor.length > 0 ? `${what}, and the agents before it first.` : `${what}, being looked at now.`;
  }
  const when =
    next.at === null ? (
      waitsFor.length > 0 ? (
        "once those it waits for have theirs"
      ) : (
        "in a moment"
      )
    ) : (
      <When at={at(next.at)} />
    );
  if (next.what === "end") return <>Resolved {when}, if no warning comes.</>;
  return (
    <>
      {next.percent} % {when}, if no warning comes.
    </>
  );
}
