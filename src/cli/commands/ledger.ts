import { readFileSync, writeFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import { TourniquetError } from "../../errors.ts";
import { visibly } from "../../incident/visible.ts";
import { type Anchor, timeOf } from "../../learn/ledger/bad-part.ts";
import { anchorOf } from "../../learn/ledger/checkpoint.ts";
import { exportLedger } from "../../learn/ledger/export.ts";
import { readPublicKeys } from "../../learn/ledger/signing.ts";
import { type Verdict, verifyLedger } from "../../learn/ledger/verify.ts";
import { EXIT } from "../../process.ts";
import { incidentId } from "../incident-id.ts";
import { withoutSettings } from "../with-services.ts";

export function ledger(program: Command): void {
  const group = program
    .command("ledger")
    .description("an incident's record of what was decided and done: export, verify");
  group
    .command("export <id>")
    .description("one file with every entry, signature and attachment; the anchor goes to standard error")
    .option("--out <file>", "write it there; left out: to standard output")
    .option("--json", "the same: the export is JSON")
    .addHelpText("after", "\nExample:\n  npx tourniquet ledger export inc-0-3f2a9c117d10-1 --out ledger.json")
    .action((id: string, { out }: { out?: string }) =>
      withoutSettings(async (services) => {
        const text = await exportLedger(services, incidentId(id));
        const last = await services.ledgers.lastCheckpoint(id);
        if (out === undefined) process.stdout.write(text);
        else write(out, text);
        process.stderr.write(
          `${last ? `anchor ${anchorOf(last)}` : "no checkpoint yet"}${out ? `, ${out} written` : ""}\n`,
        );
      }),
    );
  group
    .command("verify <file>")
    .description("recompute an exported ledger; needs no Redis, no configuration and no network")
    .option("--key <public.pem>", "whose signatures count, once or more; left out: the keys inside the file", collect)
    .option("--anchor <seq:hash>", "what a log line ledger.checkpoint said, once or more", collectAnchor)
    .option("--json", "one JSON object")
    .addHelpText(
      "after",
      "\nExit status: 0 whole, 1 changed, 2 nothing was verified: no ledger, or the command is wrong.\n\nExample:\n  npx tourniquet ledger verify ledger.json --key signer.pem --anchor 57:9f86d081884c7d65-9a2feaa0c55ad015-a3bf4f1b2b0b822c-d15d6c15b0f00a08",
    )
    .action((file: string, options: { key?: string[]; anchor?: Anchor[]; json?: boolean }) => {
      const keys = keysOf(options.key);
      if (keys === null) return;
      const text = read(file);
      const verdict: Verdict =
        text === null
          ? { verdict: "no-ledger", why: "it cannot be read" }
          : verifyLedger(text, { anchors: options.anchor ?? [], ...(keys && { keys }) });
      console.log(options.json ? JSON.stringify(verdict) : verdictLines(file, visibly(verdict)));
      process.exitCode = { whole: 0, changed: 1, "no-ledger": EXIT.wrong }[verdict.verdict];
    });
}

/** Undefined where none is named; null where one cannot be used, and that was said. */
function keysOf(files: readonly string[] | undefined): string[] | undefined | null {
  try {
    return files?.map(readKey);
  } catch (error) {
    if (!(error instanceof TourniquetError) || error.code !== "input-invalid") throw error;
    process.stderr.write(`tourniquet: ${error.message}\n`);
    process.exitCode = EXIT.wrong;
    return null;
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new TourniquetError("input-invalid", `${file} cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** The PEM text, once it is known to hold public keys. */
function readKey(file: string): string {
  const text = read(file);
  if (text === null)
    throw new TourniquetError("input-invalid", `${file} cannot be read: --key names a public key in PEM`);
  try {
    readPublicKeys(text);
  } catch {
    throw new TourniquetError("input-invalid", `${file} holds no Ed25519 public key in PEM`);
  }
  return text;
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

function collectAnchor(text: string, before: Anchor[] = []): Anchor[] {
  const [, seq, hash] = /^([1-9]\d{0,8}):([0-9a-fA-F-]+)$/.exec(text) ?? [];
  const digits = hash?.replaceAll("-", "").toLowerCase();
  if (digits?.length !== 64)
    throw new InvalidArgumentError("must be SEQ:HASH, as the log line ledger.checkpoint says it");
  return [...before, { seq: Number(seq), hash: digits }];
}

function verdictLines(file: string, verdict: Verdict): string {
  if (verdict.verdict === "no-ledger") return `NO LEDGER ${file}: ${verdict.why}`;
  const { incident, entries, checkpoints, exportedAt, head, keyIds, keysFrom, problems } = verdict;
  const first = verdict.verdict === "whole" ? `WHOLE   ${file}` : `CHANGED ${file}`;
  const at = exportedAt === null ? "" : `, exported ${timeOf(exportedAt)}`;
  return [
    first,
    ...problems.map((problem) => `        ! ${problem}`),
    `        ${incident}: ${entries} entries, ${checkpoints} checkpoints${at}`,
    `        ends with ${head}`,
    ...keyIds.map((keyId) => `        signed by ${keyId}`),
    ...(keysFrom === "file"
      ? [
          "        - signatures were checked against the key inside the file: whoever wrote it could have made that key.",
          "          Compare the fingerprint with one you have from elsewhere, or give --key.",
        ]
      : []),
  ].join("\n");
}
