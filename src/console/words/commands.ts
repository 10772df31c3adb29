/** Sentences that also stand in a terminal name the command; on a page that has a button for it they need not. */
export function withoutCommands(text: string): string {
  return text.replace(/\s*\(npx tourniquet [^)]*\)/g, "").replace(/:\s*npx tourniquet [^.]*(\.?)$/, "$1");
}
