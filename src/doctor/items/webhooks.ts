import { TourniquetError } from "../../errors.ts";
import { patient } from "../../greenhelix/patient.ts";
import { type Proof, prove } from "../../greenhelix/webhook-proof.ts";
import { isIntake, webhookTypes } from "../../incident/webhook-address.ts";
import { servicesOf } from "../doctor.ts";
import { fail, type Item, type Measured, ok, warn } from "../item.ts";

const REGISTER = "Register it: npx tourniquet register --url https://<your host>/webhooks/greenhelix";

/** I8: registered is not delivered. The gateway's own test ping has to reach our intake and be verified there. */
export const webhooks: Item = {
  id: "webhooks",
  section: "detection",
  title: "the webhook is registered, and its test ping arrives and is verified",
  deadlineMs: 30_000,
  async measure(ports) {
    const services = servicesOf(ports);
    let ours: Awaited<ReturnType<typeof services.gateway.listWebhooks>>;
    try {
      ours = await patient(services.gateway).listWebhooks(services.ownAgentId);
    } catch (error) {
      if (!(error instanceof TourniquetError) || error.code !== "not-found") throw error;
      return warn(
        "this gateway does not show which webhooks there are",
        "Nothing to mend here: what webhooks do not tell is found by polling; the item signals says which still come",
      );
    }
    ours = ours.filter(({ active, url }) => active && isIntake(url));
    if (ours.length === 0) return fail("none of ours is registered: only polling sees what happens", REGISTER);
    const proofs: Proof[] = [];
    for (const webhook of ours) proofs.push(await prove(services, webhook));
    return judge(proofs);
  },
};

function judge(proofs: readonly Proof[]): Measured {
  const proved = proofs.filter(({ problem }) => problem === null);
  const told = new Set(proved.flatMap(({ eventTypes }) => eventTypes));
  const missing = webhookTypes.filter((type) => !told.has(type));
  const lines = proofs.map(({ webhookId, eventTypes, verifiedMs, problem }) =>
    problem === null ? `${webhookId}: ${eventTypes.join(", ")}; verified after ${verifiedMs} ms` : `! ${problem}`,
  );
  const more = { lines, detail: proofs };
  if (missing.length > 0)
    return fail(
      `not proved: ${missing.join(", ")}`,
      `Mend what the lines above say; ${REGISTER.toLowerCase()} proves it again`,
      more,
    );
  if (proved.length < proofs.length)
    return warn(
      `every type is proved, and ${proofs.length - proved.length} more registered in vain`,
      "Take the old address back: npx tourniquet register --remove --url <old address>",
      more,
    );
  const slowest = Math.max(...proofs.map(({ verifiedMs }) => verifiedMs ?? 0));
  return ok(`${told.size} types of event; test ping verified after ${slowest} ms`, more);
}
