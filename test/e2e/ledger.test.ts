import { expect, it } from "vitest";
import { exportLedger } from "../../src/learn/ledger/export.ts";
import { verifyLedger } from "../../src/learn/ledger/verify.ts";
import { openRequest } from "../redis/open-request.ts";
import { inProduct } from "../support/product.ts";
import { until } from "../support/until.ts";

const said = (output: string, what: string) =>
  output
    .split("\n")
    .filter((line) => line.includes(what))
    .map((line) => JSON.parse(line.slice(line.indexOf("{"))) as { anchor: string });

it("a ledger is signed by the next forensics worker where one was killed, and its log proves the file against Redis", () =>
  inProduct({}, async ({ services, startWorker }) => {
    const { incidentId } = await services.incidents.open(openRequest());
    const killed = await startWorker("forensics");
    await services.incidents.setStatus(incidentId, "containing", "contain", {});
    await services.incidents.setStatus(incidentId, "contained", "contain", {});
    await killed.kill();
    await services.incidents.setStatus(incidentId, "stood-down", "recover", { answer: "restored" });
    const worker = await startWorker("forensics");
    const isSigned = async () => (await services.ledgers.unsigned(0, 1)).length === 0;
    await until(isSigned, "the next worker to sign it");

    const last = await until(async () => said(worker.output(), "ledger.checkpoint").at(-1), "its line in the log");
    const [seq, hash] = last.anchor.split(":") as [string, string];
    const anchors = [{ seq: Number(seq), hash: hash.replaceAll("-", "") }];
    const text = await exportLedger(services, incidentId);
    expect(verifyLedger(text, { anchors })).toMatchObject({ verdict: "whole", entries: 4 });
    expect(said(worker.output(), "ledger.key-in-redis")).toHaveLength(1);
    expect(worker.output() + killed.output()).not.toContain("PRIVATE");
  }));
