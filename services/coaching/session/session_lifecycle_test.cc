// Sessions as time goes by: idleness, races of answers and timeouts, lists, erasure.
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/random/random.h"
#include "services/coaching/session/session_fixture_test.h"

namespace selfology::session {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class SessionLifecycleTest : public SessionTest {
 protected:
  template <typename Event>
  std::vector<Event> PublishedFor(int64_t user) {
    std::vector<Event> events = Published<Event>();
    std::erase_if(events, [user](const Event& event) { return event.user_id() != user; });
    return events;
  }

  void ExpectConsistent(int64_t user, int64_t session_id) {
    auto get = For<v1::GetSessionRequest>(user);
    get.set_session_id(session_id);
    const v1::Session session = sessions_->GetSession(Deadline(), get)->session();
    const auto answers =
        sessions_->ListAnswers(Deadline(), For<v1::ListAnswersRequest>(user))->answers();
    const auto submitted = PublishedFor<UserAnswerSubmitted>(user);
    ASSERT_THAT(answers, SizeIs(session.answers_given()));
    ASSERT_THAT(submitted, SizeIs(session.answers_given()));
    for (int i = 0; i < session.answers_given(); ++i) {
      EXPECT_EQ(answers[i].answer_number(), i + 1);
      EXPECT_EQ(submitted[i].answer_id(), answers[i].answer_id()) << "in the same order";
    }
    EXPECT_THAT(PublishedFor<SessionCompleted>(user),
                SizeIs(session.status() == v1::SESSION_STATUS_COMPLETED));
    EXPECT_THAT(PublishedFor<SessionTimeout>(user),
                SizeIs(session.status() == v1::SESSION_STATUS_TIMEOUT));
    bool paused = false;
    for (const std::string& type : PausesAndResumptions(user)) {
      EXPECT_EQ(type, paused ? "session.resumed" : "session.paused");
      paused = !paused;
    }
  }

