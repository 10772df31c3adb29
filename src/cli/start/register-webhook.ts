import { TourniquetError } from "../../errors.ts";
import { type RegistrationPorts, register } from "../../greenhelix/registration.ts";

/** `register` for a product that has just come up: whatever is not proved ends the start. Answers a sentence. */
export async function registerWebhook(ports: RegistrationPorts, url: string, secret: string): Promise<string> {
  const { problems, proofs } = await register(ports, { url, secret });
  if (problems.length > 0)
    throw new TourniquetError("gateway-refused", `our webhook is not proved: ${problems.join("; ")}`);
  const slowestMs = Math.max(...proofs.map(({ verifiedMs }) => verifiedMs ?? 0));
  return `${url} registered, test ping received and verified in ${slowestMs} ms`;
}
