import { isTransient, TourniquetError } from "../errors.ts";
import type { Gateway, WebhookRegistration } from "../incident/gateway.ts";
import type { Clock } from "../incident/ports.ts";
import type { FleetWatch } from "../incident/watch.ts";
import { isIntake, isSameAddress, webhookTypes } from "../incident/webhook-address.ts";
import { patiently, SETUP_DEADLINE_MS } from "./patient.ts";
import { type Proof, prove } from "./webhook-proof.ts";

export interface RegistrationPorts {
  gateway: Pick<Gateway, "listWebhooks" | "registerWebhook" | "removeWebhook" | "testWebhook">;
  fleetWatch: Pick<FleetWatch, "pingedAt">;
  clock: Clock;
  /** Whose key registers: the gateway makes its agent the owner, and lets nobody else test or remove. */
  ownAgentId: string;
}

export interface RegistrationOrder {
  url: string;
  secret: string;
  /** Lists and proves what is there; registers and removes nothing. */
  dryRun?: boolean;
  /** Replaces what is there though it is proved: the gateway then signs with this secret, and not with an older one. */
  rotate?: boolean;
  /** Told of each step before it is taken. */
  onStep?: (what: string) => void;
}

export interface Change {
  what: "registered" | "removed";
  /** Null: it would be registered, in a dry run. */
  webhookId: string | null;
  eventTypes: readonly string[];
  why: string;
}

export interface Registration {
  url: string;
  /** At this address, before anything was changed. */
  existing: readonly WebhookRegistration[];
  /** At addresses whose path is that of our intake: perhaps an older host of this product. They are left alone. */
  elsewhere: readonly WebhookRegistration[];
  /** Done, or in a dry run to be done. */
  changes: readonly Change[];
  /** One for each webhook that is there at the end. */
  proofs: readonly Proof[];
  /** Of what was asked for, each type and who tells of it; null: nobody does. */
  types: readonly { eventType: string; proof: Proof | null }[];
  problems: readonly string[];
}

/**
 * Makes the gateway tell this address of every type of event, once, and proves it with its own test ping. Repeated it changes
 * nothing. The gateway changes no registration and refuses no second one, so one that differs is replaced: the new one is
 * there and proved before the old one goes. Throws what the gateway says to listing or registering.
 */
export async function register(ports: RegistrationPorts, order: RegistrationOrder): Promise<Registration> {
  const { existing, elsewhere } = await listAt(ports, order.url);
  const before = await proveAll(ports, existing, order);
  const { stale, kept } = sortOut(existing, before, order.rotate ?? false);
  const told = new Set(kept.flatMap(({ eventTypes }) => eventTypes));
  // Also what somebody wanted beyond ours, under another of the gateway's names: it must not fall silent with the stale one.
  const wanted = new Set([
    ...webhookTypes,
    ...existing.flatMap(({ id, eventTypes }) => (stale.has(id) ? eventTypes : [])),
  ]);
  const missing = [...wanted].filter((type) => !told.has(type));
  const doubled = doublesAmong(kept);
  const context: Context = { ports, order, changes: [], problems: [] };
  const added = missing.length === 0 ? [] : await add(context, existing, missing);
  context.problems.push(...added.flatMap(({ problem }) => problem ?? []));
  const refused = order.dryRun ? [] : refusedOf(missing, added);
  if (refused.length > 0)
    context.problems.push(
      `The gateway did not take on ${refused.join(", ")}: what is there stays. Ask it which types of event it knows`,
    );
  const isMended = refused.length === 0 && added.every(({ problem }) => problem === null);
  const goes = new Map([...(isMended ? stale : []), ...doubled]);
  // With the same fault as the one it was to replace it would only be one more.
  for (const { webhookId, fault } of added)
    if (stale.size > 0 && fault === "wrong-secret")
      goes.set(webhookId, "it mends nothing: the receiver has another secret");
  const gone = await removeAll(context, [...existing, ...added.map(asRegistered)], goes);
  const proofs = [...before, ...added].filter(({ webhookId }) => !gone.has(webhookId));
  return { url: order.url, existing, elsewhere, ...outcome(context, proofs, goes) };
}

/** Takes back every registration of this address. */
export async function unregister(
  ports: RegistrationPorts,
  order: Pick<RegistrationOrder, "url" | "dryRun" | "onStep">,
): Promise<Registration> {
  const { existing, elsewhere } = await listAt(ports, order.url);
  const context: Context = { ports, order: { ...order, secret: "" }, changes: [], problems: [] };
  await removeAll(context, existing, new Map(existing.map(({ id }) => [id, "as asked"])));
  const { changes, problems } = context;
  return { url: order.url, existing, elsewhere, changes, problems, proofs: [], types: [] };
}

/** What the gateway was asked to tell of, and does not. */
function refusedOf(asked: readonly string[], added: readonly Proof[]): readonly string[] {
  const taken = new Set(added.flatMap(({ eventTypes }) => eventTypes));
  return asked.filter((type) => !taken.has(type));
}

interface Context {
  ports: RegistrationPorts;
  order: RegistrationOrder;
  changes: Change[];
  problems: string[];
}

const asRegistered = ({ webhookId, eventTypes }: Proof) => ({ id: webhookId, eventTypes });

