import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { startProgress } from "../../../src/cli/progress.ts";

/** What is written to a stream that is a terminal, or is none. */
function stream(isTerminal: boolean) {
  const to = Object.assign(new PassThrough(), { isTTY: isTerminal, columns: 40 });
  return { to: to as unknown as NodeJS.WriteStream, written: () => String(to.read() ?? "") };
}

describe("how far a command is", () => {
  it("is plain lines where there is no terminal, not too many of them", () => {
    const { to, written } = stream(false);
    const progress = startProgress(to, 0);
    progress.say("1 of 3");
    progress.say("2 of 3");
    progress.end();
    expect(written()).toBe("1 of 3\n");
  });

  it("is not worth a line before its time", () => {
    const { to, written } = stream(false);
    const progress = startProgress(to);
    progress.say("1 of 3");
    progress.end();
    expect(written()).toBe("");
  });
});
