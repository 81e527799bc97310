package com.selfology.client;

import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;

/**
 * Responses of one call as they come, once. Its methods throw {@link SelfologyException}. Close it when
 * leaving early; one that was read to its end is closed. For one thread.
 */
public final class Stream<R> implements Iterable<R>, Iterator<R>, AutoCloseable {
  private final Function<Context.CancellableContext, Iterator<R>> call;
  private final Function<SelfologyException, Boolean> again;
  private Context.CancellableContext context;
  private Iterator<R> responses;
  private boolean begun;
  private boolean closed;

  Stream(
      Function<Context.CancellableContext, Iterator<R>> call,
      Function<SelfologyException, Boolean> again) {
    this.call = call;
    this.again = again;
  }

  @Override
  public boolean hasNext() {
    while (!closed) {
      try {
        if (responses == null) {
          context = Context.current().withCancellation();
          responses = call.apply(context);
        }
        if (responses.hasNext()) {
          return true;
        }
        close();
      } catch (StatusRuntimeException failed) {
        SelfologyException error = SelfologyException.from(failed);
        end();
        if (begun || !again.apply(error)) {
          closed = true;
          throw error;
        }
      }
    }
    return false;
  }

  @Override
  public R next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    begun = true;
    return responses.next();
  }

  /** Itself: it can be read once. */
  @Override
  public Iterator<R> iterator() {
    return this;
  }

  /** Ends the call. */
  @Override
  public void close() {
    closed = true;
    end();
  }

  private void end() {
    if (context != null) {
      context.cancel(null);
    }
    context = null;
    responses = null;
  }
}
