import { Icon } from "../../parts/icon.tsx";
import { useServer } from "../../server/use-server.ts";
import { sumUp } from "../../words/by-urgency.ts";
import { overviewOf } from "../../words/risk.ts";
import type { IncidentPage } from "./answers.ts";

/** The five-second answer, whatever the filters below say. */
export function Overview() {
  const { data } = useServer<IncidentPage>("/api/incidents?status=open&limit=200", ({ topic }) => topic === "incident");
  if (data === undefined) return null;
  const { tone, lead, rest } = overviewOf(sumUp(data.incidents), data.next == null ? "" : " or more");
  return (
    <p class="overview" data-tone={tone}>
      <Icon name={tone === "ok" ? "check" : tone === "hold" ? "shield" : "alert"} size={24} />
      <span>
        <strong>{lead}</strong>
        {rest}
      </span>
    </p>
  );
}
