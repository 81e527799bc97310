package com.selfology.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.selfology.mesh.v1.ErrorCode;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A call that failed, and why. Branch on {@link #reason}; the message's wording may change. */
public final class SelfologyException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private static final String DOMAIN = "selfology";

  private final Status.Code code;
  // The others are not kept where an exception is serialized.
  private final transient Details details;

  private record Details(
      ErrorInfo info, List<FieldViolation> violations, Duration retryAfter) {
    String name() {
      return info.getReason();
    }
  }

  private SelfologyException(StatusRuntimeException cause, Details details) {
    super(
        (details.name().isEmpty() ? cause.getStatus().getCode().name() : details.name())
            + ": "
            + cause.getStatus().getDescription(),
        cause);
    this.code = cause.getStatus().getCode();
    this.details = details;
  }

  static SelfologyException from(StatusRuntimeException error) {
    ErrorInfo info = ErrorInfo.getDefaultInstance();
    List<FieldViolation> violations = new ArrayList<>();
    Duration retryAfter = null;
    com.google.rpc.Status status = StatusProto.fromThrowable(error);
    for (Any detail : status == null ? List.<Any>of() : status.getDetailsList()) {
      try {
        if (detail.is(ErrorInfo.class)) {
          ErrorInfo found = detail.unpack(ErrorInfo.class);
          info = found.getDomain().equals(DOMAIN) ? found : info;
        } else if (detail.is(BadRequest.class)) {
          for (BadRequest.FieldViolation violation :
              detail.unpack(BadRequest.class).getFieldViolationsList()) {
            violations.add(new FieldViolation(violation.getField(), violation.getDescription()));
          }
        } else if (detail.is(RetryInfo.class)) {
          com.google.protobuf.Duration delay = detail.unpack(RetryInfo.class).getRetryDelay();
          retryAfter = Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
        }
      } catch (InvalidProtocolBufferException unreadable) {
        error.addSuppressed(unreadable);
      }
    }
    return new SelfologyException(error, new Details(info, List.copyOf(violations), retryAfter));
  }

  /** The code of gRPC. */
  public Status.Code code() {
    return code;
  }

  /** UNSPECIFIED where the call did not reach the mesh, or its reason is newer than this package. */
  public ErrorCode reason() {
    for (ErrorCode known : ErrorCode.values()) {
      if (known.name().equals("ERROR_CODE_" + details.name())) {
        return known;
      }
    }
    return ErrorCode.ERROR_CODE_UNSPECIFIED;
  }

  /** As the mesh said it: "PROFILE_NOT_FOUND". Empty where it did not. */
  public String reasonName() {
    return details.name();
  }

  /** What else the mesh said for programs. */
  public Map<String, String> metadata() {
    return details.info().getMetadataMap();
  }

  /** Of INVALID_ARGUMENT. */
  public List<FieldViolation> violations() {
    return details.violations();
  }

  /** After how long it may work; null where the mesh did not say. */
  public Duration retryAfter() {
    return details.retryAfter();
  }
}
