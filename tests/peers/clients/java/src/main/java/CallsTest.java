import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.selfology.client.CallOptions;
import com.selfology.client.Connection;
import com.selfology.client.FieldViolation;
import com.selfology.client.Method;
import com.selfology.client.Retries;
import com.selfology.client.SelfologyException;
import com.selfology.client.Stream;
import com.selfology.coach.v1.CoachServiceClient;
import com.selfology.coach.v1.StreamReplyRequest;
import com.selfology.coach.v1.StreamReplyResponse;
import com.selfology.mesh.v1.ErrorCode;
import com.selfology.session.v1.GetAnswerRequest;
import com.selfology.session.v1.ListSessionsRequest;
import com.selfology.session.v1.Session;
import com.selfology.session.v1.SessionServiceClient;
import com.selfology.session.v1.SubmitAnswerRequest;
import com.selfology.session.v1.SubmitAnswerResponse;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;

/** How the Java client makes calls, against a server of grpc-java. Writes "ok ..." and "not ok ..." lines. */
final class CallsTest {
  private static final SubmitAnswerRequest REQUEST = SubmitAnswerRequest.newBuilder().setUserId(1).build();

  private final FakeMesh mesh;
  private final Connection connection;
  private final SessionServiceClient sessions;
  private final List<Long> waits = new ArrayList<>();
  private long now = 0;

  private CallsTest(FakeMesh mesh) {
    this.mesh = mesh;
    Retries retries =
        new Retries(
            Retries.DEFAULT.attempts(),
            Retries.DEFAULT.first(),
            Retries.DEFAULT.longest(),
            wait -> {
              waits.add(wait.toMillis());
              now += wait.toNanos();
            },
            () -> 0.0,
            () -> now);
    this.connection = Connection.to(mesh.address()).retries(retries).token(() -> "token").build();
    this.sessions = new SessionServiceClient(connection);
  }

  @FunctionalInterface
  private interface Body {
    void run(CallsTest test) throws InterruptedException;
  }

  private static boolean failed = false;

  private static void test(String name, Body body) throws IOException {
    try (FakeMesh mesh = new FakeMesh()) {
      CallsTest test = new CallsTest(mesh);
      try {
        body.run(test);
        System.out.println("ok " + name);
      } catch (RuntimeException | InterruptedException error) {
        failed = true;
        System.out.println("not ok " + name);
        error.printStackTrace();
      } finally {
        test.connection.close();
      }
    }
  }

  private static void same(Object got, Object want) {
    if (!Objects.equals(got, want)) {
      throw new IllegalStateException(got + " instead of " + want);
    }
  }

  private static void holds(boolean condition) {
    same(condition, true);
  }

  private static SelfologyException failure(Runnable call) {
    try {
      call.run();
    } catch (SelfologyException error) {
      return error;
    }
    throw new IllegalStateException("the call did not fail");
  }

  private static StatusRuntimeException unavailable() {
    return FakeMesh.failure(Code.UNAVAILABLE);
  }

  private static StatusRuntimeException asks(long seconds) {
    return FakeMesh.failure(
        Code.UNAVAILABLE,
        RetryInfo.newBuilder().setRetryDelay(Duration.newBuilder().setSeconds(seconds)).build());
  }

  private static Method<SubmitAnswerRequest, SubmitAnswerResponse> changed(
      java.time.Duration timeout, boolean repeatable) {
    Method<SubmitAnswerRequest, SubmitAnswerResponse> method = SessionServiceClient.SUBMIT_ANSWER;
    return new Method<>(
        method.descriptor(),
        timeout,
        repeatable,
        method.hasKey(),
        method.permission(),
        method.subject(),
        method.exported());
  }

  private void calledAgainWithTheSameKey() {
    mesh.script.addAll(Collections.nCopies(3, unavailable()));
    same(sessions.submitAnswer(REQUEST).getAnswer().getAnswerId(), 7L);
    same(mesh.keys.size(), 4);
    same(new HashSet<>(mesh.keys).size(), 1);
    holds(mesh.keys.get(0).matches("[ -~]{1,128}"));
    same(waits, List.of(50L, 100L, 200L));
    same(mesh.tokens, Collections.nCopies(4, "Bearer token"));
  }

