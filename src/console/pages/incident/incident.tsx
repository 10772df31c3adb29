import { Badge } from "../../parts/badge.tsx";
import { Loaded, Page } from "../../parts/page.tsx";
import type { Params } from "../../router.ts";
import { useServer } from "../../server/use-server.ts";
import { standingOf, toneOf } from "../../words/standing.ts";
import type { Incident as Answer, PostMortem, Told } from "./answers.ts";
import { Documents } from "./documents.tsx";
import { Dollars } from "./dollars.tsx";
import { Escrows } from "./escrows.tsx";
import { Headline } from "./headline.tsx";
import { Now } from "./now.tsx";
import { RecoveryCard } from "./recovery-card.tsx";
import { SpendPlot } from "./spend-plot.tsx";
import { Steps } from "./steps.tsx";
import { Timeline } from "./timeline.tsx";
import { Together } from "./together.tsx";
import { Why } from "./why.tsx";

/** One incident: what happened, is it stopped, how much, what must I do; then everything else. */
export function Incident({ params: { id = "" } }: { params: Params }) {
  const path = `/api/incidents/${encodeURIComponent(id)}`;
  const concerns = (event: { topic: string; id: string | null }) =>
    event.topic === "incident" && (event.id === null || event.id === id);
  const loaded = useServer<Answer>(path, concerns);
  const document = useServer<PostMortem>(`${path}/post-mortem?format=json`, concerns).data;
  const incident = loaded.data;
  const title = document?.title ?? incident?.agentId ?? "Incident";
  return (
    <Page
      title={title}
      tab={incident ? `${standingOf(incident).word}: ${incident.agentId}` : title}
      up={{ href: "/incidents", label: "Incidents" }}
      actions={
        incident && (
          <p class="incident-marks">
            <Badge tone={toneOf(incident.priority)}>{incident.priority}</Badge>
            {incident.dryRun && <Badge icon="eye">Dry run</Badge>}
            <span class="muted small mono">{incident.id}</span>
          </p>
        )
      }
    >
      <Loaded loaded={loaded}>
        {(incident) => <Whole incident={incident} document={document} reload={loaded.reload} />}
      </Loaded>
    </Page>
  );
}

function Whole({ incident, document, reload }: Told & { reload(): void }) {
  return (
    <div class="incident">
      <div class="incident-main">
        <Headline incident={incident} document={document} />
        <Dollars incident={incident} document={document} />
        <Now incident={incident} document={document} reload={reload} />
        {incident.recovery && <RecoveryCard incident={incident} recovery={incident.recovery} />}
        <SpendPlot incident={incident} />
        <Why incident={incident} />
        <Steps incident={incident} document={document} />
        <Escrows escrows={incident.escrows} />
      </div>
      <div class="incident-side">
        {incident.cascadeId !== null && <Together cascadeId={incident.cascadeId} incidentId={incident.id} />}
        <Timeline document={document} />
        <Documents incident={incident} document={document} />
      </div>
    </div>
  );
}
