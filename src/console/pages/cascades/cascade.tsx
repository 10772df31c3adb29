import type { z } from "zod";
import type { cascadeAcknowledgedShape } from "../../../http/api/shapes/order.ts";
import { Badge } from "../../parts/badge.tsx";
import { Card } from "../../parts/card.tsx";
import { Fact } from "../../parts/fact.tsx";
import { Link } from "../../parts/link.tsx";
import { Money } from "../../parts/money.tsx";
import { Order } from "../../parts/order.tsx";
import { Loaded, Page } from "../../parts/page.tsx";
import { When } from "../../parts/when.tsx";
import type { Params } from "../../router.ts";
import { useServer } from "../../server/use-server.ts";
import { counted, listed, spoken } from "../../words/names.ts";
import { at } from "../../words/time.ts";
import { type Cascade as Answer, isDone, memberState, unclaimed } from "./answers.ts";

/** One cascade: who, where it began, what it cost, and in which order they come back. */
export function Cascade({ params: { id = "" } }: { params: Params }) {
  const loaded = useServer<Answer>(`/api/cascades/${encodeURIComponent(id)}`, ({ topic }) => topic === "incident");
  return (
    <Page title="Cascade" up={{ href: "/cascades", label: "Cascades" }}>
      <Loaded loaded={loaded}>
        {(cascade) => (
          <>
            <Story cascade={cascade} onChanged={loaded.reload} />
            <Members cascade={cascade} />
            <Reasons cascade={cascade} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Story({ cascade, onChanged }: { cascade: Answer; onChanged(): void }) {
  const { members, rootCause, since, closedAt, dollars, status } = cascade;
  const free = unclaimed(members);
  return (
    <Card
      title={`${counted(members.length, "agent")} in one trouble`}
      aside={<Badge tone={status === "open" ? "hold" : "ok"}>{status === "open" ? "Open" : "Over"}</Badge>}
    >
      <p class="lead">
        It began with <strong>{rootCause.agentId}</strong>: {rootCause.why}.
      </p>
      <dl class="facts">
        <Fact name="First sign">
          <When at={at(since)} />
        </Fact>
        {closedAt !== null && (
          <Fact name="Over">
            <When at={at(closedAt)} />
          </Fact>
        )}
        <Fact name="Locked">
          <Money amount={dollars.locked} />
          {!dollars.isCounted && ", not all counted yet"}
        </Fact>
        <Fact name="Back">
          <Money amount={dollars.recovered} />
        </Fact>
        <Fact name="Lost">
          <Money amount={dollars.lost} />
        </Fact>
      </dl>
      {status === "open" && free.length > 0 && (
        <div class="buttons">
          <Order<z.output<typeof cascadeAcknowledgedShape>>
            label="Acknowledge all of it"
            kind="primary"
            title="Take all of it on"
            path={`/api/cascades/${encodeURIComponent(cascade.id)}/acknowledge`}
            needs="responder"
            asksWhy={false}
            told={({ incidents }) => takenOn(incidents)}
            onDone={onChanged}
          >
            <p>
              You take on the incidents of {counted(free.length, "agent")} that nobody has: nobody else is woken for any
              of them. No money moves.
            </p>
          </Order>
        </div>
      )}
    </Card>
  );
}

function takenOn(incidents: z.output<typeof cascadeAcknowledgedShape>["incidents"]): string {
  const before = incidents.filter(({ status }) => status === "acknowledged-before");
  const others = [...new Set(before.map(({ by }) => by))];
  const rest =
    before.length === 0 ? "" : `; ${counted(before.length, "was", "were")} taken on before, by ${listed(others)}`;
  return `${counted(incidents.length - before.length, "incident is", "incidents are")} yours${rest}.`;
}

/** In the order in which they recover: whoever stands first is mended first. */
function Members({ cascade: { members, recoveryOrder } }: { cascade: Answer }) {
  const places = recoveryOrder.flatMap(({ agentId, after }) => {
    const member = members.find((one) => one.agentId === agentId);
    return member ? [{ member, after }] : [];
  });
  return (
    <Card title="Agents, in the order in which they recover">
      <ol class="rows">
        {places.map(({ member, after }, index) => (
          <li key={member.agentId} class="row">
            <div class="row-main">
              <strong>
                {index + 1}. {member.agentId}
              </strong>
              <span class="muted small">
                {waits(after, members)}
                {member.acknowledgedBy && ` Taken on by ${member.acknowledgedBy}.`}
              </span>
            </div>
            <div class="row-why small">
              {member.incidentId ? (
                <Link href={`/incidents/${member.incidentId}`}>Its incident</Link>
              ) : (
                "no incident yet"
              )}
              <span class="muted">{[...new Set(member.signals.map(({ kind }) => spoken(kind)))].join(", ")}</span>
            </div>
            <State member={member} />
          </li>
        ))}
      </ol>
    </Card>
  );
}

/** Whoever is dealt with keeps nobody waiting. */
function waits(after: readonly string[], members: Answer["members"]): string {
  const open = after.filter((agentId) => members.some((one) => one.agentId === agentId && !isDone(one)));
  if (open.length > 0) return `Waits for ${listed(open)}.`;
  return after.length === 0 ? "Waits for nobody." : `Comes after ${listed(after)}.`;
}

function State({ member }: { member: Answer["members"][number] }) {
  const { tone, text } = memberState(member);
  return <Badge tone={tone}>{text}</Badge>;
}

function Reasons({ cascade: { edges } }: { cascade: Answer }) {
  if (edges.length === 0) return null;
  return (
    <Card title="Why they belong together">
      <ul class="rows">
        {[...Map.groupBy(edges, ({ from, to }) => `${from} and ${to}`)].map(([pair, reasons]) => (
          <li key={pair} class="row-plain">
            <p>
              {pair}: <span class="muted">{reasons.map(({ why }) => why).join(", ")}</span>
            </p>
          </li>
        ))}
      </ul>
    </Card>
  );
}
