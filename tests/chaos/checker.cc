#include "tests/chaos/checker.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/analysis.pb.h"
#include "selfology/events/v1/chat.pb.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/events/v1/profile.pb.h"
#include "selfology/events/v1/system.pb.h"

namespace selfology::chaos {

using journey::Mesh;
using telegram_emulator::Message;

namespace {

// Rows of trait history that an extraction makes.
int64_t RowsOf(const events::v1::TraitExtracted& event) {
  const profile::v1::CoreDynamics& dynamics = event.core_dynamics();
  return static_cast<int64_t>(event.traits_size() + event.domain_affinities_size()) +
         dynamics.has_self_awareness() + dynamics.has_emotional_regulation() +
         dynamics.has_motivation() + dynamics.has_resilience();
}

template <typename Payload>
struct Told {
  const Event* event;
  Payload payload;
};

class PersonCheck {
 public:
  PersonCheck(const Ledger& ledger, const Facts& facts, const Expected& expected,
              Findings& findings)
      : ledger_(ledger), facts_(facts), expected_(expected), findings_(findings) {}

  void Run() {
    CheckHandled();
    CheckSession();
    CheckAnswers();
    CheckAnalyses();
    CheckProfile();
    CheckChat();
    CheckLedger();
    CheckMessages();
    if (!ledger_.done) Say(absl::StrCat("still waits for ", ledger_.waits_for));
  }

 private:
  void Say(std::string what) {
    findings_.violations.push_back({.user_id = ledger_.user_id, .what = std::move(what)});
  }
  void Expect(int64_t is, int64_t wanted, std::string_view what) {
    if (is != wanted) Say(absl::StrCat(what, ": ", is, " instead of ", wanted));
  }
  int64_t Count(std::string_view type) const {
    return static_cast<int64_t>(facts_.OfType(type).size());
  }

  template <typename Payload>
  std::vector<Told<Payload>> Read(std::string_view type) {
    std::vector<Told<Payload>> all;
    for (const Event* event : facts_.OfType(type)) {
      Told<Payload> told{.event = event, .payload = {}};
      if (!told.payload.ParseFromString(event->payload)) {
        Say(absl::StrCat("unreadable ", type));
        continue;
      }
      all.push_back(std::move(told));
    }
    return all;
  }

  // Every event was handled by each group that it concerns, and by no other.
  void CheckHandled() {
    for (const Event& event : facts_.events) {
      const std::vector<std::string_view> groups = GroupsOf(event.type);
      for (const std::string_view group : groups) {
        if (!event.handled.contains(std::string(group))) {
          Say(absl::StrCat("lost: ", event.type, " ", event.id, " never came to ", group));
        }
      }
      for (const auto& [group, at] : event.handled) {
        if (std::find(groups.begin(), groups.end(), group) == groups.end()) {
          Say(absl::StrCat(event.type, " was handled by ", group,
                           ", of which this checker does not know"));
        }
      }
    }
  }

  // Events that follow one another by their nature were handled in that order by each group.
  void CheckOrder(std::string_view what, const std::vector<const Event*>& chain) {
    std::map<std::string, const Event*> last;
    for (const Event* event : chain) {
      for (const auto& [group, at] : event->handled) {
        const Event*& before = last[group];
        if (before != nullptr && before->handled.at(group) > at) {
          Say(absl::StrCat("out of order: ", group, " handled ", what, " ", event->id, " before ",
                           before->id));
        }
        before = event;
      }
    }
  }

  // Numbers 1, 2, 3... in the order of the outbox.
  template <typename Payload>
  void CheckNumbered(std::string_view type, const std::vector<Told<Payload>>& all,
                     const std::function<int64_t(const Payload&)>& number) {
    std::vector<const Event*> chain;
    int64_t wanted = 0;
    for (const Told<Payload>& told : all) {
      Expect(number(told.payload), ++wanted, absl::StrCat("number of ", type));
      chain.push_back(told.event);
    }
    CheckOrder(type, chain);
  }