  private void twoCallsHaveDifferentKeys() {
    sessions.submitAnswer(REQUEST);
    sessions.submitAnswer(REQUEST);
    same(new HashSet<>(mesh.keys).size(), 2);
  }

  private void keysOfTheCallerAndOfReadsStay() {
    sessions.submitAnswer(REQUEST.toBuilder().setIdempotencyKey("mine").build());
    sessions.getAnswer(GetAnswerRequest.newBuilder().setUserId(1).build());
    same(mesh.keys, List.of("mine", ""));
  }

  private void triesRunOut() {
    mesh.script.addAll(Collections.nCopies(9, unavailable()));
    same(failure(() -> sessions.submitAnswer(REQUEST)).code(), Code.UNAVAILABLE);
    same(mesh.keys.size(), 5);
  }

  private void noWaitBeyondTheDeadline() {
    mesh.script.addAll(List.of(asks(6), asks(6)));
    same(failure(() -> sessions.submitAnswer(REQUEST)).retryAfter(), java.time.Duration.ofSeconds(6));
    same(waits, List.of());
    sessions.submitAnswer(REQUEST, CallOptions.DEFAULT.withTimeout(java.time.Duration.ofMinutes(1)));
    same(waits, List.of(6000L));
  }

  private void notRepeatable() {
    mesh.script.add(unavailable());
    failure(
        () -> connection.call(changed(java.time.Duration.ofSeconds(5), false), REQUEST, CallOptions.DEFAULT));
    same(mesh.keys.size(), 1);
  }

  private void errorsHaveTheirDetails() {
    BadRequest.FieldViolation violation =
        BadRequest.FieldViolation.newBuilder().setField("answer_text").setDescription("2 at least").build();
    mesh.script.add(
        FakeMesh.failure(
            Code.INVALID_ARGUMENT,
            ErrorInfo.newBuilder()
                .setReason("INVALID_ARGUMENT")
                .setDomain("selfology")
                .putMetadata("a", "b")
                .build(),
            BadRequest.newBuilder().addFieldViolations(violation).build()));
    SelfologyException error = failure(() -> sessions.submitAnswer(REQUEST));
    same(mesh.keys.size(), 1);
    same(error.code(), Code.INVALID_ARGUMENT);
    same(error.reason(), ErrorCode.ERROR_CODE_INVALID_ARGUMENT);
    same(error.metadata(), Map.of("a", "b"));
    same(error.violations(), List.of(new FieldViolation("answer_text", "2 at least")));
    same(error.getMessage(), "INVALID_ARGUMENT: told so");
  }

  private void newerReasons() {
    mesh.script.add(
        FakeMesh.failure(
            Code.NOT_FOUND,
            ErrorInfo.newBuilder().setReason("NEW_REASON").setDomain("selfology").build()));
    SelfologyException error = failure(() -> sessions.submitAnswer(REQUEST));
    same(error.reason(), ErrorCode.ERROR_CODE_UNSPECIFIED);
    same(error.reasonName(), "NEW_REASON");
  }

  private void deadlines() {
    sessions.submitAnswer(REQUEST);
    sessions.submitAnswer(REQUEST, CallOptions.DEFAULT.withTimeout(java.time.Duration.ofSeconds(100)));
    connection.call(changed(null, true), REQUEST, CallOptions.DEFAULT);
    holds(mesh.remaining.get(0) <= 5.0);
    holds(mesh.remaining.get(1) > 5.0 && mesh.remaining.get(1) <= 100.0);
    same(mesh.remaining.get(2), Double.POSITIVE_INFINITY);
  }

  private void triesShareTheDeadline() {
    mesh.script.add(asks(3));
    sessions.submitAnswer(REQUEST);
    holds(mesh.remaining.get(1) <= 2.0);
  }

