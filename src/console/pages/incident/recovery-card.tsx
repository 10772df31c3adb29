import type { PresentedRecovery } from "../../../incident/present-recovery.ts";
import { Card } from "../../parts/card.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Link } from "../../parts/link.tsx";
import { Notice } from "../../parts/notice.tsx";
import { When } from "../../parts/when.tsx";
import { at, lasting } from "../../words/time.ts";
import { capsText } from "./caps-fields.tsx";

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
export function RecoveryCard({ recovery, isOpen }: { recovery: PresentedRecovery; isOpen: boolean }) {
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
          <p>
            {stopped === "relapsed"
              ? "It fell back: a warning came, or somebody raised its caps. It is being contained anew."
              : "Somebody lowered its caps: nothing more is raised until they are those of its step again."}
          </p>
        </Notice>
      )}
      {isOpen && next && (
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
      {waitsFor.length > 0 && (
        <p class="recovery-waits">
          Waits until the first step of{" "}
          {waitsFor.map((id, index) => (
            <span key={id}>
              {index > 0 && ", "}
              <Link href={`/incidents/${id}`}>{id}</Link>
            </span>
          ))}{" "}
          stands.
        </p>
      )}
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
