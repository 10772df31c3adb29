/** Throws BootstrapError, with a message for a person, where there is none and none can be installed. */
export function ensureChromium(options?: {
  env?: Readonly<Record<string, string | undefined>>;
  applications?: readonly string[];
}): string;
