import { readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;

/**
 * CPU time a process has used, in milliseconds; null where the system has no /proc. Wall-clock rates move with whatever
 * else the machine does, CPU per request hardly does.
 */
export function cpuMs(pid: number): number | null {
  try {
    // The name, in brackets, may hold spaces: fields are counted from behind it; utime and stime are the 12th and 13th there.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
  } catch {
    return null; // no such system
  }
}
