// The checker itself is tested: it finds nothing in a run that was right, each harm that is done to
// such a run afterwards, and what a relay and an inbox do that are broken while the mesh runs.

#include "tests/chaos/checker.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/postgres/connection.h"
#include "common/status/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/chaos/chat_check.h"
#include "tests/chaos/run.h"

namespace selfology::chaos {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

using journey::Mesh;

// As the superuser.
absl::Status RunSql(Mesh& mesh, const std::string& sql) {
  ASSIGN_OR_RETURN(const auto connection,
                   postgres::Connection::Open(Mesh::Deadline(), {.url = mesh.postgres().url()}));
  return connection->Script(Mesh::Deadline(), absl::StrCat("SET search_path = selfology;", sql));
}

RunOptions SmallRun(int people) {
  return {.seed = 5,
          .faults_for = absl::Seconds(3),
          .people = people,
          .answers = 2,
          .turns = 1,
          .pause = absl::InfiniteDuration(),  // No faults.
          .errands = false};
}

std::set<std::string_view> HarmsOf(const Findings& findings, int64_t user_id) {
  std::set<std::string_view> harms;
  for (const Violation& violation : findings.violations) {
    if (violation.user_id == user_id) harms.insert(Name(violation.harm));
  }
  return harms;
}

bool Tells(const Findings& findings, Harm harm, std::string_view words = "") {
  return std::any_of(
      findings.violations.begin(), findings.violations.end(), [&](const Violation& violation) {
        return violation.harm == harm && violation.what.find(words) != std::string::npos;
      });
}

struct Tampering {
  std::string_view what;
  Harm harm;
  std::string_view sql;  // USER: whom it is done to.
};

// What would keep some of the harm from being done.
constexpr std::string_view kUnlock =
    "ALTER TABLE user_answers_new DROP CONSTRAINT user_answers_new_question;"
    "ALTER TABLE user_answers_new DROP CONSTRAINT user_answers_new_number;"
    "ALTER TABLE conversations DROP CONSTRAINT conversations_in_reply_to_key;"
    "ALTER TABLE inbox DROP CONSTRAINT inbox_handled_once;";

constexpr Tampering kTamperings[] = {
    {"an event is gone", Harm::kLost,
     "DELETE FROM outbox WHERE partition_key = USER AND id = (SELECT min(id::text)::uuid"
     " FROM outbox WHERE partition_key = USER AND type = 'answer.analyzed.instant')"},
    {"an event is there twice", Harm::kTwice,
     "INSERT INTO outbox (id, type, partition_key, payload) SELECT gen_random_uuid(), type,"
     " partition_key, payload FROM outbox WHERE partition_key = USER AND type = 'session.created'"},
    {"an event never came to a group", Harm::kLost,
     "DELETE FROM inbox WHERE consumer_group = 'trait_evolution' AND event_id IN"
     " (SELECT id FROM outbox WHERE partition_key = USER ORDER BY seq)"},
    {"an event was handled twice", Harm::kTwice,
     "INSERT INTO inbox SELECT i.* FROM inbox i JOIN outbox o ON o.id = i.event_id"
     " WHERE o.partition_key = USER AND o.type = 'session.created'"},
    {"events were handled out of order", Harm::kOutOfOrder,
     "UPDATE inbox SET handled_at = handled_at + interval '1 hour' WHERE event_id ="
     " (SELECT id FROM outbox WHERE partition_key = USER AND type = 'user.answer.submitted'"
     "  ORDER BY seq LIMIT 1)"},
    {"events were committed out of order", Harm::kOutOfOrder,
     "UPDATE outbox SET seq = -seq WHERE partition_key = USER AND type = 'question.selected'"},
    {"an answer is gone", Harm::kLost,
     "DELETE FROM user_answers_new WHERE user_id = USER AND answer_number = 2"},
    {"an answer is there twice", Harm::kTwice,
     "INSERT INTO user_answers_new (user_id, session_id, question_id, answer_text, answer_number,"
     " language, created_at) SELECT user_id, session_id, question_id, answer_text, answer_number,"
     " language, created_at FROM user_answers_new WHERE user_id = USER AND answer_number = 2"},
    {"an answer is not what was said", Harm::kWrong,
     "UPDATE user_answers_new SET answer_text = 'Nothing.' WHERE user_id = USER"},
    {"a row of trait history is gone", Harm::kLost,
     "DELETE FROM trait_history WHERE id = (SELECT max(id) FROM trait_history"
     " WHERE user_id = USER AND new_word IS NULL)"},
    {"a row of trait history is there twice", Harm::kTwice,
     "INSERT INTO trait_history (user_id, trait_category, trait_name, old_value, new_value,"
     " confidence, trigger, answer_id, timestamp) SELECT user_id, trait_category, trait_name,"
     " old_value, new_value, confidence, trigger, answer_id, timestamp FROM trait_history"
     " WHERE id = (SELECT max(id) FROM trait_history WHERE user_id = USER"
     " AND new_word IS NULL)"},
    {"a trait does not follow on from what was before", Harm::kWrong,
     "UPDATE trait_history SET old_value = 1 - new_value / 2 WHERE user_id = USER"},
    {"a change of the profile was lost", Harm::kLost,
     "UPDATE personality_profiles SET version = version - 1 WHERE user_id = USER"},
    {"a change of the profile was done twice", Harm::kTwice,
     "UPDATE personality_profiles SET version = version + 1 WHERE user_id = USER"},
    {"a message to the coach is gone", Harm::kLost,
     "DELETE FROM conversations WHERE user_id = USER"},
    {"the coach's reply is gone", Harm::kLost,
     "DELETE FROM conversations WHERE user_id = USER AND role = 'ASSISTANT'"},
    {"the coach replied twice", Harm::kTwice,
     "INSERT INTO conversations (conversation_id, user_id, role, content, created_at, in_reply_to)"
     " SELECT conversation_id, user_id, role, content, created_at, in_reply_to FROM conversations"
     " WHERE user_id = USER AND role = 'ASSISTANT'"},
    {"a promise is gone", Harm::kNotSent,
     "DELETE FROM outgoing_messages WHERE user_id = USER AND kind = 'question'"},
    {"a promised message was swallowed", Harm::kNotSent,
     "UPDATE outgoing_messages SET message_ids = '{}' WHERE user_id = USER AND kind = 'coach'"},
    {"a message was given up", Harm::kNotSent,
     "UPDATE outgoing_messages SET status = 'dropped' WHERE user_id = USER AND kind = 'feedback'"},
    {"a message is still on its way", Harm::kNotSent,
     "UPDATE outgoing_messages SET status = 'sending', body = '', due_at = now() + interval '1 day'"
     " WHERE user_id = USER AND kind = 'completion'"},
    {"messages came out of order", Harm::kOutOfOrder,
     "UPDATE outgoing_messages a SET message_ids = b.message_ids FROM outgoing_messages b"
     " WHERE a.user_id = USER AND b.user_id = USER AND a.kind = 'question'"
     " AND b.kind = 'question' AND a.id <> b.id"},
    {"an event is a dead letter", Harm::kParked,
     "INSERT INTO dead_letters (consumer_group, event_id, type, partition_key, occurred_at,"
     " traceparent, trace_id, producer, payload, code, reason, message, attempts)"
     " SELECT 'question_selection', id, type, partition_key, occurred_at, traceparent, trace_id,"
     " producer, payload, 'INTERNAL', '', '', 6 FROM outbox WHERE partition_key = USER"
     " AND type = 'session.created'"},
};

TEST(CheckerTest, FindsWhatIsDoneToARunThatWasRight) {
  // One person for each, and one to whom nothing is done.
  constexpr int kTampered = static_cast<int>(std::size(kTamperings));
  RunOptions options = SmallRun(kTampered + 1);
  Findings before;
  std::vector<int64_t> users;
  options.tamper = [&](Mesh& mesh, const std::vector<Ledger>& ledgers) -> absl::Status {
    ASSIGN_OR_RETURN(before, Check(mesh, ledgers, {.answers = 2, .turns = 1}, mesh.scratch()));
    RETURN_IF_ERROR(RunSql(mesh, std::string(kUnlock)));
    for (const Ledger& ledger : ledgers) users.push_back(ledger.user_id);
    for (size_t i = 0; i < std::size(kTamperings); ++i) {
      RETURN_IF_ERROR(RunSql(
          mesh, absl::StrReplaceAll(kTamperings[i].sql, {{"USER", absl::StrCat(users[i])}})));
    }
    return RunSql(mesh,
                  "DELETE FROM handled_updates WHERE update_id ="
                  " (SELECT min(update_id) + 1 FROM handled_updates)");
  };
  const auto outcome = RunChaos(options);
  ASSERT_TRUE(outcome.ok()) << outcome.status();

  for (const Violation& violation : before.violations) {
    ADD_FAILURE() << violation.user_id << ": " << Name(violation.harm) << " " << violation.what;
  }
  EXPECT_GT(before.events, options.people * 15);
  for (int i = 0; i < kTampered; ++i) {
    EXPECT_THAT(HarmsOf(outcome->findings, users[i]), Contains(Name(kTamperings[i].harm)))
        << kTamperings[i].what;
  }
  EXPECT_THAT(HarmsOf(outcome->findings, users.back()), IsEmpty());
  // An update that was lost, and the inbox of the event that is gone.
  EXPECT_EQ(HarmsOf(outcome->findings, 0), (std::set{Name(Harm::kLost), Name(Harm::kWrong)}));
}

TEST(CheckerTest, FindsKeyboardsThatStayAfterTheyWerePressed) {
  const absl::Time pressed = absl::FromUnixSeconds(1'700'000'000);
  const auto findings_of = [&](absl::Duration gone_after, absl::Duration read_after) {
    Facts facts;
    facts.pressed_keyboards = {
        {.chat_id = 7, .message_id = 3, .pressed_at = pressed, .gone_at = pressed + gone_after}};
    facts.read_at = pressed + read_after;
    Findings findings;
    Report report(7, findings);
    CheckChat({.user_id = 7, .done = true}, facts, report);
    return findings;
  };
  const absl::Duration never = absl::InfiniteDuration();
  EXPECT_TRUE(Tells(findings_of(never, absl::Seconds(3)), Harm::kWrong,
                    "message 3 has its keyboard still, 3 s after it was pressed"));
  EXPECT_EQ(findings_of(never, absl::Seconds(3)).keyboards_left, 1);
  EXPECT_THAT(findings_of(never, absl::Seconds(1)).violations, IsEmpty());
  EXPECT_THAT(findings_of(absl::Seconds(3), absl::Seconds(9)).violations, IsEmpty());
  EXPECT_EQ(findings_of(absl::Seconds(3), absl::Seconds(9)).keyboards_late, 1);
  EXPECT_EQ(findings_of(absl::Seconds(1), absl::Seconds(9)).keyboards_late, 0);
}

TEST(CheckerTest, FindsWhatARelayLoses) {
  RunOptions options = SmallRun(8);
  options.patience = absl::Seconds(5);
  options.sabotage = [](Mesh& mesh) {
    // The relay makes its publication a moment after it serves, or takes the one it finds.
    return RunSql(mesh,
                  "DO $$ BEGIN CREATE PUBLICATION selfology_outbox FOR TABLE outbox"
                  " WITH (publish = 'insert', publish_via_partition_root = true);"
                  " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;"
                  "ALTER PUBLICATION selfology_outbox SET TABLE outbox WHERE (seq % 11 <> 0)");
  };
  const auto outcome = RunChaos(options);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_TRUE(Tells(outcome->findings, Harm::kLost, "never came to"));
  EXPECT_FALSE(Tells(outcome->findings, Harm::kTwice));
}

// Redis is emptied now and then, the relay publishes again what may be missing, and an inbox that
// shows nobody what is in it and takes everything lets it through.
TEST(CheckerTest, FindsWhatAnInboxLetsThroughTwice) {
  RunOptions options = SmallRun(8);
  options.faults_for = absl::Seconds(6);
  options.patience = absl::Seconds(20);  // The relay may take 16 s to look for Redis again.
  options.pause = absl::Seconds(2);
  options.faults = {"redis_empty"};
  options.sabotage = [](Mesh& mesh) {
    return RunSql(mesh,
                  "ALTER TABLE inbox DROP CONSTRAINT inbox_handled_once;"
                  "CREATE POLICY takes_all ON inbox FOR INSERT WITH CHECK (true);"
                  "ALTER TABLE inbox ENABLE ROW LEVEL SECURITY;");
  };
  const auto outcome = RunChaos(options);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_TRUE(Tells(outcome->findings, Harm::kTwice, "how often trait.extracted came to"));
  EXPECT_TRUE(Tells(outcome->findings, Harm::kTwice, "rows of trait history"));
}

}  // namespace
}  // namespace selfology::chaos