  // Types of these events of someone's, in the order of their publication.
  std::vector<std::string> PausesAndResumptions(int64_t user) {
    const auto rows = DatabaseAs("selfology_mesh").Read(Deadline(), [&](postgres::Transaction& tx) {
      return tx.Query<std::string>(
          "SELECT type FROM outbox WHERE partition_key = $1"
          " AND type IN ('session.paused', 'session.resumed') ORDER BY seq",
          user);
    });
    EXPECT_TRUE(rows.ok()) << rows.status();
    std::vector<std::string> types;
    if (rows.ok()) {
      for (const auto& [type] : *rows) types.push_back(type);
    }
    return types;
  }
};

TEST_F(SessionLifecycleTest, IdleSessionsEndAfterThirtyMinutes) {
  const v1::Session idle = Onboarded(kUser);
  Onboarded(kUser + 1);
  Pass(absl::Minutes(29));
  ASSERT_TRUE(Service().TimeOutIdle(Deadline()).ok());
  EXPECT_THAT(Published<SessionTimeout>(), IsEmpty());

  Ask(*Open(kUser + 1), "q_1", 1);
  ASSERT_TRUE(Answer(kUser + 1, "q_1", "Still here.", "a").ok());
  Pass(absl::Minutes(2));
  ASSERT_TRUE(Service().TimeOutIdle(Deadline()).ok());
  ASSERT_TRUE(Service().TimeOutIdle(Deadline()).ok());
  const auto timeouts = Published<SessionTimeout>();
  ASSERT_THAT(timeouts, SizeIs(1));
  EXPECT_EQ(timeouts[0].session_id(), idle.session_id());
  EXPECT_EQ(timeouts[0].timeout_at().seconds(), idle.timeout_at().seconds());

  EXPECT_EQ(ReasonOf(Open(kUser)), "SESSION_NOT_FOUND");
  EXPECT_EQ(Stage(kUser), v1::ONBOARDING_STAGE_READY);
  EXPECT_TRUE(Start(kUser, "again")->initiated());
  AwaitPublished<SessionCreated>(3);
  EXPECT_NE(Open(kUser)->session_id(), idle.session_id());
}

TEST_F(SessionLifecycleTest, EndsAllIdleSessionsButOneThatCannotBe) {
  for (int i = 0; i < 3; ++i) Onboarded(kUser + i);
  postgres::Database& database = DatabaseAs("selfology_session");
  const auto execute = [&](const std::string& sql) {
    const auto done =
        database.Write(Deadline(), [&](postgres::Transaction& tx) { return tx.Execute(sql); });
    ASSERT_TRUE(done.ok()) << done.status();
  };
  execute(
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
      " 'BEGIN RAISE EXCEPTION $$not this one$$; END'");
  // The first to be due.
  execute(
      absl::StrCat("CREATE TRIGGER refuse BEFORE UPDATE ON onboarding_sessions FOR EACH ROW"
                   " WHEN (OLD.user_id = ",
                   kUser, ") EXECUTE FUNCTION refuse()"));
  Pass(absl::Minutes(31));
  EXPECT_FALSE(Service().TimeOutIdle(Deadline()).ok()) << "it says that one failed";
  EXPECT_THAT(Published<SessionTimeout>(), SizeIs(2));
  EXPECT_TRUE(Open(kUser).ok());

  execute("DROP TRIGGER refuse ON onboarding_sessions");
  EXPECT_TRUE(Service().TimeOutIdle(Deadline()).ok());
  EXPECT_THAT(PublishedFor<SessionTimeout>(kUser), SizeIs(1));
}

TEST_F(SessionLifecycleTest, AnAnswerAndATimeoutAtOnceNeverBothCount) {
  for (int round = 0; round < 20; ++round) {
    const int64_t user = kUser + round;
    const v1::Session session = Onboarded(user);
    Ask(session, "q_1", 1);
    Pass(absl::Minutes(31));
    std::thread timer([&] { EXPECT_TRUE(Service().TimeOutIdle(Deadline()).ok()); });
    const auto answer = Answer(user, "q_1", "Just in time?", "a");
    timer.join();

    size_t timeouts = 0;
    for (const SessionTimeout& event : Published<SessionTimeout>()) {
      timeouts += event.user_id() == user;
    }
    EXPECT_EQ(timeouts, answer.ok() ? 0 : 1);
    if (!answer.ok()) EXPECT_EQ(ReasonOf(answer), "SESSION_NOT_FOUND");
  }
}

// Everyone acts on one session at once, in random order; what was published in the end must be what
// is stored.
TEST_F(SessionLifecycleTest, HoweverCallsInterleaveTheEventsTellWhatHappened) {
  SessionService service = Service();
  for (int seed = 0; seed < 6; ++seed) {
    const int64_t user = kUser + seed;
    const v1::Session begun = Onboarded(user);
    AtOnce(5, [&](int thread) {
      std::mt19937_64 random(100 * seed + thread);
      for (int step = 0; step < 60; ++step) {
        const auto open = Open(user);
        if (!open.ok()) return;
        const int action = absl::Uniform(random, 0, 100);
        if (action < 5) {
          sessions_->PauseSession(Deadline(), For<v1::PauseSessionRequest>(user))
              .status()
              .IgnoreError();
        } else if (action < 20) {
          sessions_->ResumeSession(Deadline(), For<v1::ResumeSessionRequest>(user))
              .status()
              .IgnoreError();
        } else if (action < 22) {
          auto complete = For<v1::CompleteSessionRequest>(user);
          complete.set_reason(v1::COMPLETION_REASON_REQUESTED);
          sessions_->CompleteSession(Deadline(), complete).status().IgnoreError();
        } else if (action < 25) {
          Pass(absl::Minutes(7));
          EXPECT_TRUE(service.TimeOutIdle(Deadline()).ok());
        } else if (open->current_question_id().empty()) {
          const int number = open->answers_given() + 1;
          PublishQuestion(*open, absl::StrCat("q_", number), number);
        } else {
          const std::string key = absl::StrCat(open->current_question_id(), "/", action % 3);
          Answer(user, open->current_question_id(), "An answer.", key).status().IgnoreError();
        }
      }
    });
    ExpectConsistent(user, begun.session_id());
  }
}

TEST_F(SessionLifecycleTest, ListsInPages) {
  const v1::Session session = Onboarded(kUser);
  AnswerUpTo(session, 5);
  auto request = For<v1::ListAnswersRequest>(kUser);
  request.set_page_size(2);
  std::vector<int> numbers;
  do {
    const auto page = sessions_->ListAnswers(Deadline(), request).value();
    EXPECT_LE(page.answers_size(), 2);
    for (const v1::Answer& answer : page.answers()) numbers.push_back(answer.answer_number());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(numbers, ::testing::ElementsAre(1, 2, 3, 4, 5));

  auto other = For<v1::ListAnswersRequest>(kUser + 1);
  EXPECT_THAT(sessions_->ListAnswers(Deadline(), other)->answers(), IsEmpty());
  request.set_page_size(201);
  EXPECT_EQ(FieldOf(sessions_->ListAnswers(Deadline(), request)), "page_size");

  auto by_status = For<v1::ListSessionsRequest>(kUser);
  by_status.set_status(v1::SESSION_STATUS_COMPLETED);
  EXPECT_THAT(sessions_->ListSessions(Deadline(), by_status)->sessions(), IsEmpty());
  by_status.set_status(v1::SESSION_STATUS_ACTIVE);
  EXPECT_THAT(sessions_->ListSessions(Deadline(), by_status)->sessions(), SizeIs(1));
}

TEST_F(SessionLifecycleTest, TellsWhatBecameOfAnAnswerByItsKey) {
  const v1::Session session = Onboarded(kUser);
  auto get = For<v1::GetAnswerRequest>(kUser);
  get.set_idempotency_key("tg:77");
  EXPECT_EQ(ReasonOf(sessions_->GetAnswer(Deadline(), get)), "ANSWER_NOT_FOUND");
  Ask(session, "q_1", 1);
  ASSERT_TRUE(Answer(kUser, "q_1", "Painting.", "tg:77").ok());
  EXPECT_EQ(sessions_->GetAnswer(Deadline(), get)->answer().answer_text(), "Painting.");
  get.set_user_id(kUser + 1);
  EXPECT_EQ(ReasonOf(sessions_->GetAnswer(Deadline(), get)), "ANSWER_NOT_FOUND");
  get.set_user_id(0);
  EXPECT_EQ(FieldOf(sessions_->GetAnswer(Deadline(), get)), "user_id");
}

TEST_F(SessionLifecycleTest, ReadsNothingOfOtherPeople) {
  const v1::Session session = Onboarded(kUser);
  AnswerUpTo(session, 1);
  const int64_t answer_id = Published<UserAnswerSubmitted>().front().answer_id();
  auto answer = For<v1::GetAnswerRequest>(kUser);
  answer.set_answer_id(answer_id);
  EXPECT_EQ(sessions_->GetAnswer(Deadline(), answer)->answer().answer_text(), "Painting.");
  answer.set_user_id(kUser + 1);
  EXPECT_EQ(ReasonOf(sessions_->GetAnswer(Deadline(), answer)), "ANSWER_NOT_FOUND");
  auto get = For<v1::GetSessionRequest>(kUser + 1);
  get.set_session_id(session.session_id());
  EXPECT_EQ(ReasonOf(sessions_->GetSession(Deadline(), get)), "SESSION_NOT_FOUND");
}

TEST_F(SessionLifecycleTest, ErasesEverythingAndStaysErased) {
  const v1::Session session = Onboarded(kUser);
  AnswerUpTo(session, 2);
  const v1::Session other = Onboarded(kUser + 1);
  const auto erase = For<v1::DeleteUserDataRequest>(kUser);
  // A person, a session, two questions, two answers, two remembered requests.
  EXPECT_EQ(sessions_->DeleteUserData(Deadline(), erase)->deleted_rows(), 8);
  EXPECT_EQ(sessions_->DeleteUserData(Deadline(), erase)->deleted_rows(), 0);

  // Events that were under way find nobody.
  Publish(For<UserOnboardingInitiated>(kUser));
  auto selected = For<QuestionSelected>(kUser);
  selected.set_session_id(session.session_id());
  selected.set_question_id("q_3");
  selected.set_question_number(3);
  Publish(selected);
  AwaitHandled("session_management", 6);
  EXPECT_EQ(sessions_->DeleteUserData(Deadline(), erase)->deleted_rows(), 0);
  EXPECT_EQ(Stage(kUser), v1::ONBOARDING_STAGE_CONSENT_REQUIRED);
  EXPECT_EQ(Open(kUser + 1)->session_id(), other.session_id());
}

}  // namespace
}  // namespace selfology::session
