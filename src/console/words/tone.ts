/** danger: money runs out now. warn: a person is needed. hold: stopped and held. progress: on its way back. ok: over, well. quiet: no need to look. */
export type Tone = "danger" | "warn" | "hold" | "progress" | "ok" | "quiet";
