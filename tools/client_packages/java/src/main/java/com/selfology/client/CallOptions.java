package com.selfology.client;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Of one call.
 *
 * @param timeout how long it may take, repeats included; null: the contract's
 * @param headers go along, names in lower case
 */
public record CallOptions(Duration timeout, Map<String, String> headers) {
  /** The contract's own terms. */
  public static final CallOptions DEFAULT = new CallOptions(null, Map.of());

  /** The same with this time-out. */
  public CallOptions withTimeout(Duration timeout) {
    return new CallOptions(timeout, headers);
  }

  /** The same with this header. */
  public CallOptions withHeader(String name, String value) {
    Map<String, String> more = new HashMap<>(headers);
    more.put(name, value);
    return new CallOptions(timeout, Map.copyOf(more));
  }
}
