/** What a look at Redis found, after a write that had to succeed; of a Cluster, what is worst of any master. maxBytes 0: unlimited. */
export interface RedisState {
  usedBytes: number;
  maxBytes: number;
  aofEnabled: boolean;
  aofLastWriteOk: boolean;
  /** Ours must be `noeviction`: anything else may drop an event that was answered 202. */
  evictionPolicy: string;
  /** How many fewer replicas are in step than an event must be on before it is answered 202. */
  missingReplicas: number;
  /** Whether that is more than none: then another machine has what this one's disk may lack. */
  waitsForReplicas: boolean;
}

/** Writes and reads back one key; throws TourniquetError redis-unavailable or redis-full. */
export type RedisProbe = () => Promise<RedisState>;
