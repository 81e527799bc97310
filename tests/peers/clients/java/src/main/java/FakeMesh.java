import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.Status;
import com.selfology.coach.v1.CoachServiceClient;
import com.selfology.coach.v1.StreamReplyRequest;
import com.selfology.coach.v1.StreamReplyResponse;
import com.selfology.session.v1.Answer;
import com.selfology.session.v1.GetAnswerResponse;
import com.selfology.session.v1.ListSessionsRequest;
import com.selfology.session.v1.ListSessionsResponse;
import com.selfology.session.v1.Session;
import com.selfology.session.v1.SessionServiceClient;
import com.selfology.session.v1.SubmitAnswerResponse;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Deadline;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The n-th call gets the n-th error of the script; those after it are answered. */
final class FakeMesh implements AutoCloseable {
  private static final Context.Key<String> TOKEN = Context.key("token");

  final Deque<StatusRuntimeException> script = new ArrayDeque<>();
  final List<String> keys = Collections.synchronizedList(new ArrayList<>());
  final List<String> tokens = Collections.synchronizedList(new ArrayList<>());
  /** Seconds; infinite: no deadline. */
  final List<Double> remaining = Collections.synchronizedList(new ArrayList<>());
  /** Before which response each call of the coach fails; absent: none. */
  final Deque<Integer> failsBefore = new ArrayDeque<>();
  /** Where set, the coach goes on until the call is ended. */
  CountDownLatch ended;

  private final Server server;

  FakeMesh() throws IOException {
    server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .intercept(new Tokens())
            .addService(
                ServerServiceDefinition.builder("selfology.session.v1.SessionService")
                    .addMethod(
                        SessionServiceClient.SUBMIT_ANSWER.descriptor(),
                        ServerCalls.asyncUnaryCall(
                            (request, answer) ->
                                respond(
                                    request.getIdempotencyKey(),
                                    answer,
                                    SubmitAnswerResponse.newBuilder()
                                        .setAnswer(Answer.newBuilder().setAnswerId(7))
                                        .build())))
                    .addMethod(
                        SessionServiceClient.GET_ANSWER.descriptor(),
                        ServerCalls.asyncUnaryCall(
                            (request, answer) ->
                                respond(
                                    request.getIdempotencyKey(),
                                    answer,
                                    GetAnswerResponse.getDefaultInstance())))
                    .addMethod(
                        SessionServiceClient.LIST_SESSIONS.descriptor(),
                        ServerCalls.asyncUnaryCall(
                            (request, answer) -> respond("", answer, page(request))))
                    .build())
            .addService(
                ServerServiceDefinition.builder("selfology.coach.v1.CoachService")
                    .addMethod(
                        CoachServiceClient.STREAM_REPLY.descriptor(),
                        ServerCalls.asyncServerStreamingCall(this::reply))
                    .build())
            .build()
            .start();
  }

  static StatusRuntimeException failure(Code code, Message... details) {
    Status.Builder status = Status.newBuilder().setCode(code.value()).setMessage("told so");
    for (Message detail : details) {
      status.addDetails(Any.pack(detail));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }

  String address() {
    return "127.0.0.1:" + server.getPort();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private synchronized <R> void respond(String key, StreamObserver<R> answer, R response) {
    note(key);
    StatusRuntimeException failure = script.poll();
    if (failure != null) {
      answer.onError(failure);
      return;
    }
    answer.onNext(response);
    answer.onCompleted();
  }

  private void note(String key) {
    keys.add(key);
    tokens.add(TOKEN.get());
    Deadline deadline = Context.current().getDeadline();
    remaining.add(
        deadline == null
            ? Double.POSITIVE_INFINITY
            : deadline.timeRemaining(TimeUnit.MILLISECONDS) / 1000.0);
  }

  private static ListSessionsResponse page(ListSessionsRequest request) {
    int page = request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
    ListSessionsResponse.Builder response = ListSessionsResponse.newBuilder();
    for (int i = page; i < 2; i++) {
      response.addSessions(Session.newBuilder().setSessionId(page * 10 + i));
    }
    return response.setNextPageToken(page < 2 ? Integer.toString(page + 1) : "").build();
  }

  private void reply(StreamReplyRequest request, StreamObserver<StreamReplyResponse> answer) {
    note("");
    Integer failing = failsBefore.poll();
    List<String> texts = List.of("a", "b");
    for (int i = 0; i < texts.size(); i++) {
      if (failing != null && failing == i) {
        answer.onError(failure(Code.UNAVAILABLE));
        return;
      }
      if (i == 0 && ended != null) {
        ((ServerCallStreamObserver<StreamReplyResponse>) answer).setOnCancelHandler(ended::countDown);
      }
      answer.onNext(StreamReplyResponse.newBuilder().setTextDelta(texts.get(i)).build());
    }
    if (ended == null) {
      answer.onCompleted();
    }
  }

  /** Brings a call's token to where it is handled. */
  private static final class Tokens implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      String token = headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER));
      return Contexts.interceptCall(
          Context.current().withValue(TOKEN, String.valueOf(token)), call, headers, next);
    }
  }
}
