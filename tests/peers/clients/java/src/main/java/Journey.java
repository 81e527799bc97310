import com.selfology.client.Connection;
import com.selfology.client.SelfologyException;
import com.selfology.client.Stream;
import com.selfology.coach.v1.CoachServiceClient;
import com.selfology.coach.v1.Message;
import com.selfology.coach.v1.SendMessageRequest;
import com.selfology.coach.v1.StreamReplyRequest;
import com.selfology.coach.v1.StreamReplyResponse;
import com.selfology.mesh.v1.ErrorCode;
import com.selfology.session.v1.Answer;
import com.selfology.session.v1.GetOnboardingRequest;
import com.selfology.session.v1.ListAnswersRequest;
import com.selfology.session.v1.Onboarding;
import com.selfology.session.v1.OnboardingStage;
import com.selfology.session.v1.RecordConsentRequest;
import com.selfology.session.v1.SessionServiceClient;
import com.selfology.session.v1.StartOnboardingRequest;
import com.selfology.session.v1.SubmitAnswerRequest;
import java.util.ArrayList;
import java.util.List;

/** A person's way with the coach, by the Java client: Journey HOST:PORT USER_ID. */
final class Journey {
  private static final List<String> ANSWERS =
      List.of("I love to paint and to learn new things.", "My friends and I play music together.");

  private final long userId;
  private final SessionServiceClient sessions;
  private final CoachServiceClient coach;

  private Journey(Connection connection, long userId) {
    this.userId = userId;
    this.sessions = new SessionServiceClient(connection);
    this.coach = new CoachServiceClient(connection);
  }

  private Onboarding standing() {
    return sessions.getOnboarding(GetOnboardingRequest.newBuilder().setUserId(userId).build()).getOnboarding();
  }

  private void start() throws InterruptedException {
    sessions.recordConsent(
        RecordConsentRequest.newBuilder()
            .setUserId(userId)
            .setGranted(true)
            .setPolicyVersion(standing().getCurrentPolicyVersion())
            .build());
    // The idempotency key is the client's to make.
    sessions.startOnboarding(
        StartOnboardingRequest.newBuilder().setUserId(userId).setLanguage("en").build());
    while (standing().getStage() == OnboardingStage.ONBOARDING_STAGE_STARTING) {
      Thread.sleep(50);
    }
  }

  private Answer answer(String text) throws InterruptedException {
    SubmitAnswerRequest request =
        SubmitAnswerRequest.newBuilder().setUserId(userId).setAnswerText(text).build();
    while (true) {
      try {
        return sessions.submitAnswer(request).getAnswer();
      } catch (SelfologyException error) {
        // The next question may be on its way; then the mesh says when to come back.
        if (error.reason() != ErrorCode.ERROR_CODE_NO_QUESTION_PENDING || error.retryAfter() == null) {
          throw error;
        }
        Thread.sleep(error.retryAfter().toMillis());
      }
    }
  }

  private void list(List<Answer> given) {
    // Two pages of one answer each.
    List<Answer> listed = new ArrayList<>();
    sessions
        .iterateAnswers(ListAnswersRequest.newBuilder().setUserId(userId).setPageSize(1).build())
        .forEach(listed::add);
    check(listed.equals(given), "what is listed is what was given");
  }

  private void talk() {
    Message message =
        coach
            .sendMessage(
                SendMessageRequest.newBuilder()
                    .setUserId(userId)
                    .setMessageText("I am tired of my job.")
                    .setLanguage("en")
                    .build())
            .getMessage();
    StringBuilder text = new StringBuilder();
    String reply = "";
    try (Stream<StreamReplyResponse> parts =
        coach.streamReply(
            StreamReplyRequest.newBuilder()
                .setUserId(userId)
                .setMessageId(message.getMessageId())
                .build())) {
      for (StreamReplyResponse part : parts) {
        if (part.getRestart()) {
          text.setLength(0);
        }
        text.append(part.getTextDelta());
        reply = part.getReply().getContent();
      }
    }
    check(!reply.isEmpty() && reply.equals(text.toString()), "the reply is what came bit by bit");
    System.out.println("coach: " + reply);
  }

  private void tooShort() {
    try {
      answer("x");
      throw new IllegalStateException("an answer of one character was taken");
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    } catch (SelfologyException error) {
      check(error.reason() == ErrorCode.ERROR_CODE_INVALID_ARGUMENT, "an invalid argument");
      check(error.violations().get(0).field().equals("answer_text"), "which is named");
      System.out.println("refused: " + error.getMessage() + " " + error.violations());
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException("does not hold: " + what);
    }
  }

  public static void main(String[] arguments) throws InterruptedException {
    try (Connection connection = Connection.to(arguments[0]).build()) {
      Journey journey = new Journey(connection, Long.parseLong(arguments[1]));
      journey.start();
      List<Answer> given = new ArrayList<>();
      for (String text : ANSWERS) {
        given.add(journey.answer(text));
      }
      journey.list(given);
      journey.talk();
      journey.tooShort();
    }
  }
}
