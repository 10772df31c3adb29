import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { TourniquetError } from "../../errors.ts";
import { visibleLines } from "../../incident/visible.ts";
import { draftPostMortem } from "../../learn/post-mortem/post-mortem.ts";
import { renderPostMortem } from "../../learn/post-mortem/post-mortem-text.ts";
import { incidentId, noIncident } from "../incident-id.ts";
import { withoutSettings } from "../with-services.ts";

export function postMortem(group: Command): void {
  group
    .command("post-mortem <id>")
    .description(
      "what happened, what it cost, what was prevented, what is left to do; a draft while the incident is open",
    )
    .option("--markdown", "to read (the default)")
    .option("--json", "one JSON object")
    .option("--out <file>", "write it there")
    .addHelpText(
      "after",
      "\nExample:\n  npx tourniquet incidents post-mortem inc-0-3f2a9c117d10-1 --out post-mortem.md",
    )
    .action((said: string, options: { markdown?: boolean; json?: boolean; out?: string }) => {
      if (options.markdown && options.json)
        throw new TourniquetError("input-invalid", "--markdown and --json: choose one of them");
      const id = incidentId(said);
      return withoutSettings(async (services) => {
        const document = (await services.postMortems.load(id)) ?? (await draftPostMortem(services, id));
        if (!document) throw noIncident(id);
        const text = options.json ? `${JSON.stringify(document, null, 2)}\n` : renderPostMortem(document);
        if (options.out === undefined) process.stdout.write(visibleLines(text));
        else write(options.out, text, document.isDraft);
      }, "what learn says, in a draft");
    });
}

function write(file: string, text: string, isDraft: boolean): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new TourniquetError(
      "input-invalid",
      `cannot write ${file}: ${error instanceof Error ? error.message : error}`,
    );
  }
  console.log(
    `${isDraft ? "draft of the post-mortem (the incident is still open)" : "post-mortem"} written to ${file}`,
  );
}
