/** Which try of which job this is. */
export interface Attempt {
  jobId: string;
  /** Counts from 1. */
  number: number;
  /** After this one the queue tries no more. */
  isLast: boolean;
}
