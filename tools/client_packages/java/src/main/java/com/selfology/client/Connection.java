package com.selfology.client;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/** Calls go over it. Thread safe; close it. */
public final class Connection implements AutoCloseable {
  private final ManagedChannel channel;
  private final Supplier<String> token;
  private final Retries retries;

  private Connection(Builder builder) {
    this.channel = Grpc.newChannelBuilder(builder.address, builder.credentials).build();
    this.token = builder.token;
    this.retries = builder.retries;
  }

  /** Begins a connection to "host:port". */
  public static Builder to(String address) {
    return new Builder(address);
  }

  /** What a connection is made of. */
  public static final class Builder {
    private final String address;
    private ChannelCredentials credentials = InsecureChannelCredentials.create();
    private Supplier<String> token;
    private Retries retries = Retries.DEFAULT;

    private Builder(String address) {
      this.address = address;
    }

    /** Encrypts. Without, nothing does: for one machine only, or where the network does it. */
    public Builder credentials(ChannelCredentials credentials) {
      this.credentials = credentials;
      return this;
    }

    /** Goes along as "authorization: Bearer ..."; asked before each try, so that it may be renewed. */
    public Builder token(Supplier<String> token) {
      this.token = token;
      return this;
    }

    /** How calls are made again. */
    public Builder retries(Retries retries) {
      this.retries = retries;
      return this;
    }

    /** The connection. It connects with the first call. */
    public Connection build() {
      return new Connection(this);
    }
  }

  /** Ends calls under way. */
  @Override
  public void close() {
    channel.shutdownNow();
  }

  /** Makes a call, more than once if it may be and must. Throws {@link SelfologyException}. */
  public <Q extends Message, R extends Message> R call(Method<Q, R> method, Q request, CallOptions options) {
    Q keyed = withKey(method, request);
    Tries tries = new Tries(method, options);
    while (true) {
      try {
        return ClientCalls.blockingUnaryCall(authorized(options), method.descriptor(), tries.options(), keyed);
      } catch (StatusRuntimeException failed) {
        SelfologyException error = SelfologyException.from(failed);
        if (!tries.again(error)) {
          throw error;
        }
      }
    }
  }

  /** Makes a call whose responses come one by one. It is made again only while none has come. */
  public <Q extends Message, R extends Message> Stream<R> stream(
      Method<Q, R> method, Q request, CallOptions options) {
    Q keyed = withKey(method, request);
    Tries tries = new Tries(method, options);
    return new Stream<>(
        context -> {
          Context before = context.attach();
          try {
            return ClientCalls.blockingServerStreamingCall(
                authorized(options), method.descriptor(), tries.options(), keyed);
          } finally {
            context.detach(before);
          }
        },
        tries::again);
  }

  /** Every item of all pages from `request` on, each page being a call. The time-out is that of each page. */
  public <Q extends Message, R extends Message, T> Iterable<T> pages(
      Method<Q, R> method, Q request, CallOptions options, Function<R, List<T>> items) {
    return () ->
        new Iterator<T>() {
          private Q page = request;
          private Iterator<T> left = List.<T>of().iterator();

          @Override
          public boolean hasNext() {
            while (!left.hasNext() && page != null) {
              R response = call(method, page, options);
              left = items.apply(response).iterator();
              String token = (String) response.getField(field(response, "next_page_token"));
              page = token.isEmpty() ? null : with(page, "page_token", token);
            }
            return left.hasNext();
          }

          @Override
          public T next() {
            if (!hasNext()) {
              throw new NoSuchElementException();
            }
            return left.next();
          }
        };
  }

  private Channel authorized(CallOptions options) {
    Metadata headers = new Metadata();
    options.headers().forEach((name, value) -> headers.put(key(name), value));
    if (token != null) {
      headers.put(key("authorization"), "Bearer " + token.get());
    }
    return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** The request with an idempotency key: all tries of a call have the same. */
  private static <Q extends Message> Q withKey(Method<Q, ?> method, Q request) {
    if (!method.hasKey() || !request.getField(field(request, "idempotency_key")).equals("")) {
      return request;
    }
    return with(request, "idempotency_key", UUID.randomUUID().toString());
  }

  private static FieldDescriptor field(Message message, String name) {
    return message.getDescriptorForType().findFieldByName(name);
  }

  // A builder's message is of the type of the message that it was made from.
  @SuppressWarnings("unchecked")
  private static <Q extends Message> Q with(Q message, String field, String value) {
    return (Q) message.toBuilder().setField(field(message, field), value).build();
  }

  /** The tries of one call, within its deadline. */
  private final class Tries {
    private final boolean repeatable;
    // Null: none.
    private final Duration timeout;
    private final long begun = retries.clock().getAsLong();
    private int failures;

    Tries(Method<?, ?> method, CallOptions options) {
      this.repeatable = method.repeatable();
      this.timeout = options.timeout() != null ? options.timeout() : method.timeout();
    }

    private Duration left() {
      return timeout.minusNanos(retries.clock().getAsLong() - begun);
    }

    /** For the next try. */
    io.grpc.CallOptions options() {
      return timeout == null
          ? io.grpc.CallOptions.DEFAULT
          : io.grpc.CallOptions.DEFAULT.withDeadlineAfter(left().toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Waits for the next try; false if there is none. */
    boolean again(SelfologyException error) {
      failures++;
      if (!repeatable || error.code() != Status.Code.UNAVAILABLE || failures >= retries.attempts()) {
        return false;
      }
      Duration wait = retries.waitAfter(failures, error.retryAfter());
      if (timeout != null && left().compareTo(wait) <= 0) {
        return false;
      }
      try {
        retries.sleep().sleep(wait);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return false;
      }
      return true;
    }
  }
}
