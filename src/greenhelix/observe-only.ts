import { TourniquetError } from "../errors.ts";
import type { Gateway, Outcome } from "../incident/gateway.ts";

/**
 * The belt of observe-only mode (P5): whatever a flow tries, no write that touches an agent leaves this process. Asked for every
 * call, since the mode can be changed while it runs. Registering and testing our own webhook goes through: without it there
 * would be nothing to observe.
 */
export function observeOnly(gateway: Gateway, isObserving: () => boolean): Gateway {
  const unless = async <T>(write: () => Promise<Outcome<T>>): Promise<Outcome<T>> =>
    isObserving() ? { outcome: "not-done", error: new TourniquetError("conflict", "observe-only mode") } : write();
  return {
    ...gateway,
    get dialect() {
      return gateway.dialect;
    },
    setBudget: (...call) => unless(() => gateway.setBudget(...call)),
    setWalletFrozen: (...call) => unless(() => gateway.setWalletFrozen(...call)),
    cancelEscrow: (...call) => unless(() => gateway.cancelEscrow(...call)),
    submitMetrics: (...call) => unless(() => gateway.submitMetrics(...call)),
    rateService: (...call) => unless(() => gateway.rateService(...call)),
    publishEvent: (...call) => unless(() => gateway.publishEvent(...call)),
  };
}