async function listAt({ gateway, ownAgentId }: RegistrationPorts, url: string) {
  let all: readonly WebhookRegistration[];
  try {
    all = (await patiently(() => gateway.listWebhooks(ownAgentId, { deadlineMs: SETUP_DEADLINE_MS }))).filter(
      ({ active }) => active,
    );
  } catch (error) {
    if (!(error instanceof TourniquetError) || error.code !== "not-found") throw error;
    throw new TourniquetError(
      "gateway-refused",
      `This gateway does not show which webhooks there are, so that nobody could tell a second one from the first: register ${url} there by hand, once`,
    );
  }
  const existing = all.filter((one) => isSameAddress(one.url, url));
  return { existing, elsewhere: all.filter((one) => !existing.includes(one) && isIntake(one.url)) };
}

async function proveAll(
  ports: RegistrationPorts,
  webhooks: readonly Pick<WebhookRegistration, "id" | "eventTypes">[],
  { onStep }: Pick<RegistrationOrder, "onStep">,
): Promise<Proof[]> {
  const proofs: Proof[] = [];
  for (const webhook of webhooks) {
    onStep?.(`test ping for ${webhook.id}`);
    proofs.push(await prove(ports, webhook));
  }
  return proofs;
}

/** Those that no ping can mend have to be replaced; the value says why. */
function sortOut(existing: readonly WebhookRegistration[], proofs: readonly Proof[], isRotating: boolean) {
  const stale = new Map<string, string>();
  for (const [index, { id, onlyAgents }] of existing.entries()) {
    if (proofs[index]!.fault === "wrong-secret") stale.set(id, "it signs with another secret");
    else if (onlyAgents !== null) stale.set(id, `it tells of ${onlyAgents.join(", ")} alone`);
    else if (isRotating) stale.set(id, "its secret is exchanged");
  }
  return { stale, kept: existing.filter(({ id }) => !stale.has(id)) };
}

/** Whose every type another one tells of that stays. */
function doublesAmong(kept: readonly WebhookRegistration[]): ReadonlyMap<string, string> {
  const doubles = new Map<string, string>();
  for (const one of kept) {
    const others = kept.filter(({ id }) => id !== one.id && !doubles.has(id));
    const told = new Set(others.flatMap(({ eventTypes }) => eventTypes));
    if (others.length > 0 && one.eventTypes.every((type) => told.has(type)))
      doubles.set(one.id, "another one tells of the same");
  }
  return doubles;
}

async function add(
  context: Context,
  existing: readonly WebhookRegistration[],
  missing: readonly string[],
): Promise<readonly Proof[]> {
  const { ports, order, changes } = context;
  const { url, secret, dryRun, onStep } = order;
  const why = existing.length === 0 ? "nothing was registered at this address" : "nobody told of these";
  if (dryRun) {
    changes.push({ what: "registered", webhookId: null, eventTypes: missing, why });
    return [];
  }
  onStep?.(`registering ${missing.join(", ")}`);
  const { gateway, ownAgentId } = ports;
  const outcome = await gateway.registerWebhook(
    ownAgentId,
    { url, eventTypes: missing, secret },
    { deadlineMs: SETUP_DEADLINE_MS },
  );
  if (outcome.outcome === "not-done") {
    const ours = missing.filter((type) => (webhookTypes as readonly string[]).includes(type));
    if (ours.length === missing.length || isTransient(outcome.error)) throw outcome.error;
    // One type that it no longer knows must not keep ours away.
    return ours.length === 0 ? [] : add(context, existing, ours);
  }
  // The list says what there really is: the tools form makes one a type, and an answer that was lost may have made one.
  const known = new Set(existing.map(({ id }) => id));
  const made = (await listAt(ports, url)).existing.filter(({ id }) => !known.has(id));
  if (made.length === 0 && outcome.outcome === "unknown") throw outcome.error;
  for (const { id, eventTypes } of made) changes.push({ what: "registered", webhookId: id, eventTypes, why });
  return proveAll(ports, made, order);
}

/** Answers those that are gone, in a dry run those that would be. */
async function removeAll(
  { ports, order, changes, problems }: Context,
  webhooks: readonly Pick<WebhookRegistration, "id" | "eventTypes">[],
  goes: ReadonlyMap<string, string>,
): Promise<ReadonlySet<string>> {
  const gone = new Set<string>();
  for (const { id, eventTypes } of webhooks) {
    const why = goes.get(id);
    if (why === undefined) continue;
    order.onStep?.(`removing ${id}`);
    const outcome = order.dryRun ? null : await ports.gateway.removeWebhook(ports.ownAgentId, id);
    if (outcome === null || (outcome.outcome === "done" && outcome.value.removed)) {
      gone.add(id);
      changes.push({ what: "removed", webhookId: id, eventTypes, why });
    } else {
      const said = outcome.outcome === "done" ? "the gateway says that it removed nothing" : outcome.error.message;
      problems.push(`${id} (${why}) could not be removed: ${said}. Remove it at the gateway by hand`);
    }
  }
  return gone;
}

function outcome({ changes, problems }: Context, proofs: readonly Proof[], goes: ReadonlyMap<string, string>) {
  const types = webhookTypes.map((eventType) => {
    const telling = proofs.filter((proof) => proof.eventTypes.includes(eventType) && !goes.has(proof.webhookId));
    return { eventType, proof: telling.find(({ problem }) => problem === null) ?? telling[0] ?? null };
  });
  const faults = new Set(types.flatMap(({ proof }) => proof?.problem ?? []));
  return { changes, proofs, types, problems: [...new Set([...problems, ...faults])] };
}
