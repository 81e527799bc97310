package com.selfology.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * How calls are made again that found the service unavailable.
 *
 * <p>Waits are between half of a limit and all of it, at random; the limit doubles with each try. A longer
 * time that the server asks for is kept. No wait outlasts the call's deadline: the exception is thrown at once instead.
 *
 * @param attempts how often a call is made in all, at least 1
 * @param first the limit of the first wait
 * @param longest the limit of the longest wait
 * @param sleep for tests: waits
 * @param random for tests: at least 0 and below 1
 * @param clock for tests: nanoseconds that only grow
 */
public record Retries(
    int attempts, Duration first, Duration longest, Sleep sleep, DoubleSupplier random, LongSupplier clock) {

  /** Up to 5 calls, waits of 0.1 s and up to 2 s. */
  public static final Retries DEFAULT =
      new Retries(
          5,
          Duration.ofMillis(100),
          Duration.ofSeconds(2),
          wait -> Thread.sleep(wait.toMillis()),
          () -> ThreadLocalRandom.current().nextDouble(),
          System::nanoTime);

  /** Waits. */
  @FunctionalInterface
  public interface Sleep {
    void sleep(Duration wait) throws InterruptedException;
  }

  /** How long to wait after so many failures, at least 1; `asked`: what the server asks for, or null. */
  public Duration waitAfter(int failures, Duration asked) {
    double limit = Math.min(longest.toNanos(), first.toNanos() * Math.pow(2, failures - 1));
    Duration wait = Duration.ofNanos(Math.round(limit * (0.5 + random.getAsDouble() / 2)));
    return asked != null && asked.compareTo(wait) > 0 ? asked : wait;
  }
}