  void CheckSession() {
    Expect(Count("user.onboarding.initiated"), 1, "onboardings initiated");
    Expect(Count("session.created"), 1, "sessions created");
    Expect(Count("session.completed"), 1, "sessions completed");
    Expect(Count("profile.created"), 1, "profiles created");
    std::vector<const Event*> chain;
    for (const Event& event : facts_.events) {
      if (event.type.starts_with("session.") || event.type == "user.answer.submitted" ||
          event.type == "user.onboarding.initiated") {
        chain.push_back(&event);
      }
    }
    CheckOrder("of session", chain);
    const auto questions = Read<events::v1::QuestionSelected>("question.selected");
    Expect(static_cast<int64_t>(questions.size()), expected_.answers, "questions selected");
    CheckNumbered<events::v1::QuestionSelected>(
        "question.selected", questions, [](const auto& event) { return event.question_number(); });
  }

  void CheckAnswers() {
    Expect(static_cast<int64_t>(facts_.answers.size()), expected_.answers, "answers");
    const auto submitted = Read<events::v1::UserAnswerSubmitted>("user.answer.submitted");
    Expect(static_cast<int64_t>(submitted.size()), static_cast<int64_t>(facts_.answers.size()),
           "answers submitted");
    CheckNumbered<events::v1::UserAnswerSubmitted>(
        "user.answer.submitted", submitted,
        [](const auto& event) { return event.answer_number(); });
    for (size_t i = 0; i < std::min(submitted.size(), facts_.answers.size()); ++i) {
      Expect(facts_.answers[i].number, static_cast<int64_t>(i) + 1, "number of an answer");
      if (submitted[i].payload.answer_id() != facts_.answers[i].id ||
          submitted[i].payload.answer_text() != facts_.answers[i].text) {
        Say(absl::StrCat("answer ", i + 1, " is not the one that was told of"));
      }
    }
  }

  void CheckAnalyses() {
    std::map<int64_t, int64_t> instant, deep, extracted, rows;
    for (const auto& told : Read<events::v1::AnswerAnalyzedInstant>("answer.analyzed.instant")) {
      ++instant[told.payload.answer_id()];
    }
    for (const auto& told : Read<events::v1::AnswerAnalyzedDeep>("answer.analyzed.deep")) {
      Expect(told.payload.revision(), ++deep[told.payload.answer_id()],
             absl::StrCat("revision of answer ", told.payload.answer_id()));
    }
    for (const auto& told : Read<events::v1::TraitExtracted>("trait.extracted")) {
      ++extracted[told.payload.answer_id()];
      rows[told.payload.answer_id()] += RowsOf(told.payload);
    }
    int64_t all_rows = 0;
    for (const Answer& answer : facts_.answers) {
      const std::string of = absl::StrCat(" of answer ", answer.number);
      Expect(instant[answer.id], 1, absl::StrCat("instant analyses", of));
      Expect(deep[answer.id], std::max(answer.revision, 1), absl::StrCat("deep analyses", of));
      Expect(extracted[answer.id], deep[answer.id], absl::StrCat("trait extractions", of));
      Expect(answer.trait_rows, rows[answer.id], absl::StrCat("rows of trait history", of));
      all_rows += rows[answer.id];
    }
    Expect(facts_.trait_rows, all_rows, "rows of trait history");
    Expect(facts_.broken_traits, 0, "traits that do not follow on from what was before");
  }

  void CheckProfile() {
    std::vector<const Event*> chain;
    int64_t version = 0;
    for (const auto& told : Read<events::v1::ProfileCreated>("profile.created")) {
      Expect(told.payload.profile().version(), ++version, "version of a new profile");
      chain.push_back(told.event);
    }
    for (const auto& told : Read<events::v1::ProfileUpdated>("profile.updated")) {
      Expect(told.payload.profile().version(), ++version, "version of a profile");
      chain.push_back(told.event);
    }
    Expect(facts_.profile_version, version, "version of the profile");
    CheckOrder("of profile", chain);
  }

