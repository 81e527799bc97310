import { randomUUID } from "node:crypto";
import { clone, create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import type { DescMethodServerStreaming, DescMethodUnary } from "@bufbuild/protobuf";
import { Code, type Transport } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager, type GrpcTransportOptions } from "@connectrpc/connect-node";
import { SelfologyError } from "./errors.js";
import { Retries } from "./retries.js";

/** What a contract says of a method, besides its types. */
interface Terms {
  /** How long a call without a time-out of its own may take, repeats included; undefined: as long as it takes. */
  readonly timeoutMs: number | undefined;
  /** Whether a call may be made again that failed with UNAVAILABLE. */
  readonly repeatable: boolean;
  /** Whether the request's `idempotencyKey`, where empty, is filled. */
  readonly hasKey: boolean;
  /** The permission that it needs; undefined: everybody may call it. */
  readonly permission: string | undefined;
  /** The request's field that names the person; empty: none does. */
  readonly subject: string;
  /** Whether what it gives is part of a person's export. */
  readonly exported: boolean;
}

/** A method with one response. */
export interface Contract<I extends DescMessage, O extends DescMessage> extends Terms {
  readonly method: DescMethodUnary<I, O>;
}

/** A method whose responses come one by one. */
export interface StreamContract<I extends DescMessage, O extends DescMessage> extends Terms {
  readonly method: DescMethodServerStreaming<I, O>;
}

/** Of one call. */
export interface CallOptions {
  /** How long it may take, repeats included, in milliseconds; absent: the contract's. */
  readonly timeoutMs?: number;
  /** Ends the call. */
  readonly signal?: AbortSignal;
  /** Goes along. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Of a connection. */
export interface ConnectionOptions {
  /** Goes along as "authorization: Bearer ..."; asked before each try, so that it may be renewed. */
  readonly token?: () => string | Promise<string>;
  readonly retries?: Retries;
  /** Certificates and such, for https. */
  readonly nodeOptions?: GrpcTransportOptions["nodeOptions"];
}

/**
 * Calls go over it. "http://127.0.0.1:50051" encrypts nothing: for one machine only, or where the network does it;
 * "https://..." does. A transport of your own may stand for the address.
 */
export class Connection {
  private readonly transport: Transport;
  private readonly sessions: Http2SessionManager | undefined;
  private readonly token: ConnectionOptions["token"];
  private readonly retries: Retries;

  constructor(address: string | Transport, options: ConnectionOptions = {}) {
    if (typeof address === "string") {
      this.sessions = new Http2SessionManager(address, undefined, options.nodeOptions);
      this.transport = createGrpcTransport({ baseUrl: address, sessionManager: this.sessions });
    } else {
      this.transport = address;
    }
    this.token = options.token;
    this.retries = options.retries ?? new Retries();
  }

  /** Ends calls under way, unless the transport was given. A later call connects anew. */
  close(): void {
    this.sessions?.abort();
  }

  /** Makes a call, more than once if it may be and must. Throws SelfologyError. */
  async call<I extends DescMessage, O extends DescMessage>(
    contract: Contract<I, O>,
    request: MessageInitShape<I>,
    options: CallOptions = {},
  ): Promise<MessageShape<O>> {
    const message = withKey(contract, contract.method.input, request);
    const tries = new Tries(contract, this.retries, options);
    for (;;) {
      try {
        const response = await this.transport.unary(
          contract.method,
          options.signal,
          tries.leftMs(),
          await this.headers(options),
          message,
        );
        return response.message;
      } catch (error) {
        await tries.wait(SelfologyError.from(error));
      }
    }
  }

  /** Makes a call whose responses come one by one. It is made again only while none has come. */
  async *stream<I extends DescMessage, O extends DescMessage>(
    contract: StreamContract<I, O>,
    request: MessageInitShape<I>,
    options: CallOptions = {},
  ): AsyncGenerator<MessageShape<O>> {
    const message = withKey(contract, contract.method.input, request);
    const tries = new Tries(contract, this.retries, options);
    for (let begun = false; ; ) {
      // Leaving the loop over the responses ends the call.
      const left = new AbortController();
      const end = (): void => left.abort(options.signal?.reason);
      options.signal?.addEventListener("abort", end);
      if (options.signal?.aborted) end();
      try {
        const response = await this.transport.stream(
          contract.method,
          left.signal,
          tries.leftMs(),
          await this.headers(options),
          one(message),
        );
        for await (const part of response.message) {
          begun = true;
          yield part;
        }
        return;
      } catch (error) {
        if (begun) throw SelfologyError.from(error);
        await tries.wait(SelfologyError.from(error));
      } finally {
        options.signal?.removeEventListener("abort", end);
        left.abort();
      }
    }
  }

  /** Every page from `request` on. The time-out is that of each page. */
  async *pages<I extends DescMessage, O extends DescMessage>(
    contract: Contract<I, O>,
    request: MessageInitShape<I>,
    options: CallOptions = {},
  ): AsyncGenerator<MessageShape<O>> {
    const page = copy(contract.method.input, request);
    for (;;) {
      const response = await this.call(contract, page, options);
      yield response;
      const token: unknown = Reflect.get(response, "nextPageToken");
      if (typeof token !== "string" || token === "") return;
      Reflect.set(page, "pageToken", token);
    }
  }

  private async headers(options: CallOptions): Promise<Record<string, string>> {
    return {
      ...options.headers,
      ...(this.token && { authorization: `Bearer ${await this.token()}` }),
    };
  }
}

/** The tries of one call, within its deadline. */
class Tries {
  private readonly end: number;
  private failures = 0;

  constructor(
    private readonly terms: Terms,
    private readonly retries: Retries,
    private readonly options: CallOptions,
  ) {
    this.end = retries.clock() + (options.timeoutMs ?? terms.timeoutMs ?? Infinity);
  }

  /** Milliseconds for the next try; at least 1, as 0 means no limit. */
  leftMs(): number | undefined {
    return this.end === Infinity ? undefined : Math.max(1, Math.ceil(this.end - this.retries.clock()));
  }

  /** Waits for the next try, or throws the error if there is none. */
  async wait(error: SelfologyError): Promise<void> {
    this.failures += 1;
    if (!this.terms.repeatable || error.code !== Code.Unavailable) throw error;
    if (this.failures >= this.retries.attempts) throw error;
    const milliseconds = this.retries.waitMs(this.failures, error.retryAfterMs);
    if (this.retries.clock() + milliseconds >= this.end) throw error;
    try {
      await this.retries.sleep(milliseconds, this.options.signal);
    } catch (aborted) {
      throw SelfologyError.from(aborted);
    }
  }
}

async function* one<T>(message: T): AsyncGenerator<T> {
  yield message;
}

function copy<D extends DescMessage>(type: D, request: MessageInitShape<D>): MessageShape<D> {
  return clone(type, create(type, request));
}

/** The request with an idempotency key: all tries of a call have the same. */
function withKey<D extends DescMessage>(terms: Terms, type: D, request: MessageInitShape<D>): MessageShape<D> {
  const message = create(type, request);
  if (!terms.hasKey || Reflect.get(message, "idempotencyKey") !== "") return message;
  const keyed = clone(type, message);
  Reflect.set(keyed, "idempotencyKey", randomUUID());
  return keyed;
}
