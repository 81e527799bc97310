package com.selfology.client;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import java.time.Duration;

/**
 * What a contract says of a method. The clients have one for each, named as the method: SUBMIT_ANSWER.
 *
 * @param descriptor its name and types, as gRPC wants them
 * @param timeout how long a call without a time-out of its own may take, repeats included; null: as long as it takes
 * @param repeatable whether a call may be made again that failed with UNAVAILABLE
 * @param hasKey whether the request's idempotency_key, where empty, is filled
 * @param permission the permission that it needs; null: everybody may call it
 * @param subject the request's field that names the person; empty: none does
 * @param exported whether what it gives is part of a person's export
 */
public record Method<Q extends Message, R extends Message>(
    MethodDescriptor<Q, R> descriptor,
    Duration timeout,
    boolean repeatable,
    boolean hasKey,
    String permission,
    String subject,
    boolean exported) {

  /** The first part; `name` is "selfology.session.v1.SessionService/SubmitAnswer". */
  public static <Q extends Message, R extends Message> MethodDescriptor<Q, R> descriptor(
      String name, boolean streams, Q request, R response) {
    return MethodDescriptor.<Q, R>newBuilder()
        .setType(
            streams ? MethodDescriptor.MethodType.SERVER_STREAMING : MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(name)
        .setRequestMarshaller(ProtoUtils.marshaller(request))
        .setResponseMarshaller(ProtoUtils.marshaller(response))
        .build();
  }
}