  void CheckChat() {
    std::map<int64_t, int> received, ready, replies;
    std::vector<const Event*> chain;
    int64_t last = 0;
    for (const auto& told : Read<events::v1::UserMessageReceived>("user.message.received")) {
      ++received[told.payload.message_id()];
      if (told.payload.message_id() < last) Say("messages to the coach were told out of order");
      last = told.payload.message_id();
      chain.push_back(told.event);
    }
    CheckOrder("user.message.received", chain);
    chain.clear();
    last = 0;
    for (const auto& told : Read<events::v1::CoachMessageReady>("coach.message.ready")) {
      const int64_t to = told.payload.in_reply_to_message_id();
      ++ready[to];
      if (to < last) Say("the coach replied out of order");
      last = to;
      chain.push_back(told.event);
    }
    CheckOrder("coach.message.ready", chain);
    for (const Turn& turn : facts_.turns) {
      if (!turn.of_person) ++replies[turn.in_reply_to];
    }
    int64_t turns = 0;
    for (const Turn& turn : facts_.turns) {
      if (!turn.of_person) continue;
      ++turns;
      const std::string of = absl::StrCat(" for message ", turn.id, " to the coach");
      Expect(received[turn.id], 1, absl::StrCat("user.message.received", of));
      Expect(ready[turn.id], 1, absl::StrCat("coach.message.ready", of));
      Expect(replies[turn.id], 1, absl::StrCat("replies", of));
      if (turn.reply_status != "DONE") Say(absl::StrCat("reply ", turn.reply_status, of));
    }
    Expect(Count("user.message.received"), turns, "messages received");
    if (turns < expected_.turns) Expect(turns, expected_.turns, "messages to the coach");
  }

  // What was taken down was said, once and in this order; what was not was refused.
  void CheckLedger() {
    std::map<std::string, size_t> by_text;
    for (size_t i = 0; i < ledger_.said.size(); ++i) by_text[ledger_.said[i].text] = i;
    std::set<size_t> taken_down;
    const auto take = [&](std::string_view where, const std::string& text, int64_t& last) {
      const auto said = by_text.find(text);
      if (said == by_text.end()) {
        return Say(absl::StrCat(where, " has what nobody said: ", text));
      }
      const auto index = static_cast<int64_t>(said->second);
      if (!taken_down.insert(said->second).second) {
        Say(absl::StrCat("twice in ", where, ": ", text));
      } else if (index < last) {
        Say(absl::StrCat("out of order in ", where, ": ", text));
      }
      last = std::max(last, index);
    };
    int64_t last = -1;
    for (const Answer& answer : facts_.answers) take("answers", answer.text, last);
    last = -1;
    for (const Turn& turn : facts_.turns) {
      if (turn.of_person) take("conversations", turn.text, last);
    }
    std::vector<int64_t> refusals;
    for (const auto& [id, message] : facts_.chat) {
      if (message.from_bot && IsRefusal(message.text)) refusals.push_back(id);
    }
    auto refusal = refusals.begin();
    for (size_t i = 0; i < ledger_.said.size(); ++i) {
      if (taken_down.contains(i)) continue;
      const Said& said = ledger_.said[i];
      refusal = std::upper_bound(refusal, refusals.end(), said.message_id);
      if (refusal == refusals.end()) {
        Say(absl::StrCat("lost: neither taken down nor refused: ", said.text));
      } else {
        ++refusal;
      }
    }
  }

