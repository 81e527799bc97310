// Messages whose buttons stay until what they are for is done (Card in messages.h).
//
//   return ShowCard(conversations_, turn, PausedCard(turn));
//
// Threads: thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "selfology/telegram/v1/dialog.pb.h"
#include "services/coaching/coaching_dialog/conversations.h"
#include "services/coaching/coaching_dialog/turn.h"

namespace selfology::coaching_dialog {

// "resume:tg:77"; of what answers one update one card has it.
std::string CardKey(std::string_view what, const Turn& turn);

// In place of whatever had buttons before.
Reaction ShowCard(Conversations& conversations, const Turn& turn, v1::DialogMessage card);
// Nothing has buttons any more.
void SpendButtons(Conversations& conversations, const Turn& turn, Reaction& reaction);

// `html`: what is said above its buttons; its mark tells which version of the policy was shown.
v1::DialogMessage ConsentCard(const Turn& turn, std::string_view policy_version, std::string html);
// The version that a mark tells of; absent: it is another mark.
std::optional<std::string> PolicyOfMark(std::string_view mark);
v1::DialogMessage WhatIsStoredCard(const Turn& turn, std::string_view policy_version);
v1::DialogMessage PausedCard(const Turn& turn);
// Ends the questions, with however few answers.
v1::ButtonRow EndQuestionsRow(const Turn& turn);
v1::DialogMessage PausedChatCard(const Turn& turn);
// For whom nothing is open.
v1::DialogMessage BeginCard(const Turn& turn);
// For who is through with the questions.
v1::DialogMessage ThroughCard(const Turn& turn, v1::ConversationState state);

}  // namespace selfology::coaching_dialog
