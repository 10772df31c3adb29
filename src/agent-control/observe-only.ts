import { TourniquetError } from "../errors.ts";
import type { AgentControl } from "../incident/agent-control.ts";
import type { Outcome } from "../incident/gateway.ts";

/** As greenhelix/observe-only.ts: in observe-only mode (P5) nothing is done to an agent, whatever a flow tries. */
export function observeOnlyControl<C extends AgentControl>(control: C, isObserving: () => boolean): C {
  const unless = async <T>(write: () => Promise<Outcome<T>>): Promise<Outcome<T>> =>
    isObserving() ? { outcome: "not-done", error: new TourniquetError("conflict", "observe-only mode") } : write();
  return {
    ...control,
    setTools: (...call) => unless(() => control.setTools(...call)),
    setIsolated: (...call) => unless(() => control.setIsolated(...call)),
    setPaused: (...call) => unless(() => control.setPaused(...call)),
    rotateCredentials: (...call) => unless(() => control.rotateCredentials(...call)),
  };
}
