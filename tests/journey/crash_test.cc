// The mesh's promise under fire: every service is killed and started again in the middle of a
// journey, and at the end nothing is lost and nothing is there twice.

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/analysis.pb.h"
#include "services/services.h"
#include "tests/journey/answers.h"
#include "tests/journey/mesh.h"
#include "tests/journey/person.h"
#include "tests/journey/record.h"

namespace selfology::journey {
namespace {

using ::testing::Ge;

// Rows of trait history that an extraction makes, but for words, which have one when they change.
int64_t RowsOf(const events::v1::TraitExtracted& event) {
  const profile::v1::CoreDynamics& dynamics = event.core_dynamics();
  return event.traits_size() + event.domain_affinities_size() + dynamics.has_self_awareness() +
         dynamics.has_emotional_regulation() + dynamics.has_motivation() +
         dynamics.has_resilience();
}

TEST(CrashTest, EveryServiceKilledInMidJourneyLosesNothingAndDoublesNothing) {
  auto started = Mesh::Start(Shape::kSplit);
  ASSERT_TRUE(started.ok()) << started.status();
  Mesh& mesh = **started;
  Record record(mesh);
  Person ann(mesh, "en");
  ann.Says("/start");
  ann.Presses(ann.Hears("Welcome to Selfology"), "✅ I agree");
  ann.Hears("Question 1 of 10");
  for (int number = 1; number <= 10; ++number) {
    ann.Says(EnglishAnswer(number));
    // While the answer is on its way through the mesh; each service has its turn.
    for (size_t i = static_cast<size_t>(number) - 1; i < std::size(kServices); i += 10) {
      mesh.Kill(kServices[i].name);
      const absl::Status again = mesh.Restart(kServices[i].name);
      ASSERT_TRUE(again.ok()) << again;
    }
    const std::string next = number == 10 ? "That was the last question"
                                          : absl::StrCat("Question ", number + 1, " of 10");
    // An answer that came in a bad moment may be refused, and the person told to send it again.
    constexpr std::string_view kRefusal = "I saved nothing";
    while (ann.HearsOneOf({next, kRefusal}) == kRefusal) ann.Says(EnglishAnswer(number));
    if (HasFailure()) return;
  }
  constexpr int kTurns = 3;
  constexpr std::string_view kChatVictims[kTurns] = {"coach", "ai", "telegram_gateway"};
  for (int turn = 1; turn <= kTurns; ++turn) {
    ann.Says(absl::StrCat("I want to paint again. What is step ", turn, "?"));
    mesh.Kill(kChatVictims[turn - 1]);
    const absl::Status again = mesh.Restart(kChatVictims[turn - 1]);
    ASSERT_TRUE(again.ok()) << again;
    record.AwaitEvents(ann.id(), "coach.message.ready", turn);
    ann.Hears("");
  }
  record.AwaitEvents(ann.id(), "answer.analyzed.deep", 10);
  for (const std::string_view group : {"profile_storage", "trait_evolution"}) {
    record.AwaitHandled(ann.id(), "trait.extracted", group);
  }

  auto events = record.EventCounts(ann.id());
  EXPECT_EQ(events["user.onboarding.initiated"], 1);
  EXPECT_EQ(events["session.created"], 1);
  EXPECT_EQ(events["question.selected"], 10);
  EXPECT_EQ(events["user.answer.submitted"], 10);
  EXPECT_EQ(events["answer.analyzed.instant"], 10);
  EXPECT_EQ(events["answer.analyzed.deep"], 10);
  EXPECT_EQ(events["session.completed"], 1);
  EXPECT_EQ(events["profile.created"], 1);
  EXPECT_EQ(events["user.message.received"], kTurns);
  EXPECT_EQ(events["coach.message.ready"], kTurns);
  EXPECT_EQ(record.DeadLetters(), 0);

  // Answers: each once, and as they were given.
  EXPECT_EQ(record.Answers(ann.id()), 10);
  for (int number = 1; number <= 10; ++number) {
    EXPECT_EQ(record.Number(
                  absl::StrCat("SELECT count(*) FROM selfology.user_answers_new WHERE user_id = $1"
                               " AND answer_number = ",
                               number, " AND answer_text = '", EnglishAnswer(number), "'"),
                  ann.id()),
              1)
        << number;
  }
  // Profiles: a version for each change that was told of, and no more.
  EXPECT_EQ(record.Number("SELECT version FROM selfology.personality_profiles WHERE user_id = $1",
                          ann.id()),
            events["profile.created"] + events["profile.updated"]);
  // Traits: each extraction's rows once.
  int64_t rows = 0;
  for (const std::string& payload : record.Payloads(ann.id(), "trait.extracted")) {
    events::v1::TraitExtracted event;
    ASSERT_TRUE(event.ParseFromString(payload));
    rows += RowsOf(event);
    EXPECT_EQ(
        record.Number(absl::StrCat("SELECT count(*) FROM selfology.trait_history WHERE user_id = $1"
                                   " AND new_word IS NULL AND answer_id = ",
                                   event.answer_id()),
                      ann.id()),
        RowsOf(event))
        << event.answer_id();
  }
  EXPECT_EQ(record.Number("SELECT count(*) FROM selfology.trait_history WHERE user_id = $1"
                          " AND new_word IS NULL",
                          ann.id()),
            rows);
  EXPECT_THAT(rows, Ge(10));
  // The chat: every message of the person with one reply.
  EXPECT_EQ(record.Number(
                "SELECT count(*) FROM selfology.conversations WHERE user_id = $1 AND role = 'USER'"
                " AND reply_status = 'DONE'",
                ann.id()),
            kTurns);
  EXPECT_EQ(record.Number("SELECT count(DISTINCT in_reply_to) FROM selfology.conversations"
                          " WHERE user_id = $1 AND role = 'ASSISTANT'",
                          ann.id()),
            kTurns);
  EXPECT_EQ(
      record.Number("SELECT count(*) FROM selfology.conversations WHERE user_id = $1", ann.id()),
      2 * kTurns);
}

}  // namespace
}  // namespace selfology::journey
