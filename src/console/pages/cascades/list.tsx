import { Badge } from "../../parts/badge.tsx";
import { Card } from "../../parts/card.tsx";
import { Link } from "../../parts/link.tsx";
import { Money } from "../../parts/money.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Loaded, Page } from "../../parts/page.tsx";
import { When } from "../../parts/when.tsx";
import { useServer } from "../../server/use-server.ts";
import { counted } from "../../words/names.ts";
import { at } from "../../words/time.ts";
import type { Cascade } from "./answers.ts";

/** Agents whose troubles belong together, newest first. */
export function Cascades() {
  const loaded = useServer<{ cascades: Cascade[] }>("/api/cascades?limit=100", ({ topic }) => topic === "incident");
  return (
    <Page title="Cascades">
      <Loaded loaded={loaded}>
        {({ cascades }) =>
          cascades.length === 0 ? (
            <Empty title="No cascade was seen.">
              <p>When several agents fail within minutes for one reason, they are contained and told as one.</p>
            </Empty>
          ) : (
            <Card title={counted(cascades.length, "cascade")}>
              <ul class="rows">
                {cascades.map((cascade) => (
                  <Row key={cascade.id} cascade={cascade} />
                ))}
              </ul>
            </Card>
          )
        }
      </Loaded>
    </Page>
  );
}

function Row({ cascade: { id, rootCause, members, since, dollars, status } }: { cascade: Cascade }) {
  return (
    <li class="row">
      <div class="row-main">
        <Link href={`/cascades/${id}`}>
          {counted(members.length, "agent")}, beginning with {rootCause.agentId}
        </Link>
        <span class="muted small">
          <When at={at(since)} />, {rootCause.why}
        </span>
      </div>
      <div class="row-why small">
        <span>
          <Money amount={dollars.locked} /> locked{!dollars.isCounted && ", not all counted yet"}
        </span>
        <span class="muted">
          <Money amount={dollars.recovered} /> back
        </span>
      </div>
      <Badge tone={status === "open" ? "hold" : "ok"}>{status === "open" ? "Open" : "Over"}</Badge>
    </li>
  );
}
