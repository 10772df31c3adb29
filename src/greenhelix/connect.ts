import { TourniquetError } from "../errors.ts";
import type { Gateway, Outcome } from "../incident/gateway.ts";
import { detectDialect, type Finding } from "./dialect.ts";
import { type HttpSettings, openGateway } from "./http.ts";
import { type KeyFor, requireKey } from "./keys.ts";
import { createRestGateway } from "./rest.ts";
import { createToolsGateway } from "./tools.ts";

export interface GatewaySettings extends HttpSettings {
  /** GREENHELIX_DIALECT. */
  dialect: "auto" | "rest" | "tools";
  keyFor: KeyFor;
  /** Told once, when the form is known. */
  onFound?: (finding: Finding) => void;
}

export interface ConnectedGateway extends Gateway {
  /** What `auto` found; undefined until a call has succeeded in asking. */
  found(): Finding | undefined;
  /** Asks now, by this agent's budget, for a start that wants to say what it found. Throws gateway-unreachable; later calls ask again. */
  find(agentId: string): Promise<Finding>;
  close(): Promise<void>;
}

/**
 * The gateway in whichever form it speaks. With `auto` the first call asks, all calls meanwhile wait for that answer, and a
 * failed asking is repeated by the next call: a gateway that is down at start is no reason not to start. Opens no
 * connection before the first call. Throws gateway-misconfigured for a bad address.
 */
export function connectGateway(settings: GatewaySettings): ConnectedGateway {
  const http = openGateway(settings);
  const form = createForm(settings, (agentId) => detectDialect(http, agentId, requireKey(settings.keyFor, agentId)));
  const byDialect = {
    rest: createRestGateway(http, settings.keyFor),
    tools: createToolsGateway(http, settings.keyFor),
  };
  const via = async (agentId: string): Promise<Gateway> => byDialect[(await form.find(agentId)).dialect];
  /** Where the form cannot be found nothing was sent: a write answers that, it does not throw. */
  const write = async <T>(agentId: string, call: (gateway: Gateway) => Promise<Outcome<T>>): Promise<Outcome<T>> => {
    try {
      return await call(await via(agentId));
    } catch (error) {
      if (error instanceof TourniquetError) return { outcome: "not-done", error };
      throw error;
    }
  };
  return {
    get dialect() {
      return form.found()?.dialect ?? "rest";
    },
    now: http.now,
    found: form.found,
    find: form.find,
    close: () => http.close(),

    readBudget: async (agentId, ...rest) => (await via(agentId)).readBudget(agentId, ...rest),
    setBudget: (agentId, ...rest) => write(agentId, (gateway) => gateway.setBudget(agentId, ...rest)),
    setWalletFrozen: (agentId, ...rest) => write(agentId, (gateway) => gateway.setWalletFrozen(agentId, ...rest)),

    async *listEscrows(agentId, ...rest) {
      yield* (await via(agentId)).listEscrows(agentId, ...rest);
    },
    readEscrow: async (agentId, ...rest) => (await via(agentId)).readEscrow(agentId, ...rest),
    cancelEscrow: (agentId, ...rest) => write(agentId, (gateway) => gateway.cancelEscrow(agentId, ...rest)),

    readIdentity: async (agentId, ...rest) => (await via(agentId)).readIdentity(agentId, ...rest),
    verifyAgent: async (agentId, ...rest) => (await via(agentId)).verifyAgent(agentId, ...rest),
    readReputation: async (agentId, ...rest) => (await via(agentId)).readReputation(agentId, ...rest),
    readClaims: async (agentId, ...rest) => (await via(agentId)).readClaims(agentId, ...rest),
    readClaimChains: async (agentId, ...rest) => (await via(agentId)).readClaimChains(agentId, ...rest),
    submitMetrics: (agentId, ...rest) => write(agentId, (gateway) => gateway.submitMetrics(agentId, ...rest)),
    rateService: (agentId, ...rest) => write(agentId, (gateway) => gateway.rateService(agentId, ...rest)),

    readBalance: async (agentId, ...rest) => (await via(agentId)).readBalance(agentId, ...rest),
    listTransactions: async (agentId, ...rest) => (await via(agentId)).listTransactions(agentId, ...rest),
    readUsage: async (agentId, ...rest) => (await via(agentId)).readUsage(agentId, ...rest),

    publishEvent: (agentId, ...rest) => write(agentId, (gateway) => gateway.publishEvent(agentId, ...rest)),
    listEvents: async (agentId, ...rest) => (await via(agentId)).listEvents(agentId, ...rest),
    listWebhooks: async (agentId, ...rest) => (await via(agentId)).listWebhooks(agentId, ...rest),
    registerWebhook: (agentId, ...rest) => write(agentId, (gateway) => gateway.registerWebhook(agentId, ...rest)),
    removeWebhook: (agentId, ...rest) => write(agentId, (gateway) => gateway.removeWebhook(agentId, ...rest)),
    testWebhook: (agentId, ...rest) => write(agentId, (gateway) => gateway.testWebhook(agentId, ...rest)),
  };
}

/** The finding, made once; kept only when it succeeded. */
function createForm(
  { dialect, onFound }: GatewaySettings,
  detect: (agentId: string) => Promise<Finding>,
): { found: () => Finding | undefined; find: (agentId: string) => Promise<Finding> } {
  let finding: Finding | undefined = dialect === "auto" ? undefined : { dialect, reason: "set by GREENHELIX_DIALECT" };
  let asking: Promise<Finding> | undefined;
  const ask = async (agentId: string): Promise<Finding> => {
    try {
      finding = await detect(agentId);
      onFound?.(finding);
      return finding;
    } finally {
      asking = undefined;
    }
  };
  return {
    found: () => finding,
    find: async (agentId) => {
      if (finding) return finding;
      asking ??= ask(agentId);
      return asking;
    },
  };
}
