import { type Command, InvalidArgumentError } from "commander";
import { approve, decline } from "../../contain/approvals.ts";
import { outOfReach, shutDown } from "../../contain/fleet.ts";
import { fleetAgents } from "../../contain/fleet-agents.ts";
import { fleetStatus } from "../../contain/fleet-status.ts";
import { readCursor } from "../../incident/page.ts";
import { visibly } from "../../incident/visible.ts";
import { resumeFleet } from "../../recover/resume-fleet.ts";
import type { Services } from "../../services.ts";
import { leftAlone, shutdownText, statusText } from "../fleet-text.ts";
import { ordered } from "../ordered.ts";
import { withoutSettings, withServices } from "../with-services.ts";

interface StatusOptions {
  json?: boolean;
  agent?: string;
  limit: number;
  after?: string;
}

interface Order {
  by: string;
  reason: string;
  json?: boolean;
}

export function fleet(program: Command): void {
  const group = program.command("fleet").description("all agents at once: who is frozen, shut down, resume, approve");
  group
    .command("status")
    .description(
      "every known agent, who spends most first, and what holds it back (frozen, halved, restricted), what waits for approval, what automation froze in the last hour",
    )
    .option("--agent <part>", "those whose id has this part")
    .option("--limit <n>", "how many agents at most, up to 500", upToFiveHundred, 50)
    .option("--after <place>", "the next page: `next` of the one before")
    .option("--json", "one JSON object: agents and next, inTrouble, shutdown, approvals, automaticFreezes, mode")
    .addHelpText("after", "\nExample:\n  npx tourniquet fleet status --agent procurement")
    .action(({ json, agent, limit, ...said }: StatusOptions) => {
      const after = readCursor(said.after);
      return withoutSettings(async (services) => {
        const [status, page] = await Promise.all([
          fleetStatus(services),
          fleetAgents(services, { agent, limit, after }),
        ]);
        // Whoever is held spends nothing, and would stand on the last page.
        const inTrouble = status.agents.filter(({ incident }) => incident !== null);
        const told = { ...status, agents: page.rows, next: page.next, inTrouble };
        console.log(json ? JSON.stringify(told) : statusText(visibly(told)));
      }, "agents that the settings alone name, and what fleet says");
    });
  order(group, "shutdown", "freeze the spending of every agent; also the answer to a shutdown that waits", {
    action: "shutDownFleet",
    example: '--by ada --reason "shared wallet is being drained"',
    needsSettings: () => true,
    act: async (services, given) => {
      const shutdown = await shutDown(services, given, { isAutomatic: false });
      const agents = [...shutdown.agents.keys()];
      const notReached = await outOfReach(services, shutdown.agents);
      return {
        json: { id: shutdown.id, agents, notReached },
        text: shutdownText(shutdown.id, visibly(agents), visibly(notReached)),
        isWhole: notReached.length === 0,
      };
    },
  });
  order(group, "resume", "take a shutdown back: stand down what it alone froze, leave what has trouble of its own", {
    action: "resumeFleet",
    example: '--by ada --reason "wallet is safe again"',
    needsSettings: () => false,
    act: async (services, given) => {
      const resumed = await resumeFleet(services, given);
      const { released, untouched, left } = visibly(resumed);
      const lines = [
        [
          `releasing ${released.length === 1 ? "1 agent" : `${released.length} agents`}`,
          ...(released.length > 0 ? [released.join(", ")] : []),
        ].join(": "),
        ...(untouched.length > 0 ? [`not frozen by it, or over already: ${untouched.join(", ")}`] : []),
        ...left.map(({ agentId, why }) => `left ${agentId}: ${why}`),
      ];
      return { json: resumed, text: lines.join("\n") };
    },
  });
  order(group, "approve [id]", "say yes to what waits, freezes beyond the cap or a shutdown: one question, or all", {
    action: "approveFreezes",
    example: 'freezes-cas-3 --by ada --reason "same fault in all of them"',
    // Any other may be the question of a shutdown.
    needsSettings: (id) => !id?.startsWith("freezes-"),
    act: async (services, given, id) => {
      const approved = await approve(services, given, id);
      const { agents, notReached } = visibly(approved);
      const text = [`freezing ${agents.join(", ")}`, ...leftAlone(notReached)].join("\n");
      return { json: approved, text, isWhole: notReached.length === 0 };
    },
  });
  order(group, "decline [id]", "say no to what waits: one question, or all", {
    action: "declineFreezes",
    example: 'shutdown --by ada --reason "one agent only"',
    needsSettings: () => false,
    act: async (services, given, id) => {
      const { declined } = await decline(services, given, id);
      return { json: { declined }, text: `declined ${declined.join(", ")}` };
    },
  });
}

interface Told {
  /** What the API calls it. */
  action: string;
  example: string;
  /** The settings name the agents that it is about; false for an answer to what is asked or in force already. */
  needsSettings(id: string | undefined): boolean;
  /** isWhole: false where it did not come to all whom it means: status 1. */
  act(
    services: Services,
    order: Order,
    id: string | undefined,
  ): Promise<{ json: object; text: string; isWhole?: boolean }>;
}

/** Who decides and why belongs to each of them. */
function order(group: Command, name: string, description: string, { action, example, needsSettings, act }: Told): void {
  group
    .command(name)
    .description(description)
    .requiredOption("--by <name>", "who decides")
    .requiredOption("--reason <text>", "why")
    .option("--json", "one JSON object")
    .addHelpText("after", `\nExample:\n  npx tourniquet fleet ${name.split(" ")[0]} ${example}`)
    .action((...given: unknown[]) => {
      const [id, options] = (name.includes("[") ? given : [undefined, given[0]]) as [string | undefined, Order];
      const open = needsSettings(id) ? withServices : withoutSettings;
      return open(async (services) => {
        const { by, reason } = options;
        const change = { action, target: id, by, fields: { reason } };
        const { json, text, isWhole = true } = await ordered(services, change, () => act(services, options, id));
        console.log(options.json ? JSON.stringify(json) : text);
        if (!isWhole) process.exitCode = 1;
      });
    });
}

function upToFiveHundred(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 500)
    throw new InvalidArgumentError("must be a whole number from 1 to 500");
  return limit;
}
