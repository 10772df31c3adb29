import type { z } from "zod";
import type { verdictShape } from "../../http/api/shapes/signal.ts";
import { Badge, type Tone } from "../parts/badge.tsx";
import { Card } from "../parts/card.tsx";
import { Fact } from "../parts/fact.tsx";
import { Choice, Field } from "../parts/field.tsx";
import { Link } from "../parts/link.tsx";
import { Empty } from "../parts/notice.tsx";
import { Loaded, Page } from "../parts/page.tsx";
import { When } from "../parts/when.tsx";
import { place, setQuery } from "../router.ts";
import { useServer } from "../server/use-server.ts";
import { useStore } from "../store.ts";
import { counted, spoken } from "../words/names.ts";
import { at } from "../words/time.ts";

/** GET /api/signals, as far as it is shown. Times as ISO 8601. */
type Signal = z.output<typeof verdictShape>;
type Figures = Readonly<Record<string, string | number>>;

const tones: Readonly<Record<Signal["severity"], Tone>> = { info: "quiet", warning: "warn", critical: "danger" };
const tiers = {
  "alert-human": "A human was alerted",
  "auto-contain": "The agent was contained",
  "full-shutdown": "The fleet was shut down",
};

/** What was concluded lately, why, and what followed or why nothing did. */
export function Signals() {
  const loaded = useServer<{ signals: Signal[] }>("/api/signals?limit=200", ({ topic }) => topic === "incident");
  return (
    <Page title="Signals">
      <Loaded loaded={loaded}>{({ signals }) => <Found signals={signals} />}</Loaded>
    </Page>
  );
}

function Found({ signals }: { signals: readonly Signal[] }) {
  const { query } = useStore(place);
  const search = (query.get("q") ?? "").trim().toLowerCase();
  const severity = query.get("severity") ?? "all";
  if (signals.length === 0)
    return (
      <Empty title="Nothing was concluded yet.">
        <p>
          As long as events look as usual, there is nothing to say. Whether they arrive at all: npx tourniquet intake
        </p>
      </Empty>
    );
  const found = signals.filter(
    (signal) =>
      (severity === "all" || signal.severity === severity) &&
      [signal.id, signal.agentId, signal.kind, spoken(signal.kind)].some((text) => text.toLowerCase().includes(search)),
  );
  return (
    <>
      <div class="filters">
        <Field
          label="Agent or signal"
          placeholder="Agent or signal"
          name="q"
          kind="search"
          value={query.get("q") ?? ""}
          onInput={(q) => setQuery({ q: q || null })}
        />
        <Choice
          label="Severity"
          value={severity}
          onChange={(one) => setQuery({ severity: one === "all" ? null : one })}
          options={[
            { value: "all", label: "Any severity" },
            ...["critical", "warning", "info"].map((value) => ({ value, label: `only ${value}` })),
          ]}
        />
      </div>
      <Card title={counted(found.length, "signal")} aside="the newest 200">
        {found.length === 0 && <Empty title="No signal fits." />}
        <ul class="rows">
          {found.map((signal) => (
            <Row key={signal.id} signal={signal} />
          ))}
        </ul>
      </Card>
    </>
  );
}

function Row({ signal }: { signal: Signal }) {
  const { kind, severity, agentId, occurredAt, why, tier, incidentId, cascadeId, notActedOn } = signal;
  return (
    <li class="row-plain">
      <p class="row-head">
        <Badge tone={tones[severity]}>{severity}</Badge>
        <strong>
          {agentId}: {spoken(kind)}
        </strong>
        <span class="muted small">
          <When at={at(occurredAt)} />
        </span>
      </p>
      <p>{why.sentence}</p>
      <p class="small">
        {tier === null ? "Recorded, and nothing followed" : notActedOn === null ? tiers[tier] : "Nothing followed"}
        {notActedOn && `: ${notActedOn}`}
        {incidentId && (
          <>
            {": "}
            <Link href={`/incidents/${incidentId}`}>the incident</Link>
          </>
        )}
        {cascadeId && (
          <>
            {", part of "}
            <Link href={`/cascades/${cascadeId}`}>a cascade</Link>
          </>
        )}
        .
      </p>
      <Why signal={signal} />
    </li>
  );
}

/** So that a person can check it by hand. */
function Why({ signal: { why, decidedBy, suspectPayee } }: { signal: Signal }) {
  return (
    <details class="more">
      <summary>Why, in figures</summary>
      <dl class="facts">
        <Fact name="Rule">
          {why.rule}, version {why.ruleVersion}
        </Fact>
        <Fact name="Seen">{figures(why.observed)}</Fact>
        <Fact name="Threshold">{figures(why.thresholds)}</Fact>
        {why.baseline && <Fact name="Usual">{figures(why.baseline)}</Fact>}
        {suspectPayee && <Fact name="Suspect payee">{suspectPayee}</Fact>}
        <Fact name="Decided by">{decidedBy}</Fact>
        <Fact name="Events">{counted(why.events.length, "event")}</Fact>
      </dl>
    </details>
  );
}

const figures = (of: Figures): string =>
  Object.entries(of)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