  private void pagesAreRead() {
    List<Long> listed = new ArrayList<>();
    for (Session session :
        sessions.iterateSessions(ListSessionsRequest.newBuilder().setUserId(1).build())) {
      listed.add(session.getSessionId());
    }
    same(listed, List.of(0L, 1L, 11L));
    same(mesh.keys.size(), 3);
  }

  private Stream<StreamReplyResponse> reply() {
    return new CoachServiceClient(connection)
        .streamReply(StreamReplyRequest.newBuilder().setUserId(1).build());
  }

  private void streamsAreCalledAgain() {
    mesh.failsBefore.addAll(List.of(0, 0));
    StringBuilder text = new StringBuilder();
    for (StreamReplyResponse part : reply()) {
      text.append(part.getTextDelta());
    }
    same(text.toString(), "ab");
    same(mesh.keys.size(), 3);
  }

  private void begunStreamsAreNot() {
    mesh.failsBefore.add(1);
    Stream<StreamReplyResponse> parts = reply();
    same(parts.next().getTextDelta(), "a");
    same(failure(parts::next).code(), Code.UNAVAILABLE);
    same(parts.hasNext(), false);
    same(mesh.keys.size(), 1);
  }

  private void closingEndsTheCall() throws InterruptedException {
    mesh.ended = new CountDownLatch(1);
    try (Stream<StreamReplyResponse> parts = reply()) {
      same(parts.next().getTextDelta(), "a");
    }
    mesh.ended.await();
  }

  private void contractIsKnown() {
    same(CoachServiceClient.STREAM_REPLY.permission(), "coaching.messages.read");
    same(CoachServiceClient.STREAM_REPLY.subject(), "user_id");
    same(CoachServiceClient.STREAM_REPLY.exported(), false);
    same(SessionServiceClient.SUBMIT_ANSWER.timeout(), java.time.Duration.ofSeconds(5));
    same(SessionServiceClient.GET_ANSWER.hasKey(), false);
  }

  private void waitsDouble() {
    Retries usual = Retries.DEFAULT;
    Retries low =
        new Retries(5, usual.first(), usual.longest(), usual.sleep(), () -> 0.0, usual.clock());
    Retries high =
        new Retries(5, usual.first(), usual.longest(), usual.sleep(), () -> 1.0, usual.clock());
    List<Long> got = new ArrayList<>();
    for (int failures : new int[] {1, 2, 5, 6, 60}) {
      got.add(low.waitAfter(failures, null).toMillis());
    }
    same(got, List.of(50L, 100L, 800L, 1000L, 1000L));
    same(high.waitAfter(1, null).toMillis(), 100L);
    same(high.waitAfter(60, null).toMillis(), 2000L);
    same(low.waitAfter(1, java.time.Duration.ofMillis(300)).toMillis(), 300L);
  }

  public static void main(String[] arguments) throws IOException {
    test("what is unavailable is called again with the same key", CallsTest::calledAgainWithTheSameKey);
    test("two calls have different keys", CallsTest::twoCallsHaveDifferentKeys);
    test("keys of the caller and of reads stay", CallsTest::keysOfTheCallerAndOfReadsStay);
    test("the last error is thrown when tries run out", CallsTest::triesRunOut);
    test("a wait beyond the deadline is not begun", CallsTest::noWaitBeyondTheDeadline);
    test("what may not be repeated is not", CallsTest::notRepeatable);
    test("other errors are not called again and have their details", CallsTest::errorsHaveTheirDetails);
    test("a reason newer than the package keeps its name", CallsTest::newerReasons);
    test("the deadline is the contract's unless the caller has one", CallsTest::deadlines);
    test("tries share the deadline", CallsTest::triesShareTheDeadline);
    test("pages are read to the last", CallsTest::pagesAreRead);
    test("a stream is called again before its first response", CallsTest::streamsAreCalledAgain);
    test("a stream is not called again after its first response", CallsTest::begunStreamsAreNot);
    test("closing a stream ends the call", CallsTest::closingEndsTheCall);
    test("what the contract says is known", CallsTest::contractIsKnown);
    test("waits double up to the longest and vary by half", CallsTest::waitsDouble);
    System.exit(failed ? 1 : 0);
  }
}
