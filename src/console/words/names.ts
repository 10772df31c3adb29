/** "runaway-spending" as people write it: "runaway spending". */
export function spoken(name: string): string {
  return name.replaceAll("-", " ");
}

/** "1 agent", "3 agents"; where the plural is no plain s, say it. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** "a", "a and b", "a, b and 4 more". */
export function listed(names: readonly string[], most = 3): string {
  if (names.length <= 1) return names[0] ?? "nobody";
  if (names.length <= most) return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  return `${names.slice(0, most - 1).join(", ")} and ${names.length - most + 1} more`;
}
