import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../google/rpc/error_details_pb.js";
import { ErrorCode } from "../selfology/mesh/v1/error_pb.js";

const domain = "selfology";

/** What is wrong with a field of the request. */
export interface FieldViolation {
  /** A path: "answers[2].text". */
  readonly field: string;
  /** What the field must be. */
  readonly description: string;
}

/** A call that failed, and why. Branch on `reason`; the message's wording may change. */
export class SelfologyError extends Error {
  override readonly name = "SelfologyError";
  readonly code: Code;
  /** UNSPECIFIED where the call did not reach the mesh, or its reason is newer than this package. */
  readonly reason: ErrorCode;
  /** As the mesh said it: "PROFILE_NOT_FOUND". Empty where it did not. */
  readonly reasonName: string;
  /** What else the mesh said for programs. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Of INVALID_ARGUMENT. */
  readonly violations: readonly FieldViolation[];
  /** Milliseconds after which it may work; undefined where the mesh did not say. */
  readonly retryAfterMs: number | undefined;

  constructor(error: ConnectError) {
    const info = error.findDetails(ErrorInfoSchema).find((detail) => detail.domain === domain);
    super(`${info?.reason ?? Code[error.code]}: ${error.rawMessage}`, { cause: error });
    this.code = error.code;
    this.reasonName = info?.reason ?? "";
    const known: unknown = Reflect.get(ErrorCode, this.reasonName);
    this.reason = typeof known === "number" ? known : ErrorCode.UNSPECIFIED;
    this.metadata = { ...info?.metadata };
    this.violations = error
      .findDetails(BadRequestSchema)
      .flatMap((detail) => detail.fieldViolations)
      .map(({ field, description }) => ({ field, description }));
    const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
    this.retryAfterMs = delay && Number(delay.seconds) * 1000 + delay.nanos / 1e6;
  }

  /** The error as one of these. */
  static from(error: unknown): SelfologyError {
    return error instanceof SelfologyError ? error : new SelfologyError(ConnectError.from(error));
  }
}
