import type { Command } from "commander";
import { approve, decline } from "../../contain/approvals.ts";
import { outOfReach, shutDown } from "../../contain/fleet.ts";
import { type FleetStatus, fleetStatus } from "../../contain/fleet-status.ts";
import { visibly } from "../../incident/visible.ts";
import { resumeFleet } from "../../recover/resume-fleet.ts";
import type { Services } from "../../services.ts";
import { ordered } from "../ordered.ts";
import { textTable } from "../text-table.ts";
import { withoutSettings, withServices } from "../with-services.ts";

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
      "every agent and what holds it back (frozen, halved, restricted), what waits for approval, what automation froze in the last hour",
    )
    .option("--json", "one JSON object")
    .addHelpText("after", "\nExample:\n  npx tourniquet fleet status")
    .action((options: { json?: boolean }) =>
      withoutSettings(async (services) => {
        const status = await fleetStatus(services);
        console.log(options.json ? JSON.stringify(status) : statusText(visibly(status)));
      }, "agents without an open incident, and what fleet says"),
    );
  order(group, "shutdown", "freeze the spending of every agent; also the answer to a shutdown that waits", {
    example: '--by ada --reason "shared wallet is being drained"',
    needsSettings: () => true,
    act: async (services, given) => {
      const shutdown = await shutDown(services, given, { isAutomatic: false });
      const agents = [...shutdown.agents.keys()];
      const notReached = await outOfReach(services, shutdown.agents);
      return {
        json: { id: shutdown.id, agents, notReached },
        text: shutdownText(shutdown.id, visibly(agents), visibly(notReached)),
      };
    },
  });
  order(group, "resume", "take a shutdown back: stand down what it alone froze, leave what has trouble of its own", {
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
    example: 'freezes-cas-3 --by ada --reason "same fault in all of them"',
    // Any other may be the question of a shutdown.
    needsSettings: (id) => !id?.startsWith("freezes-"),
    act: async (services, given, id) => {
      const approved = await approve(services, given, id);
      const { agents, notReached } = visibly(approved);
      return { json: approved, text: [`freezing ${agents.join(", ")}`, ...leftAlone(notReached)].join("\n") };
    },
  });
  order(group, "decline [id]", "say no to what waits: one question, or all", {
    example: 'shutdown --by ada --reason "one agent only"',
    needsSettings: () => false,
    act: async (services, given, id) => {
      const { declined } = await decline(services, given, id);
      return { json: { declined }, text: `declined ${declined.join(", ")}` };
    },
  });
}

function shutdownText(id: string, agents: readonly string[], notReached: readonly string[]): string {
  const count = agents.length === 1 ? "1 agent" : `${agents.length} agents`;
  return [
    agents.length === 0
      ? `${id}: freezing nobody, the settings name no agent and none has an open incident`
      : `${id}: freezing ${count}: ${agents.join(", ")}`,
    ...leftAlone(notReached),
  ].join("\n");
}

/** As many as a person reads; the number says how many there are. */
const MOST_NAMED = 100;

/** Known agents that a shutdown does not freeze. */
function leftAlone(agents: readonly string[]): string[] {
  if (agents.length === 0) return [];
  const count = agents.length === 1 ? "1 agent" : `${agents.length} agents`;
  const named = agents.slice(0, MOST_NAMED).join(", ");
  const more = agents.length > MOST_NAMED ? ` and ${agents.length - MOST_NAMED} more (--json names all)` : "";
  return [
    `not reached, since no settings name them: ${count}: ${named}${more} (npx tourniquet contain <agent> freezes one)`,
  ];
}

interface Told {
  example: string;
  /** The settings name the agents that it is about; false for an answer to what is asked or in force already. */
  needsSettings(id: string | undefined): boolean;
  act(services: Services, order: Order, id: string | undefined): Promise<{ json: object; text: string }>;
}

/** Who decides and why belongs to each of them. */
function order(group: Command, name: string, description: string, { example, needsSettings, act }: Told): void {
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
        const change = { action: `${name.split(" ")[0]}Fleet`, target: id, by, fields: { reason } };
        const { json, text } = await ordered(services, change, () => act(services, options, id));
        console.log(options.json ? JSON.stringify(json) : text);
      });
    });
}

function statusText(status: FleetStatus): string {
  const rows = status.agents.map(({ agentId, wallet, held, incident, recoveringPercent }) => [
    agentId,
    wallet ?? "",
    recoveringPercent === null ? (held ?? "") : `${recoveringPercent} %`,
    incident ? `${incident.id} ${incident.priority} ${incident.status}` : "",
  ]);
  const { lastHour, limit } = status.automaticFreezes;
  return [
    rows.length === 0
      ? "no agents: the settings name none, and none has an open incident"
      : textTable([["AGENT", "WALLET", "", "INCIDENT"], ...rows]),
    `frozen by automation in the last hour: ${lastHour}, of which at most ${limit} without a critical signal of their own`,
    status.shutdown
      ? `shut down: ${status.shutdown.id} by ${status.shutdown.by} at ${status.shutdown.at}, ${status.shutdown.reason}`
      : "no shutdown in force",
    ...status.approvals.flatMap(({ id, what, agents }) => [
      [`waits for you: ${id}: ${what}`, ...(agents.length > 0 ? [`(${agents.join(", ")})`] : [])].join(" "),
      `  yes or no: npx tourniquet fleet approve ${id}, or decline ${id}, with --by NAME --reason TEXT`,
    ]),
  ].join("\n");
}
