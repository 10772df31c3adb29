import { useState } from "preact/hooks";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Impossible } from "../../parts/order-form.tsx";
import { session } from "../../server/session-store.ts";
import { useStore } from "../../store.ts";
import { tell } from "../../told.ts";
import { type Deed, possible } from "../../words/possible.ts";
import { AcknowledgeForm } from "./acknowledge-form.tsx";
import type { Incident } from "./answers.ts";
import { RecoverForm } from "./recover-form.tsx";
import { StandDownForm } from "./stand-down-form.tsx";

const titles: Readonly<Record<Deed, string>> = {
  acknowledge: "Take it on",
  recover: "Bring the agent back",
  "stand-down": "Stand it down",
};

/** What a person may do to it: at the foot of a phone, always within reach. What cannot be done now says why. */
export function Actions({ incident, reload }: { incident: Incident; reload(): void }) {
  const who = useStore(session);
  const [open, setOpen] = useState<Deed | null>(null);
  const close = () => setOpen(null);
  const finish = (text: string) => {
    close();
    tell(text);
    reload();
  };
  const can = possible(incident, who?.role ?? "viewer");
  const isFree = incident.acknowledged === null;
  const first = isFree && can.acknowledge === null ? "acknowledge" : "recover";
  const isIdle = (["acknowledge", "recover", "stand-down"] as const).every((deed) => can[deed] !== null);
  const form = { incident, onDone: finish, onCancel: close };
  return (
    <>
      {!can.isOver && (
        <>
          <div class={isIdle ? "actions-idle" : "actions"}>
            {isFree && (
              <Button
                kind={first === "acknowledge" ? "primary" : "plain"}
                disabledBecause={can.acknowledge}
                onClick={() => setOpen("acknowledge")}
              >
                Acknowledge
              </Button>
            )}
            <Button
              kind={first === "recover" && can.recover === null ? "primary" : "plain"}
              disabledBecause={can.recover}
              onClick={() => setOpen("recover")}
            >
              Recover
            </Button>
            <Button disabledBecause={can["stand-down"]} onClick={() => setOpen("stand-down")}>
              Stand down
            </Button>
          </div>
          <p class="actions-why">
            {(isIdle ? [] : (["acknowledge", "recover"] as const)).map((deed) =>
              can[deed] === null || (deed === "acknowledge" && !isFree) ? null : (
                <span key={deed}>
                  <strong>{deed === "recover" ? "Recover" : "Acknowledge"}:</strong> {can[deed]}
                </span>
              ),
            )}
          </p>
        </>
      )}
      <Dialog title={open === null ? "" : titles[open]} isOpen={open !== null} onClose={close}>
        <Impossible.Provider value={open && can[open]}>
          {open === "acknowledge" && <AcknowledgeForm {...form} />}
          {open === "recover" && <RecoverForm {...form} />}
          {open === "stand-down" && <StandDownForm {...form} />}
        </Impossible.Provider>
      </Dialog>
    </>
  );
}