  // The message with this key was sent, and says this; gives its number, or 0.
  int64_t CheckMessage(const std::string& key, std::string_view words) {
    const auto found = facts_.outgoing.find(key);
    if (found == facts_.outgoing.end()) {
      Say(absl::StrCat("no message was made for ", key));
      return 0;
    }
    const Sent& sent = found->second;
    if (sent.status != "sent") {
      Say(absl::StrCat(sent.kind, " ", key, " is ", sent.status));
      return 0;
    }
    if (sent.message_ids.empty()) {
      const bool may_be_doubted = sent.kind == "feedback" || sent.kind == "insight";
      if (may_be_doubted) {
        ++findings_.in_doubt;
      } else {
        Say(absl::StrCat(sent.kind, " ", key, " counts as sent, and was not"));
      }
      return 0;
    }
    const auto message = facts_.chat.find(sent.message_ids.front());
    if (message == facts_.chat.end() || !message->second.from_bot) {
      Say(absl::StrCat(sent.kind, " ", key, " is not in the chat"));
      return 0;
    }
    // Long texts are sent in pieces.
    const std::string_view beginning = words.substr(0, 40);
    if (!absl::StrContains(message->second.text, std::string(beginning))) {
      Say(absl::StrCat(sent.kind, " ", key, " says something else: ", message->second.text));
    }
    return message->first;
  }

  template <typename Payload>
  void CheckMessagesOf(std::string_view type,
                       const std::function<std::string(const Payload&)>& words) {
    int64_t last = 0;
    for (const auto& told : Read<Payload>(type)) {
      const int64_t id = CheckMessage(absl::StrCat("event:", told.event->id), words(told.payload));
      if (id == 0) continue;
      if (id < last) Say(absl::StrCat("messages of ", type, " came out of order"));
      last = id;
    }
  }

  void CheckMessages() {
    CheckMessagesOf<events::v1::QuestionSelected>(
        "question.selected", [](const auto& event) { return event.question_text(); });
    CheckMessagesOf<events::v1::SessionCompleted>(
        "session.completed", [](const auto&) { return "🎉 That was the last question"; });
    CheckMessagesOf<events::v1::CoachMessageReady>(
        "coach.message.ready", [](const auto& event) { return event.message_text(); });
    for (const auto& told : Read<events::v1::AnswerAnalyzedInstant>("answer.analyzed.instant")) {
      if (told.payload.brief_insight().empty()) continue;
      CheckMessage(
          absl::StrCat("feedback:", told.payload.session_id(), ":", told.payload.question_id()),
          told.payload.brief_insight());
    }
    for (const auto& told : Read<events::v1::InsightReadyForUser>("insight.ready_for_user")) {
      CheckMessage(absl::StrCat("insight:", told.payload.insight_id()),
                   told.payload.message_text());
    }
    int64_t feedback_rows = 0;
    std::set<int64_t> noted;
    for (const auto& [key, sent] : facts_.outgoing) {
      if (sent.kind == "feedback") ++feedback_rows;
      noted.insert(sent.message_ids.begin(), sent.message_ids.end());
      if (sent.status == "waiting" || sent.status == "sending") {
        Say(absl::StrCat(sent.kind, " ", key, " is still ", sent.status));
      }
      if (sent.status == "dropped") Say(absl::StrCat(sent.kind, " ", key, " was dropped"));
    }
    int64_t feedbacks = 0;
    for (const auto& [id, message] : facts_.chat) {
      if (!message.from_bot) continue;
      if (message.text.starts_with("✨")) {
        ++feedbacks;
      } else if (!noted.contains(id)) {
        ++findings_.sent_twice;
      }
    }
    if (feedbacks > feedback_rows) Expect(feedbacks, feedback_rows, "feedbacks in the chat");
  }

