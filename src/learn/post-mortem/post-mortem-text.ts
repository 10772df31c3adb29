import { dollars, lasting, utc } from "../../incident/plain-words.ts";
import type { PostMortem } from "../../incident/post-mortem.ts";
import { list } from "./in-words.ts";
import { bullets, plain, table } from "./markdown.ts";
import { rootCauseText } from "./root-cause-text.ts";

/** The post-mortem as Markdown, of the document alone. A section that has nothing to say says that, or is not there. */
export function renderPostMortem(document: PostMortem): string {
  const sections = [
    head(document),
    summary(document),
    impact(document),
    timeline(document),
    rootCauseText(document),
    effectiveness(document),
    affected(document),
    todo(document),
    changes(document),
    evidence(document),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function head({ title, isDraft, priority, incidentId, agentId, writtenAt, status }: PostMortem): string {
  return [
    `# ${isDraft ? "Draft: " : ""}${plain(title)}`,
    ...(isDraft
      ? [`> This is a draft. The incident is still open (${status}); everything below is as of ${utc(writtenAt)}.`]
      : []),
    `Incident ${plain(incidentId)}, agent ${plain(agentId)}, priority ${priority}.${isDraft ? "" : ` Written ${utc(writtenAt)}.`} All times are UTC.`,
  ].join("\n\n");
}

function summary({ summary: { happened, cost, prevented, left }, isDraft }: PostMortem): string {
  const part = (heading: string, lines: readonly string[]) => `**${heading}** ${lines.map(plain).join(" ")}`;
  return [
    "## Summary",
    part("What happened.", happened),
    part("What it cost.", cost),
    part("What was prevented.", prevented),
    isDraft ? `**What is left to do now.**\n\n${bullets(left)}` : part("What is left to do.", left),
  ].join("\n\n");
}

const money = (amount: string | null): string => (amount === null ? "not known" : dollars(amount));

/** Rows that say nothing where they are zero. */
const mayBeLeftOut: ReadonlySet<string> = new Set(["Still held", "Of that, fees of the gateway"]);

function impact({ impact: { prevented, ...figures } }: PostMortem): string {
  const names = {
    locked: "Locked",
    recovered: "Came back",
    lost: "Lost",
    stillHeld: "Still held",
    spent: "Paid out meanwhile",
    fees: "Of that, fees of the gateway",
  } as const;
  const rows = Object.entries(names).map(([key, name]) => {
    const { amount, why } = figures[key as keyof typeof names];
    return [name, money(amount), why];
  });
  const shown = rows.filter(([name, amount]) => amount !== "$0.00" || !mayBeLeftOut.has(name!));
  const { inputs } = prevented;
  const sum =
    inputs === null
      ? []
      : [
          "How the prevented loss is counted, to do the sum again:",
          bullets([
            `Committed: ${dollars(inputs.principal)} in ${inputs.payments} payments${inputs.payees === null ? "" : ` to ${list(inputs.payees)}`}, from ${exact(inputs.from)} to ${exact(inputs.until)}.`,
            `Counted over ${lasting(inputs.windowMs)} (${inputs.windowMs} ms): ${dollars(inputs.perMinute)} a minute.`,
            `Until a person came: ${lasting(inputs.humanMs)} (${inputs.humanMs} ms, ${basis[inputs.humanBasis]}).`,
            `${dollars(inputs.principal)} × ${inputs.humanMs} ms / ${inputs.windowMs} ms = ${dollars(inputs.trend)}, cut down to whole cents.`,
            inputs.available === null
              ? "What the wallet could still have paid is not known, so there is no upper bound."
              : `At most what the wallet could still have paid: ${dollars(inputs.available)}.`,
          ]),
        ];
  return [
    "## Impact",
    table(["What", "Amount", "Why"], [...shown, ["Prevented", money(prevented.amount), prevented.why]]),
    ...sum,
    ...(prevented.assumptions.length === 0 ? [] : ["Assumptions:", bullets(prevented.assumptions)]),
  ].join("\n\n");
}

const basis = {
  acknowledged: "when the incident was acknowledged",
  acted: "when a person acted",
  assumed: "assumed",
} as const;
const exact = (at: string): string => at.replace("T", " ").replace("Z", "");

function timeline({ timeline: told }: PostMortem): string {
  const { durations, entries, leftOut } = told;
  const rows = entries.map(({ at, phase, text }) => [exact(at), phase, text]);
  const half = Math.ceil(rows.length / 2);
  const gap = leftOut > 0 ? [["", "", `${leftOut} entries are left out here.`]] : [];
  const phases = (["detect", "contain", "recover", "total"] as const).map((phase) => {
    const { ms, why } = durations[phase];
    return [phase, ms === null ? "none" : lasting(ms), why];
  });
  return [
    "## Timeline",
    table(
      ["Time (UTC)", "Phase", "What"],
      [...rows.slice(0, leftOut > 0 ? half : rows.length), ...gap, ...(leftOut > 0 ? rows.slice(half) : [])],
    ),
    "### How long it took",
    table(["Phase", "Duration", "What is counted"], phases),
    bullets([
      `Contained within 60 seconds of detection: ${verdicts[told.sixtySeconds.verdict]}. ${told.sixtySeconds.why}`,
      `Deadline of its priority${told.deadline.limitMs === null ? "" : ` (${lasting(told.deadline.limitMs)})`}: ${verdicts[told.deadline.verdict]}. ${told.deadline.why}`,
    ]),
  ].join("\n\n");
}

const verdicts = { kept: "yes", missed: "no", open: "not yet", "not-judged": "does not apply" } as const;

function effectiveness({ effectiveness: { detection, containment } }: PostMortem): string {
  return [
    "## How well it went",
    "Detection:",
    bullets(detection.text),
    "Containment:",
    bullets(containment.text),
    ...(containment.failures.length === 0
      ? []
      : [
          table(
            ["What failed", "Times", "What it said last"],
            containment.failures.map(({ step, times, last }) => [step, String(times), last]),
          ),
        ]),
  ].join("\n\n");
}

function affected({ affected: found }: PostMortem): string {
  const part = (heading: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`${heading}:`, bullets(lines)];
  const more = found.counterpartiesLeftOut;
  const lines = [
    ...part("Agents", found.agents),
    ...part("Data", found.data),
    ...part("Tools", found.tools),
    ...part("Systems", found.systems),
    ...(found.counterparties.length === 0
      ? []
      : [
          table(
            ["Counterparty", "Escrows", "Locked", "Came back", "Lost"],
            found.counterparties.map((one) => [
              one.payee,
              String(one.escrows),
              ...[one.locked, one.recovered, one.lost].map(money),
            ]),
          ),
        ]),
    ...(more > 0 ? [`And ${more} counterparties more.`] : []),
  ];
  return ["## What was affected", ...lines].join("\n\n");
}

const besidesNow = "Recommended once the agent is safe:";
const besidesFalseAlarm = "Had it been no false alarm, this would be recommended besides:";

function todo({ actionItems, recommendations, isDraft }: PostMortem): string {
  const asked = new Set(actionItems.map(({ what }) => what));
  const isOrdered = recommendations.every(({ signal }) => signal === "fleet-shutdown");
  const rest = recommendations.flatMap(({ actions }) => actions).filter((action) => !isOrdered && !asked.has(action));
  return [
    "## What is to be done",
    table(
      ["What", "Owner", "Until", "Why"],
      actionItems.map(({ what, owner, due, why }) => [what, owner, utc(due), why]),
    ),
    ...(rest.length === 0 ? [] : [isDraft ? besidesNow : besidesFalseAlarm, bullets(rest)]),
  ].join("\n\n");
}

function changes({ changes: made }: PostMortem): string {
  return made.length === 0 ? "" : `## What changes\n\n${bullets(made)}`;
}

function evidence({ evidence: { parts, unknown }, incidentId }: PostMortem): string {
  return [
    "## Evidence",
    parts.length === 0
      ? "No evidence was kept."
      : `Kept in ${list(parts.map(plain))}: \`npx tourniquet incidents evidence ${incidentId}\` shows it.`,
    ...(unknown.length === 0 ? [] : [`Nobody could tell: ${list(unknown)}.`]),
  ].join("\n\n");
}
