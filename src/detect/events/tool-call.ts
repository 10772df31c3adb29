import { Buffer } from "node:buffer";
import type { GatewayEvent } from "../../incident/event.ts";
import type { Signal } from "../../incident/signal.ts";
import { signalId } from "../../incident/signal-id.ts";
import type { Thresholds } from "../../settings/thresholds.ts";
import { readActor } from "./agent.ts";
import { type Envelope, isObject } from "./envelope.ts";
import type { EventType, Reading } from "./event-type.ts";
import { type Found, find, findIn, missing } from "./fields.ts";
import { excessOf, telemetryLimits } from "./json-guard.ts";
import type { Mistake } from "./mistake.ts";

/** One call of a tool by an agent. Alone it can prove one thing: that it carries too much out (D11). */
export const toolCall: EventType = { names: ["tool_call"], follows: "correlate", read, judge };

/** No half of a character either: it could not be written down. */
const TOOL = /^[^\p{Cc}\p{Cs}]{1,200}$/u;

function read(envelope: Envelope): Reading {
  const mistakes: Mistake[] = [];
  const agentId = readActor(envelope, mistakes);
  const tool = readTool(envelope, mistakes);
  const bodyBytes = readBodyBytes(envelope, mistakes);
  if (mistakes.length > 0 || tool === null) return { ok: false, mistakes };
  return { ok: true, agentId, facts: { kind: "tool-call", tool, bodyBytes } };
}

function readTool(envelope: Envelope, mistakes: Mistake[]): string | null {
  const found = find(envelope, ["tool_name", "tool", "name"]);
  if (found === null) mistakes.push(missing(envelope, "tool_name", "must name the tool that was called"));
  if (found === null) return null;
  if (typeof found.value === "string" && TOOL.test(found.value)) return found.value;
  mistakes.push({ field: found.path, problem: "must be a text of 1 to 200 printable characters" });
  return null;
}

/**
 * The larger of what the sender counts (`body_bytes`, where it does not send the content) and of what it sends. Nothing of
 * the content goes further than this function.
 */
function readBodyBytes(envelope: Envelope, mistakes: Mistake[]): number {
  const found = find(envelope, ["parameters", "params", "input", "arguments"]);
  const parameters = asObject(found?.value);
  const counted = find(envelope, ["body_bytes"]) ?? findIn(parameters, ["body_bytes"], `${found?.path}.`);
  // Parameters that are no object are what is sent.
  const sent = parameters === null ? found?.value : parameters.body;
  return Math.max(readCount(counted, mistakes), bytesOf(sent));
}

/** Some senders give the parameters as JSON text, as they had them from the model. */
function asObject(value: unknown): Readonly<Record<string, unknown>> | null {
  if (isObject(value)) return value;
  if (typeof value !== "string" || !value.trimStart().startsWith("{")) return null;
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) && excessOf(parsed, telemetryLimits) === null ? parsed : null;
  } catch {
    // It only looked like JSON: a plain text, which counts as such.
    return null;
  }
}

function readCount(found: Found | null, mistakes: Mistake[]): number {
  if (found === null) return 0;
  if (Number.isSafeInteger(found.value) && (found.value as number) >= 0) return found.value as number;
  mistakes.push({ field: found.path, problem: "must be a whole number of bytes, 0 or more" });
  return 0;
}

function bytesOf(value: unknown): number {
  if (value === undefined || value === null) return 0;
  return Buffer.byteLength(typeof value === "string" ? value : JSON.stringify(value), "utf8");
}

/** D11: a tool that reaches the outside, with more than so many bytes in one call. */
function judge({ id, agentId, occurredAt, facts }: GatewayEvent, thresholds: Thresholds): readonly Signal[] {
  const { tools, bodyBytes: limit } = thresholds.dataExfiltration;
  if (facts.kind !== "tool-call" || agentId === null) return [];
  if (!tools.includes(facts.tool) || facts.bodyBytes <= limit) return [];
  return [
    {
      id: signalId("data-exfiltration", agentId, id),
      kind: "data-exfiltration",
      severity: "critical",
      agentId,
      occurredAt,
      suspectPayee: null,
      why: {
        rule: "data-exfiltration",
        ruleVersion: 1,
        sentence: `${agentId} sent ${facts.bodyBytes} bytes out with one call of ${facts.tool}; the threshold is ${limit} bytes.`,
        thresholds: { bodyBytes: limit },
        observed: { tool: facts.tool, bodyBytes: facts.bodyBytes },
        baseline: null,
        events: [id],
      },
    },
  ];
}
