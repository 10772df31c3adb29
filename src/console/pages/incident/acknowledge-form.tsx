import type { z } from "zod";
import type { acknowledgedShape } from "../../../http/api/shapes/order.ts";
import { channelName } from "../../../incident/plain-words.ts";
import { OrderForm, useBy } from "../../parts/order-form.tsx";
import { useAction } from "../../server/use-action.ts";
import { listed } from "../../words/names.ts";
import type { Incident } from "./answers.ts";

export interface DeedFormProps {
  incident: Incident;
  /** What came of it, in a sentence. */
  onDone(text: string): void;
  onCancel(): void;
}

export function AcknowledgeForm({ incident, onDone, onCancel }: DeedFormProps) {
  const by = useBy();
  const action = useAction<z.output<typeof acknowledgedShape>>();
  const next = incident.escalation?.next;
  async function submit(): Promise<void> {
    const found = await action.run(`/api/incidents/${incident.id}/acknowledge`, { by });
    if (found === undefined) return;
    onDone(found.by === by ? "It is yours: nobody else is woken." : `Taken on before, by ${found.by}: it stays so.`);
  }
  return (
    <OrderForm
      label="Acknowledge"
      says={
        <p>
          You take on <strong>{incident.agentId}</strong>.{" "}
          {next ? `${listed(next.to.map(channelName))} will not be told any more.` : "Nobody else will be told."} The
          agent stays as it is, and no money moves.
        </p>
      }
      action={action}
      missing={null}
      onSubmit={() => void submit()}
      onCancel={onCancel}
    />
  );
}
