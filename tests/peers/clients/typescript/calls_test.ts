// How the TypeScript client makes calls, against a server of connect-node.
import assert from "node:assert/strict";
import { createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { Connection, Retries, SelfologyError } from "@selfology/client";
import { CoachServiceClient } from "@selfology/client/coach/v1/coach_service_client";
import { CoachService, type StreamReplyResponse } from "@selfology/client/coach/v1/coach_service_pb";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "@selfology/client/google/rpc/error_details_pb";
import { ErrorCode } from "@selfology/client/mesh/v1/error_pb";
import { SessionServiceClient } from "@selfology/client/session/v1/session_service_client";
import {
  ListSessionsRequestSchema,
  SessionService,
  SubmitAnswerRequestSchema,
} from "@selfology/client/session/v1/session_service_pb";

type Details = ConstructorParameters<typeof ConnectError>[3];
const fail = (code: Code, details: Details = []) => (): void => {
  throw new ConnectError("told so", code, undefined, details);
};
const unavailable = fail(Code.Unavailable);
const asks = (seconds: number) =>
  fail(Code.Unavailable, [{ desc: RetryInfoSchema, value: { retryDelay: { seconds: BigInt(seconds) } } }]);

/** The n-th call does what the n-th of `script` does; those after it are answered. */
class Fake {
  script: (() => void)[] = [];
  calls = 0;
  readonly keys: string[] = [];
  readonly tokens: (string | null)[] = [];
  readonly limits: (number | undefined)[] = [];
  /** Before which response each call of the coach fails; absent: none. */
  failsBefore: number[] = [];
  readonly ended: Promise<void>;
  private end: () => void = () => undefined;

  constructor() {
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  begin(context: HandlerContext, key: string): void {
    this.calls += 1;
    this.keys.push(key);
    this.tokens.push(context.requestHeader.get("authorization"));
    this.limits.push(context.timeoutMs());
    this.script[this.calls - 1]?.();
  }

  async *reply(context: HandlerContext): AsyncGenerator<{ textDelta: string } & Partial<StreamReplyResponse>> {
    this.calls += 1;
    context.signal.addEventListener("abort", this.end);
    const failsBefore = this.failsBefore.shift();
    for (const [i, textDelta] of ["a", "b"].entries()) {
      if (i === failsBefore) unavailable();
      yield { textDelta };
    }
    yield { textDelta: "" };
  }
}

let fake: Fake;
let server: Http2Server;
let connection: Connection;
let sessions: SessionServiceClient;
let waits: number[];

beforeEach(async () => {
  // A call of the test before may still arrive; it reaches that test's.
  const own = new Fake();
  fake = own;
  waits = [];
  server = createServer(
    connectNodeAdapter({
      routes: (router) => {
        router.service(SessionService, {
          submitAnswer: ({ idempotencyKey }, context) => {
            own.begin(context, idempotencyKey);
            return { answer: { answerId: 7n } };
          },
          getAnswer: ({ idempotencyKey }, context) => {
            own.begin(context, idempotencyKey);
            return {};
          },
          listSessions: ({ pageToken }, context) => {
            own.begin(context, "");
            const page = Number(pageToken);
            const listed = [0, 1].slice(page).map((i) => ({ sessionId: BigInt(page * 10 + i) }));
            return { sessions: listed, nextPageToken: page < 2 ? `${page + 1}` : "" };
          },
        });
        router.service(CoachService, { streamReply: (_, context) => own.reply(context) });
      },
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  let now = 0;
  const retries = new Retries({
    random: () => 0,
    clock: () => now,
    sleep: async (milliseconds) => {
      waits.push(milliseconds);
      now += milliseconds;
    },
  });
  const { port } = server.address() as AddressInfo;
  connection = new Connection(`http://127.0.0.1:${port}`, { retries, token: () => "token" });
  sessions = new SessionServiceClient(connection);
});

afterEach(() => {
  connection.close();
  server.close();
});

async function failure(call: Promise<unknown>): Promise<SelfologyError> {
  try {
    await call;
  } catch (error) {
    assert(error instanceof SelfologyError);
    return error;
  }
  throw new Error("the call did not fail");
}

async function reply(): Promise<string[]> {
  const parts: string[] = [];
  for await (const part of new CoachServiceClient(connection).streamReply({ userId: 1n })) parts.push(part.textDelta);
  return parts;
}

test("what is unavailable is called again with the same key", async () => {
  fake.script = [unavailable, unavailable, unavailable];
  const request = create(SubmitAnswerRequestSchema, { userId: 1n });
  assert.equal((await sessions.submitAnswer(request)).answer?.answerId, 7n);
  assert.equal(fake.calls, 4);
  assert.equal(new Set(fake.keys).size, 1);
  assert.match(fake.keys[0] ?? "", /^[ -~]{1,128}$/);
  assert.equal(request.idempotencyKey, "", "the caller's request stays as it is");
  assert.deepEqual(waits, [50, 100, 200]);
  assert.deepEqual(fake.tokens, Array(4).fill("Bearer token"));
});

test("two calls have different keys", async () => {
  await sessions.submitAnswer({ userId: 1n });
  await sessions.submitAnswer({ userId: 1n });
  assert.equal(new Set(fake.keys).size, 2);
});

test("keys of the caller and of reads stay", async () => {
  await sessions.submitAnswer({ userId: 1n, idempotencyKey: "mine" });
  await sessions.getAnswer({ userId: 1n });
  assert.deepEqual(fake.keys, ["mine", ""]);
});

test("the last error is thrown when tries run out", async () => {
  fake.script = Array(9).fill(unavailable);
  assert.equal((await failure(sessions.submitAnswer({ userId: 1n }))).code, Code.Unavailable);
  assert.equal(fake.calls, 5);
});

test("a wait beyond the deadline is not begun", async () => {
  fake.script = [asks(6), asks(6)];
  assert.equal((await failure(sessions.submitAnswer({ userId: 1n }))).retryAfterMs, 6000);
  assert.deepEqual(waits, []);
  await sessions.submitAnswer({ userId: 1n }, { timeoutMs: 60000 });
  assert.deepEqual(waits, [6000]);
});

test("what may not be repeated is not", async () => {
  fake.script = [unavailable];
  await failure(connection.call({ ...SessionServiceClient.submitAnswer, repeatable: false }, { userId: 1n }));
  assert.equal(fake.calls, 1);
});

test("other errors are not called again and have their details", async () => {
  fake.script = [
    fail(Code.InvalidArgument, [
      { desc: ErrorInfoSchema, value: { reason: "INVALID_ARGUMENT", domain: "selfology", metadata: { a: "b" } } },
      { desc: BadRequestSchema, value: { fieldViolations: [{ field: "answer_text", description: "2 at least" }] } },
    ]),
  ];
  const error = await failure(sessions.submitAnswer({ userId: 1n }));
  assert.equal(fake.calls, 1);
  assert.equal(error.code, Code.InvalidArgument);
  assert.equal(error.reason, ErrorCode.INVALID_ARGUMENT);
  assert.deepEqual(error.metadata, { a: "b" });
  assert.deepEqual(error.violations, [{ field: "answer_text", description: "2 at least" }]);
  assert.equal(error.message, "INVALID_ARGUMENT: told so");
});

test("a reason newer than the package keeps its name", async () => {
  fake.script = [fail(Code.NotFound, [{ desc: ErrorInfoSchema, value: { reason: "NEW_REASON", domain: "selfology" } }])];
  const error = await failure(sessions.submitAnswer({ userId: 1n }));
  assert.equal(error.reason, ErrorCode.UNSPECIFIED);
  assert.equal(error.reasonName, "NEW_REASON");
});

test("the deadline is the contract's unless the caller has one", async () => {
  await sessions.submitAnswer({ userId: 1n });
  await sessions.submitAnswer({ userId: 1n }, { timeoutMs: 100000 });
  await sessions.submitAnswer({ userId: 1n }, { timeoutMs: Infinity });
  const [own, given, none] = fake.limits;
  assert(own !== undefined && own <= 5000);
  assert(given !== undefined && given > 5000 && given <= 100000);
  assert.equal(none, undefined);
});

test("tries share the deadline", async () => {
  fake.script = [asks(3)];
  await sessions.submitAnswer({ userId: 1n });
  assert((fake.limits[1] ?? Infinity) <= 2000);
});

test("a deadline that passes is an error of its own", async () => {
  const error = await failure(connection.call({ ...SessionServiceClient.submitAnswer, timeoutMs: 0 }, { userId: 1n }));
  assert.equal(error.code, Code.DeadlineExceeded);
});

test("pages are read to the last", async () => {
  const request = create(ListSessionsRequestSchema, { userId: 1n });
  const listed: bigint[] = [];
  for await (const session of sessions.iterateSessions(request)) listed.push(session.sessionId);
  assert.deepEqual(listed, [0n, 1n, 11n]);
  assert.equal(fake.calls, 3);
  assert.equal(request.pageToken, "");
});

test("a stream is called again before its first response", async () => {
  fake.failsBefore = [0, 0];
  assert.deepEqual(await reply(), ["a", "b", ""]);
  assert.equal(fake.calls, 3);
});

test("a stream is not called again after its first response", async () => {
  fake.failsBefore = [1];
  await failure(reply());
  assert.equal(fake.calls, 1);
});

test("leaving a stream ends the call", async () => {
  for await (const part of new CoachServiceClient(connection).streamReply({ userId: 1n })) {
    assert.equal(part.textDelta, "a");
    break;
  }
  await fake.ended;
});

test("a signal ends a call that waits for its next try", async () => {
  const signal = AbortSignal.abort();
  const waiting = new Connection(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  assert.equal((await failure(waiting.call(SessionServiceClient.submitAnswer, { userId: 1n }, { signal }))).code, Code.Canceled);
  waiting.close();
});

test("what the contract says is known", () => {
  assert.equal(CoachServiceClient.streamReply.permission, "coaching.messages.read");
  assert.equal(CoachServiceClient.streamReply.subject, "user_id");
  assert.equal(CoachServiceClient.streamReply.exported, false);
  assert.equal(SessionServiceClient.submitAnswer.timeoutMs, 5000);
  assert.equal(SessionServiceClient.getAnswer.hasKey, false);
});

test("waits double up to the longest and vary by half", () => {
  const low = new Retries({ random: () => 0 });
  const high = new Retries({ random: () => 1 - Number.EPSILON / 2 });
  assert.deepEqual([1, 2, 5, 6, 60].map((n) => low.waitMs(n, undefined)), [50, 100, 800, 1000, 1000]);
  assert.equal(Math.round(high.waitMs(1, undefined)), 100);
  assert.equal(Math.round(high.waitMs(60, undefined)), 2000);
  assert.equal(low.waitMs(1, 300), 300);
});
