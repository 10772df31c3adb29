import type { SumUp } from "../../../incident/sum-up.ts";
import { Icon } from "../../parts/icon.tsx";
import { useServer } from "../../server/use-server.ts";
import { overviewOf } from "../../words/risk.ts";

/** The five-second answer, whatever the filters below say. */
export function Overview() {
  const { data } = useServer<SumUp>("/api/overview", ({ topic }) => topic === "incident");
  if (data === undefined) return null;
  const { tone, lead, rest } = overviewOf(data);
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
