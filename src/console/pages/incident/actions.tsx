import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Notice } from "../../parts/notice.tsx";
import { session } from "../../server/session-store.ts";
import { useStore } from "../../store.ts";
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
  const [done, setDone] = useState<string | null>(null);
  const told = useRef<HTMLDivElement>(null);
  // On a phone it may be far from where the thumb is.
  useEffect(() => {
    if (done !== null) told.current?.scrollIntoView({ block: "center" });
  }, [done]);
  const close = () => setOpen(null);
  const finish = (text: string) => {
    setDone(text);
    close();
    reload();
  };
  const can = possible(incident, who?.role ?? "viewer");
  const isFree = incident.acknowledged === null;
  const first = isFree && can.acknowledge === null ? "acknowledge" : "recover";
  const isIdle = (["acknowledge", "recover", "stand-down"] as const).every((deed) => can[deed] !== null);
  const form = { incident, onDone: finish, onCancel: close };
  return (
    <>
      <div role="status" ref={told} class="told">
        {done !== null && (
          <Notice tone="ok">
            <p>{done}</p>
          </Notice>
        )}
      </div>
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
        {open === "acknowledge" && <AcknowledgeForm {...form} />}
        {open === "recover" && <RecoverForm {...form} />}
        {open === "stand-down" && <StandDownForm {...form} />}
      </Dialog>
    </>
  );
}
