import { Icon } from "../../parts/icon.tsx";
import { Money } from "../../parts/money.tsx";
import { useServer } from "../../server/use-server.ts";
import { sumUp } from "../../words/by-urgency.ts";
import { isZero } from "../../words/money.ts";
import { counted } from "../../words/names.ts";
import type { IncidentPage } from "./incidents.tsx";

/** The five-second answer, whatever the filters below say. */
export function Overview() {
  const { data } = useServer<IncidentPage>("/api/incidents?status=open&limit=200", ({ topic }) => topic === "incident");
  if (data === undefined) return null;
  const { open, atRisk, unattended } = sumUp(data.incidents);
  const more = data.next == null ? "" : " or more";
  if (open === 0)
    return (
      <p class="overview" data-tone="ok">
        <Icon name="check" size={24} />
        <strong>All quiet: no incident is open.</strong>
      </p>
    );
  const tone = !isZero(atRisk) ? "danger" : unattended > 0 ? "warn" : "hold";
  return (
    <p class="overview" data-tone={tone}>
      <Icon name={tone === "hold" ? "shield" : "alert"} size={24} />
      <span>
        <strong>
          {counted(open, "incident is", "incidents are")} open{more}
        </strong>
        {", "}
        {isZero(atRisk) ? (
          "no money is at risk"
        ) : (
          <>
            <Money amount={atRisk} /> at risk
          </>
        )}
        {unattended > 0 && nobodyHas(unattended, open)}
      </span>
    </p>
  );
}

function nobodyHas(unattended: number, open: number): string {
  if (open === 1) return ", and nobody has it";
  return unattended === open ? ", and nobody has any of them" : `, and nobody has ${unattended} of them`;
}
