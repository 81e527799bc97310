#include "tests/chaos/journey_check.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "selfology/events/v1/analysis.pb.h"
#include "selfology/events/v1/chat.pb.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/events/v1/profile.pb.h"
#include "tests/chaos/told.h"

namespace selfology::chaos {
namespace {

// Rows of trait history that an extraction makes, but for words, which have one when they change.
int64_t RowsOf(const events::v1::TraitExtracted& event) {
  const profile::v1::CoreDynamics& dynamics = event.core_dynamics();
  return static_cast<int64_t>(event.traits_size() + event.domain_affinities_size()) +
         dynamics.has_self_awareness() + dynamics.has_emotional_regulation() +
         dynamics.has_motivation() + dynamics.has_resilience();
}

class JourneyCheck {
 public:
  JourneyCheck(const Facts& facts, const Expected& expected, Report& report)
      : facts_(facts), expected_(expected), report_(report) {}

  void Run() {
    CheckHandled();
    CheckSession();
    CheckAnswers();
    CheckAnalyses();
    CheckProfile();
    CheckCoach();
  }

 private:
  int64_t Count(std::string_view type) const {
    return static_cast<int64_t>(facts_.OfType(type).size());
  }

  template <typename Payload>
  std::vector<Told<Payload>> Read(std::string_view type) {
    return ReadTold<Payload>(facts_, type, report_);
  }

  // Every event was handled by each group that it concerns, once, and by no other.
  void CheckHandled() {
    for (const Event& event : facts_.events) {
      const std::vector<std::string_view> groups = GroupsOf(event.type);
      std::set<std::string> handled;
      for (const auto& [group, at] : event.handled) handled.insert(group);
      for (const std::string_view group : groups) {
        if (!handled.contains(std::string(group))) {
          report_.Say(Harm::kLost,
                      absl::StrCat(event.type, " ", event.id, " never came to ", group));
        }
      }
      for (const std::string& group : handled) {
        const auto times = static_cast<int64_t>(event.handled.count(group));
        report_.Expect(times, 1, absl::StrCat("how often ", event.type, " came to ", group));
        if (std::find(groups.begin(), groups.end(), group) == groups.end()) {
          report_.Say(Harm::kWrong, absl::StrCat(event.type, " was handled by ", group,
                                                 ", of which this checker does not know"));
        }
      }
    }
  }

  // Events that follow one another by their nature were handled in that order by each group.
  void CheckOrder(std::string_view what, const std::vector<const Event*>& chain) {
    struct Handled {
      const Event* event;
      absl::Time at;
    };
    std::map<std::string, Handled> last;
    for (const Event* event : chain) {
      std::set<std::string> groups;
      for (const auto& [group, at] : event->handled) {
        if (!groups.insert(group).second) continue;  // Again: that is told elsewhere.
        const auto before = last.find(group);
        if (before != last.end() && before->second.at > at) {
          report_.Say(Harm::kOutOfOrder, absl::StrCat(group, " handled ", what, " ", event->id,
                                                      " before ", before->second.event->id));
        }
        last.insert_or_assign(group, Handled{event, at});
      }
    }
  }

  // Numbers 1, 2, 3... in the order of the outbox, and handled in that order.
  template <typename Payload, typename Number>
  void CheckNumbered(std::string_view type, const std::vector<Told<Payload>>& all, Number number) {
    std::vector<const Event*> chain;
    int64_t last = 0;
    for (const Told<Payload>& told : all) {
      report_.ExpectNext(number(told.payload), last, absl::StrCat("number of ", type));
      chain.push_back(told.event);
    }
    CheckOrder(type, chain);
  }

  void CheckSession() {
    report_.Expect(Count("user.onboarding.initiated"), 1, "onboardings initiated");
    report_.Expect(Count("session.created"), 1, "sessions created");
    report_.Expect(Count("session.completed"), 1, "sessions completed");
    report_.Expect(Count("profile.created"), 1, "profiles created");
    std::vector<const Event*> chain;
    for (const Event& event : facts_.events) {
      if (event.type.starts_with("session.") || event.type == "user.answer.submitted" ||
          event.type == "user.onboarding.initiated") {
        chain.push_back(&event);
      }
    }
    CheckOrder("of session", chain);
    const auto questions = Read<events::v1::QuestionSelected>("question.selected");
    report_.Expect(static_cast<int64_t>(questions.size()), expected_.answers, "questions selected");
    CheckNumbered("question.selected", questions,
                  [](const auto& event) { return event.question_number(); });
  }

