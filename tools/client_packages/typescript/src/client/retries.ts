import { setTimeout } from "node:timers/promises";

/** What of Retries to change. */
export interface RetryOptions {
  /** How often a call is made in all, at least 1. */
  readonly attempts?: number;
  /** The limit of the first wait, in milliseconds. */
  readonly firstMs?: number;
  /** The limit of the longest wait, in milliseconds. */
  readonly longestMs?: number;
  /** For tests. */
  readonly sleep?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
  /** For tests: at least 0 and below 1. */
  readonly random?: () => number;
  /** For tests: milliseconds that only grow. */
  readonly clock?: () => number;
}

/**
 * How calls are made again that found the service unavailable.
 *
 * Waits between half of a limit and all of it, at random; the limit doubles with each try. A longer time that the
 * server asks for is kept. No wait outlasts the call's deadline: the error is thrown at once instead.
 */
export class Retries {
  readonly attempts: number;
  readonly sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
  readonly clock: () => number;
  private readonly firstMs: number;
  private readonly longestMs: number;
  private readonly random: () => number;

  constructor(options: RetryOptions = {}) {
    this.attempts = options.attempts ?? 5;
    this.firstMs = options.firstMs ?? 100;
    this.longestMs = options.longestMs ?? 2000;
    this.sleep = options.sleep ?? ((milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }));
    this.random = options.random ?? Math.random;
    this.clock = options.clock ?? (() => performance.now());
  }

  /** Milliseconds to wait after so many failures, at least 1; `asked`: what the server asks for. */
  waitMs(failures: number, asked: number | undefined): number {
    const limit = Math.min(this.longestMs, this.firstMs * 2 ** (failures - 1));
    return Math.max(limit * (0.5 + this.random() / 2), asked ?? 0);
  }
}
