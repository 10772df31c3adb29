import { Notice } from "../../parts/notice.tsx";
import { Loaded, Page } from "../../parts/page.tsx";
import { useServer } from "../../server/use-server.ts";
import { Agents } from "./agents.tsx";
import type { FleetStatus } from "./answers.ts";
import { Approvals } from "./approvals.tsx";
import { WholeFleet } from "./whole-fleet.tsx";

/** Who spends, who is held and why, what waits for a person's word, and what concerns all agents at once. */
export function Fleet() {
  const loaded = useServer<FleetStatus>("/api/fleet", ({ topic }) => topic === "fleet" || topic === "incident");
  return (
    <Page title="Fleet">
      <Loaded loaded={loaded}>
        {(fleet) => (
          <>
            {fleet.mode === "observe" && (
              <Notice tone="warn">
                <p>
                  <strong>Observe only.</strong> Everything is decided and recorded, and nothing is done to any agent.
                </p>
              </Notice>
            )}
            <Approvals approvals={fleet.approvals} onDone={loaded.reload} />
            <Agents onDone={loaded.reload} />
            <WholeFleet fleet={fleet} onDone={loaded.reload} />
          </>
        )}
      </Loaded>
    </Page>
  );
}
