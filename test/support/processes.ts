import { execFileSync } from "node:child_process";

/** Every process that descends from this one, itself not included, with the command line it was seen under. */
export function descendantsOf(pid: number): ReadonlyMap<number, string> {
  const table = list();
  const found = new Map<number, string>();
  const collect = (parent: number) => {
    for (const [child, row] of table) {
      if (row.parent !== parent || found.has(child)) continue;
      found.set(child, row.command);
      collect(child);
    }
  };
  collect(pid);
  return found;
}

/** Those of them that still run: same id and same command line. */
export function stillRunning(processes: ReadonlyMap<number, string>): string[] {
  const table = list();
  return [...processes].filter(([pid, command]) => table.get(pid)?.command === command).map(([, command]) => command);
}

function list(): Map<number, { parent: number; command: string }> {
  const text = execFileSync("ps", ["-A", "-o", "pid=,ppid=,state=,args="], { encoding: "utf8" });
  const rows = [...text.matchAll(/^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/gm)];
  return new Map(
    rows
      // A zombie has ended; its parent has only not asked yet.
      .filter(([, , , state]) => !state!.startsWith("Z"))
      .map(([, pid, parent, , command]) => [Number(pid), { parent: Number(parent), command: command! }]),
  );
}
