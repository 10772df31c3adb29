import { Badge } from "../../parts/badge.tsx";
import { Card } from "../../parts/card.tsx";
import { When } from "../../parts/when.tsx";
import { fieldName, fieldText } from "../../words/fields.ts";
import { counted, spoken } from "../../words/names.ts";
import { at } from "../../words/time.ts";
import type { Tone } from "../../words/tone.ts";
import type { Incident } from "./answers.ts";

type Signal = Incident["signals"][number];
const tones: Readonly<Record<Signal["severity"], Tone>> = { critical: "danger", warning: "warn", info: "quiet" };
const rank: readonly Signal["severity"][] = ["critical", "warning", "info"];

/** Why it was done: what was seen, by which rule, over which line, and the line of policy that decided. */
export function Why({ incident }: { incident: Incident }) {
  const groups = [...Map.groupBy(incident.signals, ({ kind, why }) => `${kind} ${why.rule}`).values()].map((all) =>
    [...all].sort((a, b) => rank.indexOf(a.severity) - rank.indexOf(b.severity)),
  );
  return (
    <Card title="Why" aside={counted(Math.max(incident.signalCount, incident.signals.length), "signal")}>
      <ul class="signals">
        {groups.map(([first, ...more]) => first && <One key={first.id} signal={first} more={more.length} />)}
      </ul>
      <dl class="facts">
        <div>
          <dt>Decided by</dt>
          <dd>{incident.decidedBy}</dd>
        </div>
        <div>
          <dt>Runbooks</dt>
          <dd>{incident.runbooks.map(spoken).join(", ")}</dd>
        </div>
      </dl>
    </Card>
  );
}

function One({ signal, more }: { signal: Signal; more: number }) {
  const { kind, severity, why, occurredAt, suspectPayee } = signal;
  const names = [...new Set([...Object.keys(why.observed), ...Object.keys(why.thresholds)])];
  return (
    <li>
      <p class="signal-head">
        <Badge tone={tones[severity]}>{severity}</Badge>
        <strong>{spoken(kind)}</strong>
        {occurredAt !== null && (
          <span class="muted small">
            <When at={at(occurredAt)} />
          </span>
        )}
      </p>
      <p>{why.sentence}</p>
      <details class="more">
        <summary>
          Rule {why.rule}
          {more > 0 && `, and ${counted(more, "more signal")} of it`}
        </summary>
        <dl class="facts">
          {names.map((name) => (
            <div key={name}>
              <dt>{fieldName(name)}</dt>
              <dd>
                {name in why.observed && <>seen {fieldText(name, why.observed[name])}</>}
                {name in why.observed && name in why.thresholds && ", "}
                {name in why.thresholds && <>line {fieldText(name, why.thresholds[name])}</>}
              </dd>
            </div>
          ))}
          {Object.entries(why.baseline ?? {}).map(([name, value]) => (
            <div key={`usual ${name}`}>
              <dt>usual {fieldName(name)}</dt>
              <dd>{fieldText(name, value)}</dd>
            </div>
          ))}
          {suspectPayee !== null && (
            <div>
              <dt>suspect payee</dt>
              <dd>{suspectPayee}</dd>
            </div>
          )}
          <div>
            <dt>version</dt>
            <dd>{why.ruleVersion}</dd>
          </div>
          <div>
            <dt>{counted(why.events.length, "event")}</dt>
            <dd class="mono small">{why.events.join(" ")}</dd>
          </div>
        </dl>
      </details>
    </li>
  );
}