  const Ledger& ledger_;
  const Facts& facts_;
  const Expected& expected_;
  Findings& findings_;
};

absl::Status CheckDeadLetters(Mesh& mesh, Findings& findings) {
  ASSIGN_OR_RETURN(const auto rows,
                   (mesh.database().Read(Mesh::Deadline(), [](postgres::Transaction& tx) {
                     return tx.Query<int64_t, std::string, std::string, std::string>(
                         "SELECT partition_key, type, consumer_group, message"
                         " FROM selfology.dead_letters ORDER BY position");
                   })));
  for (const auto& [user, type, group, message] : rows) {
    findings.violations.push_back(
        {.user_id = user,
         .what = absl::StrCat("dead letter: ", type, " of ", group, ": ", message)});
  }
  return absl::OkStatus();
}

// Every update of Telegram's took effect, once.
absl::Status CheckUpdates(Mesh& mesh, Findings& findings) {
  ASSIGN_OR_RETURN(const auto row,
                   (mesh.database().Read(Mesh::Deadline(), [](postgres::Transaction& tx) {
                     return tx.QueryOne<int64_t, int64_t>(
                         "SELECT count(*), coalesce(max(update_id) - min(update_id) + 1, 0)"
                         " FROM selfology.handled_updates");
                   })));
  const auto& [handled, numbers] = row.value();
  if (handled != numbers) {
    findings.violations.push_back(
        {.user_id = 0, .what = absl::StrCat(handled, " updates handled of ", numbers)});
  }
  return absl::OkStatus();
}

}  // namespace

void CheckPerson(const Ledger& ledger, const Facts& facts, const Expected& expected,
                 Findings& findings) {
  PersonCheck(ledger, facts, expected, findings).Run();
  findings.events += static_cast<int64_t>(facts.events.size());
}

std::string Describe(const Ledger& ledger, const Facts& facts) {
  std::string text = absl::StrCat("user ", ledger.user_id, ledger.done ? " is done\n" : " waits\n");
  for (const Said& said : ledger.said) {
    absl::StrAppend(&text, "said ", said.message_id, ": ", said.text, "\n");
  }
  for (const auto& [id, message] : facts.chat) {
    absl::StrAppend(&text, "chat ", id, " ", message.from_bot ? "bot" : "person", ": ",
                    message.text.substr(0, 100), "\n");
  }
  for (const Event& event : facts.events) {
    absl::StrAppend(&text, "event ", event.seq, " ", event.id, " ", event.type);
    for (const auto& [group, at] : event.handled) {
      absl::StrAppend(&text, " ", group, "@",
                      absl::FormatTime("%H:%M:%E3S", at, absl::UTCTimeZone()));
    }
    absl::StrAppend(&text, "\n");
  }
  for (const Answer& answer : facts.answers) {
    absl::StrAppend(&text, "answer ", answer.id, " number ", answer.number, ": ", answer.text,
                    "\n");
  }
  for (const Turn& turn : facts.turns) {
    absl::StrAppend(&text, "turn ", turn.id, " to ", turn.in_reply_to, " ", turn.reply_status, ": ",
                    turn.text.substr(0, 100), "\n");
  }
  for (const auto& [key, sent] : facts.outgoing) {
    absl::StrAppend(&text, "outgoing ", key, " ", sent.kind, " ", sent.status, " ",
                    absl::StrJoin(sent.message_ids, ","), "\n");
  }
  return text;
}

absl::StatusOr<Findings> Check(Mesh& mesh, const std::vector<Ledger>& ledgers,
                               const Expected& expected, const std::string& folder) {
  Findings findings;
  RETURN_IF_ERROR(CheckDeadLetters(mesh, findings));
  RETURN_IF_ERROR(CheckUpdates(mesh, findings));
  for (const Ledger& ledger : ledgers) {
    ASSIGN_OR_RETURN(const Facts facts, ReadFacts(mesh, ledger.user_id));
    const size_t before = findings.violations.size();
    CheckPerson(ledger, facts, expected, findings);
    if (findings.violations.size() > before) {
      std::ofstream file(absl::StrCat(folder, "/user-", ledger.user_id, ".txt"));
      file << Describe(ledger, facts);
    }
  }
  return findings;
}

}  // namespace selfology::chaos