  void CheckAnswers() {
    report_.Expect(static_cast<int64_t>(facts_.answers.size()), expected_.answers, "answers");
    const auto submitted = Read<events::v1::UserAnswerSubmitted>("user.answer.submitted");
    report_.Expect(static_cast<int64_t>(submitted.size()),
                   static_cast<int64_t>(facts_.answers.size()), "answers submitted");
    CheckNumbered("user.answer.submitted", submitted,
                  [](const auto& event) { return event.answer_number(); });
    int64_t last = 0;
    for (const Answer& answer : facts_.answers) {
      report_.ExpectNext(answer.number, last, "number of an answer");
      const bool told = std::any_of(submitted.begin(), submitted.end(), [&](const auto& one) {
        return one.payload.answer_id() == answer.id && one.payload.answer_text() == answer.text &&
               one.payload.answer_number() == answer.number;
      });
      if (!told) {
        report_.Say(Harm::kWrong,
                    absl::StrCat("answer ", answer.number, " is not one that was told of"));
      }
    }
  }

  void CheckAnalyses() {
    std::map<int64_t, int64_t> instant, deep, extracted, rows;
    for (const auto& told : Read<events::v1::AnswerAnalyzedInstant>("answer.analyzed.instant")) {
      ++instant[told.payload.answer_id()];
    }
    for (const auto& told : Read<events::v1::AnswerAnalyzedDeep>("answer.analyzed.deep")) {
      report_.ExpectNext(told.payload.revision(), deep[told.payload.answer_id()],
                         absl::StrCat("revision of answer ", told.payload.answer_id()));
    }
    for (const auto& told : Read<events::v1::TraitExtracted>("trait.extracted")) {
      ++extracted[told.payload.answer_id()];
      rows[told.payload.answer_id()] += RowsOf(told.payload);
    }
    int64_t all_rows = 0;
    for (const Answer& answer : facts_.answers) {
      const std::string of = absl::StrCat(" of answer ", answer.number);
      report_.Expect(instant[answer.id], 1, absl::StrCat("instant analyses", of));
      report_.Expect(deep[answer.id], std::max(answer.revision, 1),
                     absl::StrCat("deep analyses", of));
      report_.Expect(extracted[answer.id], deep[answer.id], absl::StrCat("trait extractions", of));
      report_.Expect(answer.trait_rows, rows[answer.id], absl::StrCat("rows of trait history", of));
      all_rows += rows[answer.id];
    }
    report_.Expect(facts_.trait_rows, all_rows, "rows of trait history");
    if (facts_.broken_traits > 0) {
      report_.Say(Harm::kWrong, absl::StrCat(facts_.broken_traits,
                                             " rows of traits do not follow on from those before"));
    }
  }

  void CheckProfile() {
    std::vector<const Event*> chain;
    int64_t version = 0;
    for (const auto& told : Read<events::v1::ProfileCreated>("profile.created")) {
      report_.ExpectNext(told.payload.profile().version(), version, "version of a new profile");
      chain.push_back(told.event);
    }
    for (const auto& told : Read<events::v1::ProfileUpdated>("profile.updated")) {
      report_.ExpectNext(told.payload.profile().version(), version, "version of a profile");
      chain.push_back(told.event);
    }
    report_.Expect(facts_.profile_version, version, "version of the profile");
    CheckOrder("of profile", chain);
  }

  void CheckCoach() {
    std::map<int64_t, int> received, ready, replies;
    CheckTalk<events::v1::UserMessageReceived>(
        "user.message.received", [](const auto& event) { return event.message_id(); }, received);
    CheckTalk<events::v1::CoachMessageReady>(
        "coach.message.ready", [](const auto& event) { return event.in_reply_to_message_id(); },
        ready);
    for (const Turn& turn : facts_.turns) {
      if (!turn.of_person) ++replies[turn.in_reply_to];
    }
    int64_t turns = 0;
    for (const Turn& turn : facts_.turns) {
      if (!turn.of_person) continue;
      ++turns;
      const std::string of = absl::StrCat(" for message ", turn.id, " to the coach");
      report_.Expect(received[turn.id], 1, absl::StrCat("user.message.received", of));
      report_.Expect(ready[turn.id], 1, absl::StrCat("coach.message.ready", of));
      report_.Expect(replies[turn.id], 1, absl::StrCat("replies", of));
      if (turn.reply_status != "DONE") {
        report_.Say(Harm::kLost, absl::StrCat("reply ", turn.reply_status, of));
      }
    }
    report_.Expect(Count("user.message.received"), turns, "messages received");
    if (turns < expected_.turns) report_.Expect(turns, expected_.turns, "messages to the coach");
  }

  // Messages, or replies to messages, come in the order of the messages' ids.
  template <typename Payload, typename Id>
  void CheckTalk(std::string_view type, Id id, std::map<int64_t, int>& times) {
    std::vector<const Event*> chain;
    int64_t last = 0;
    for (const auto& told : Read<Payload>(type)) {
      const int64_t message = id(told.payload);
      ++times[message];
      if (message < last) report_.Say(Harm::kOutOfOrder, absl::StrCat(type, " of ", message));
      last = message;
      chain.push_back(told.event);
    }
    CheckOrder(type, chain);
  }

  const Facts& facts_;
  const Expected& expected_;
  Report& report_;
};

}  // namespace

void CheckJourney(const Facts& facts, const Expected& expected, Report& report) {
  JourneyCheck(facts, expected, report).Run();
}

}  // namespace selfology::chaos
