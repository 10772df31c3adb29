import { type Command, Option } from "commander";
import { loadConfig } from "../../config.ts";
import { TourniquetError } from "../../errors.ts";
import { type Channel, channels } from "../../incident/escalation.ts";
import { createLog } from "../../log.ts";
import { openNotifiers } from "../../notify/notifiers/index.ts";
import { type TestResult, testNotifiers } from "../../notify/test-page.ts";
import { withProgress } from "../progress.ts";
import { runningEnvironment } from "../running.ts";
import { textTable } from "../text-table.ts";

export function notify(program: Command): void {
  program
    .command("notify")
    .description("how people are told: docs/notifications.md")
    .command("test")
    .description("sends a page that says it is a test to each configured channel; needs no Redis")
    .addOption(new Option("--channel <name>", "this one alone").choices(channels))
    .option("--json", "one JSON array: channel, isTold, and answerId or error")
    .addHelpText(
      "after",
      "\nStatus 1 if a channel could not be told, or there is none. On PagerDuty it opens an alert; resolve it there.\nExample:\n  npx tourniquet notify test --channel slack",
    )
    .action(async ({ channel, json }: { channel?: Channel; json?: boolean }) => {
      const results = await withProgress("telling people that this is a test", () => test(channel));
      console.log(json ? JSON.stringify(results) : lines(results));
      if (results.length === 0 || results.some(({ isTold }) => !isTold)) process.exitCode = 1;
    });
}

async function test(only: Channel | undefined): Promise<TestResult[]> {
  const { config, settings } = loadConfig(runningEnvironment());
  const notifiers = openNotifiers(config.channels, settings.notify, createLog("silent", "cli"));
  try {
    if (only !== undefined && !notifiers.configured.includes(only))
      throw new TourniquetError("input-invalid", `${only} is not configured: set ${variableOf[only]}`);
    const asked = only === undefined ? notifiers.configured : [only];
    return await testNotifiers(notifiers, asked, settings.notify.deadlineMs);
  } finally {
    await notifiers.close();
  }
}

const variableOf: Readonly<Record<Channel, string>> = {
  slack: "SLACK_WEBHOOK_URL",
  pagerduty: "PAGERDUTY_ROUTING_KEY",
  "pagerduty-secondary": "PAGERDUTY_SECONDARY_ROUTING_KEY",
  webhook: "NOTIFY_WEBHOOK_URL and NOTIFY_WEBHOOK_SECRET",
};

function lines(results: readonly TestResult[]): string {
  if (results.length === 0)
    return `no channel is configured: pages are only in the log. Set ${Object.values(variableOf).join(", or ")}`;
  return textTable([
    ["CHANNEL", "RESULT"],
    ...results.map((one) => [one.channel, one.isTold ? "told" : one.error.message]),
  ]);
}
