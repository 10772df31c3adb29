import type { z } from "zod";
import type { acknowledgedShape } from "../../../http/api/shapes/order.ts";
import { OrderForm, useBy } from "../../parts/order-form.tsx";
import { useAction } from "../../server/use-action.ts";
import { toldNoMore } from "../../words/escalation.ts";
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
          You take on <strong>{incident.agentId}</strong>. {toldNoMore(incident.escalation?.next)} The agent stays as it
          is, and no money moves.
        </p>
      }
      action={action}
      missing={null}
      onSubmit={() => void submit()}
      onCancel={onCancel}
    />
  );
}
