#include "services/coaching/coaching_dialog/cards.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/coaching/coaching_dialog/goal.h"
#include "services/coaching/coaching_dialog/guide.h"

namespace selfology::coaching_dialog {
namespace {

// Questions' marks, their ids, have no ":".
constexpr std::string_view kConsentMark = "consent:";

std::string Label(const Turn& turn, Text text) { return std::string(Phrase(turn.language, text)); }

v1::ButtonRow OneButton(const Turn& turn, Text text, std::string data) {
  return Row({{Phrase(turn.language, text), std::move(data)}});
}

}  // namespace

std::string CardKey(std::string_view what, const Turn& turn) {
  return absl::StrCat(what, ":", turn.key);
}

Reaction ShowCard(Conversations& conversations, const Turn& turn, v1::DialogMessage card) {
  std::string spent = conversations.PassButtons(turn.call, turn.user_id, card.key());
  Reaction reaction = Reply(std::move(card));
  Spend(reaction, std::move(spent));
  return reaction;
}

void SpendButtons(Conversations& conversations, const Turn& turn, Reaction& reaction) {
  Spend(reaction, conversations.PassButtons(turn.call, turn.user_id, ""));
}

v1::DialogMessage ConsentCard(const Turn& turn, std::string_view policy_version, std::string html) {
  v1::DialogMessage card = Card(
      CardKey("consent", turn), std::move(html),
      {OneButton(turn, Text::kButtonAgree, absl::StrCat("consent:yes:", policy_version)),
       OneButton(turn, Text::kButtonWhatIsStored, absl::StrCat("consent:info:", policy_version))});
  card.set_mark(absl::StrCat(kConsentMark, policy_version));
  return card;
}

std::optional<std::string> PolicyOfMark(std::string_view mark) {
  if (!mark.starts_with(kConsentMark)) return std::nullopt;
  return std::string(mark.substr(kConsentMark.size()));
}

v1::DialogMessage WhatIsStoredCard(const Turn& turn, std::string_view policy_version) {
  v1::DialogMessage card = Card(CardKey("consent", turn), Label(turn, Text::kWhatIsStored),
                                {Row({{Phrase(turn.language, Text::kButtonAgree),
                                       absl::StrCat("consent:yes:", policy_version)},
                                      {Phrase(turn.language, Text::kButtonDecline),
                                       absl::StrCat("consent:no:", policy_version)}})});
  card.set_mark(absl::StrCat(kConsentMark, policy_version));
  return card;
}

v1::ButtonRow EndQuestionsRow(const Turn& turn) {
  return Row({{Phrase(turn.language, Guide::kButtonFinish), "finish:"}});
}

v1::DialogMessage PausedCard(const Turn& turn) {
  return Card(CardKey("resume", turn), Label(turn, Text::kPaused),
              {OneButton(turn, Text::kButtonResume, "resume:"), EndQuestionsRow(turn)});
}

v1::DialogMessage PausedChatCard(const Turn& turn) {
  return Card(CardKey("chat", turn), Label(turn, Text::kChatPaused),
              {OneButton(turn, Text::kButtonResume, "resume:")});
}

v1::DialogMessage BeginCard(const Turn& turn) {
  return Card(CardKey("begin", turn), Label(turn, Text::kNothingOpen),
              {OneButton(turn, Text::kButtonBegin, "start:")});
}

v1::DialogMessage ThroughCard(const Turn& turn, v1::ConversationState state) {
  const bool paused = GoalOf(state) == Goal::kPausedChat;
  std::vector<v1::ButtonRow> rows;
  if (paused) rows.push_back(OneButton(turn, Text::kButtonResume, "resume:"));
  rows.push_back(OneButton(turn, Text::kButtonBeginAgain, "restart:"));
  return Card(CardKey("begin", turn),
              Label(turn, paused ? Text::kPausedBefore : Text::kCompletedBefore), std::move(rows));
}

}  // namespace selfology::coaching_dialog
