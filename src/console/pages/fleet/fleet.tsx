import { useState } from "preact/hooks";
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
  const [said, setSaid] = useState<string | null>(null);
  const done = (sentence: string) => {
    setSaid(sentence);
    loaded.reload();
  };
  return (
    <Page title="Fleet">
      <div role="status">{said && <Notice tone="ok">{said}</Notice>}</div>
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
            <Approvals approvals={fleet.approvals} onDone={done} />
            <Agents onDone={done} />
            <WholeFleet fleet={fleet} onDone={done} />
          </>
        )}
      </Loaded>
    </Page>
  );
}
