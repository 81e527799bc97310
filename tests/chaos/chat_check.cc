#include "tests/chaos/chat_check.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "selfology/events/v1/analysis.pb.h"
#include "selfology/events/v1/chat.pb.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/events/v1/system.pb.h"
#include "tests/chaos/told.h"
#include "tests/journey/words.h"

namespace selfology::chaos {
namespace {

class ChatCheck {
 public:
  ChatCheck(const Ledger& ledger, const Facts& facts, Report& report)
      : ledger_(ledger), facts_(facts), report_(report) {}

  void Run() {
    CheckLedger();
    CheckMessages();
    CheckKeyboards();
    if (!ledger_.done) {
      report_.Say(Harm::kStuck, absl::StrCat("still waits for ", ledger_.waits_for));
    }
  }

 private:
  template <typename Payload>
  std::vector<Told<Payload>> Read(std::string_view type) {
    return ReadTold<Payload>(facts_, type, report_);
  }

  // What was taken down was said, once and in this order; what was not was refused.
  void CheckLedger() {
    std::map<std::string, size_t> by_text;
    for (size_t i = 0; i < ledger_.said.size(); ++i) by_text[ledger_.said[i].text] = i;
    std::set<size_t> taken_down;
    const auto take = [&](std::string_view where, const std::string& text, int64_t& last) {
      const auto said = by_text.find(text);
      if (said == by_text.end()) {
        return report_.Say(Harm::kWrong, absl::StrCat(where, " has what nobody said: ", text));
      }
      const auto index = static_cast<int64_t>(said->second);
      if (!taken_down.insert(said->second).second) {
        report_.Say(Harm::kTwice, absl::StrCat("in ", where, ": ", text));
      } else if (index < last) {
        report_.Say(Harm::kOutOfOrder, absl::StrCat("in ", where, ": ", text));
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
      if (message.from_bot && journey::IsRefusal(message.text)) refusals.push_back(id);
    }
    auto refusal = refusals.begin();
    for (size_t i = 0; i < ledger_.said.size(); ++i) {
      if (taken_down.contains(i)) continue;
      const Said& said = ledger_.said[i];
      refusal = std::upper_bound(refusal, refusals.end(), said.message_id);
      if (refusal == refusals.end()) {
        report_.Say(Harm::kLost, absl::StrCat("neither taken down nor refused: ", said.text));
      } else {
        ++refusal;
      }
    }
  }

  // The message with this key was sent, and says this; gives its number, or 0.
  int64_t CheckMessage(const std::string& key, std::string_view words) {
    const auto found = facts_.outgoing.find(key);
    if (found == facts_.outgoing.end()) {
      report_.Say(Harm::kNotSent, absl::StrCat("no message was made for ", key));
      return 0;
    }
    const Sent& sent = found->second;
    if (sent.status != "sent") {
      report_.Say(Harm::kNotSent, absl::StrCat(sent.kind, " ", key, " is ", sent.status));
      return 0;
    }
    if (sent.message_ids.empty()) {
      const bool may_be_doubted = sent.kind == "feedback" || sent.kind == "insight";
      if (may_be_doubted) {
        ++report_.findings().in_doubt;
      } else {
        report_.Say(Harm::kNotSent,
                    absl::StrCat(sent.kind, " ", key, " counts as sent, and was not"));
      }
      return 0;
    }
    const auto message = facts_.chat.find(sent.message_ids.front());
    if (message == facts_.chat.end() || !message->second.from_bot) {
      report_.Say(Harm::kNotSent, absl::StrCat(sent.kind, " ", key, " is not in the chat"));
      return 0;
    }
    // Long texts are sent in pieces.
    const std::string_view beginning = words.substr(0, 40);
    if (!absl::StrContains(message->second.text, std::string(beginning))) {
      report_.Say(Harm::kWrong, absl::StrCat(sent.kind, " ", key,
                                             " says something else: ", message->second.text));
    }
    return message->first;
  }

  // `key`: of the message of a payload; empty: that of its event.
  template <typename Payload, typename Words>
  void CheckMessagesOf(
      std::string_view type, Words words,
      const std::function<std::string(const Payload&)>& key = [](const Payload&) { return ""; }) {
    int64_t last = 0;
    for (const auto& told : Read<Payload>(type)) {
      const std::string own = key(told.payload);
      const int64_t id = CheckMessage(own.empty() ? absl::StrCat("event:", told.event->id) : own,
                                      words(told.payload));
      if (id == 0) continue;
      if (id < last) report_.Say(Harm::kOutOfOrder, absl::StrCat("messages of ", type));
      last = id;
    }
  }

  void CheckMessages() {
    CheckMessagesOf<events::v1::QuestionSelected>(
        "question.selected", [](const auto& event) { return event.question_text(); },
        [](const auto& event) {
          return absl::StrCat("coaching_dialog:question:", event.session_id(), ":",
                              event.question_id());
        });
    CheckMessagesOf<events::v1::SessionCompleted>(
        "session.completed", [](const auto&) { return "🎉 That was the last question"; });
    CheckMessagesOf<events::v1::CoachMessageReady>(
        "coach.message.ready", [](const auto& event) { return event.message_text(); });
    for (const auto& told : Read<events::v1::AnswerAnalyzedInstant>("answer.analyzed.instant")) {
      if (told.payload.brief_insight().empty()) continue;
      CheckMessage(absl::StrCat("coaching_dialog:feedback:", told.payload.session_id(), ":",
                                told.payload.question_id()),
                   told.payload.brief_insight());
    }
    for (const auto& told : Read<events::v1::InsightReadyForUser>("insight.ready_for_user")) {
      CheckMessage(absl::StrCat("coaching_dialog:insight:", told.payload.insight_id()),
                   told.payload.message_text());
    }
    int64_t feedback_rows = 0;
    std::set<int64_t> noted;
    for (const auto& [key, sent] : facts_.outgoing) {
      if (sent.kind == "feedback") ++feedback_rows;
      noted.insert(sent.message_ids.begin(), sent.message_ids.end());
      if (sent.status == "waiting" || sent.status == "sending") {
        report_.Say(Harm::kNotSent, absl::StrCat(sent.kind, " ", key, " is still ", sent.status));
      }
      if (sent.status == "dropped") {
        report_.Say(Harm::kNotSent, absl::StrCat(sent.kind, " ", key, " was dropped"));
      }
    }
    int64_t feedbacks = 0;
    for (const auto& [id, message] : facts_.chat) {
      if (!message.from_bot) continue;
      if (message.text.starts_with("✨")) {
        ++feedbacks;
      } else if (!noted.contains(id)) {
        ++report_.findings().sent_twice;
      }
    }
    if (feedbacks > feedback_rows)
      report_.Expect(feedbacks, feedback_rows, "feedbacks in the chat");
  }

  void CheckKeyboards() {
    for (const telegram_emulator::PressedKeyboard& keyboard : facts_.pressed_keyboards) {
      const absl::Time until = std::min(keyboard.gone_at, facts_.read_at);
      const absl::Duration stayed = until - keyboard.pressed_at;
      if (stayed <= kKeyboardLeaves) continue;
      if (!keyboard.is_there()) {
        ++report_.findings().keyboards_late;
        continue;
      }
      ++report_.findings().keyboards_left;
      report_.Say(Harm::kWrong,
                  absl::StrCat("message ", keyboard.message_id, " has its keyboard still, ",
                               absl::ToInt64Seconds(stayed), " s after it was pressed"));
    }
  }

  const Ledger& ledger_;
  const Facts& facts_;
  Report& report_;
};

}  // namespace

void CheckChat(const Ledger& ledger, const Facts& facts, Report& report) {
  ChatCheck(ledger, facts, report).Run();
}

}  // namespace selfology::chaos
