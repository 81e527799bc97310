#include "services/growth/growth_dialog/challenge_actions.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/html.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "common/timestamps/timestamp.h"

namespace selfology::growth_dialog {
namespace {

using challenge::v1::Challenge;
using challenge::v1::Participation;

constexpr int kShown = 8;
constexpr int kOptionLabel = 40;  // Characters.

std::string Short(std::string_view text, int characters) {
  if (text::Characters(text) <= characters) return std::string(text);
  return absl::StrCat(text::Prefix(text, characters - 1), "…");
}

std::string Data(std::string_view what, int64_t id, std::string_view more = "") {
  return absl::StrCat(kChallengeAction, ":", what, ":", id, more.empty() ? "" : ":", more);
}

telegram::DialogMessage Panel(std::string_view kind, std::string html) {
  telegram::DialogMessage message = TextMessage(kind, std::move(html));
  message.set_lifecycle(telegram::MESSAGE_LIFECYCLE_SYSTEM);
  message.set_tag("growth_challenge");
  message.set_keep_buttons(true);
  return message;
}

std::string_view Mark(const Challenge& challenge) {
  if (challenge.mode() == challenge::v1::CHALLENGE_MODE_DUEL) return "⚔️ ";
  if (challenge.mode() == challenge::v1::CHALLENGE_MODE_TEAM) return "🤝 ";
  return challenge.kind() == challenge::v1::CHALLENGE_KIND_QUIZ ? "❓ " : "🎯 ";
}

std::string StandingText(const Participation& part, Language language) {
  switch (part.state()) {
    case challenge::v1::PARTICIPATION_STATE_SUCCEEDED:
      return std::string(In(language, "✅ Done!", "✅ Выполнено!"));
    case challenge::v1::PARTICIPATION_STATE_FAILED:
      return std::string(In(language, "❌ Not this time.", "❌ В этот раз не вышло."));
    case challenge::v1::PARTICIPATION_STATE_JOINED:
      return absl::StrCat(In(language, "So far: ", "Пока: "), part.progress(), " / ", part.goal());
    default:
      return "";
  }
}

telegram::DialogReaction Notice(std::string_view text) {
  telegram::DialogReaction reaction;
  reaction.set_notice(std::string(text));
  return reaction;
}

// What the person is told instead of an answer that the service refused.
bool IsRefused(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsFailedPrecondition(status) ||
         absl::IsInvalidArgument(status);
}

telegram::DialogReaction Refused(const Turn& turn) {
  return Notice(In(turn.language(), "This challenge is over or is not there any more.",
                   "Этот вызов завершён или его больше нет."));
}

telegram::DialogMessage Card(const Challenge& challenge, const Participation& part,
                             int participants, const Turn& turn) {
  const Language language = turn.language();
  const int64_t id = challenge.challenge_id();
  std::string html = absl::StrCat(Mark(challenge), "<b>", text::EscapeHtml(challenge.title()),
                                  "</b>\n", text::EscapeHtml(challenge.text()));
  const bool is_open = challenge.state() == challenge::v1::CHALLENGE_STATE_OPEN;
  const bool is_quiz = challenge.kind() == challenge::v1::CHALLENGE_KIND_QUIZ;
  const bool joined = part.state() == challenge::v1::PARTICIPATION_STATE_JOINED;
  if (is_quiz) {
    for (int i = 0; i < challenge.options_size(); ++i) {
      absl::StrAppend(&html, "\n", i + 1, ". ", text::EscapeHtml(challenge.options(i)),
                      part.right_option() == i + 1    ? " ✅"
                      : part.chosen_option() == i + 1 ? " ❌"
                                                      : "");
    }
  }
  const std::string standing = StandingText(part, language);
  if (!standing.empty() && !(is_quiz && joined)) absl::StrAppend(&html, "\n\n", standing);
  if (challenge.prize() > 0) {
    absl::StrAppend(&html, "\n🪙 ", In(language, "Prize: ", "Приз: "), challenge.prize());
  }
  if (participants > 1) {
    absl::StrAppend(&html, "\n👥 ", In(language, "Take part: ", "Участвуют: "), participants);
  }
  if (is_open && challenge.has_ends_at()) {
    absl::StrAppend(
        &html, "\n⏳ ", In(language, "until ", "до "),
        DayText(absl::ToCivilDay(timestamps::FromProto(challenge.ends_at()), turn.reader.zone),
                absl::ToCivilDay(turn.reader.now, turn.reader.zone), language));
  }
  telegram::DialogMessage message = Panel("challenge", std::move(html));
  if (is_open && joined && is_quiz) {
    for (int i = 0; i < challenge.options_size(); ++i) {
      AddButton(*message.add_button_rows(), Short(challenge.options(i), kOptionLabel),
                Data("answer", id, absl::StrCat(i + 1)));
    }
  }
  telegram::ButtonRow& row = *message.add_button_rows();
  if (is_open && joined) {
    AddButton(row, In(language, "Leave", "Выйти"), Data("leave", id));
  } else if (is_open && part.state() != challenge::v1::PARTICIPATION_STATE_SUCCEEDED &&
             part.state() != challenge::v1::PARTICIPATION_STATE_FAILED) {
    AddButton(row, In(language, "Take part", "Участвовать"), Data("join", id));
  }
  AddButton(row, In(language, "⬅️ All", "⬅️ Все"), Data("list", 0));
  return message;
}

}  // namespace

absl::StatusOr<telegram::DialogReaction> ChallengeActions::List(const Turn& turn) const {
  const Language language = turn.language();
  challenge::v1::ListChallengesRequest request;
  request.set_user_id(turn.user_id);
  request.set_state(challenge::v1::CHALLENGE_STATE_OPEN);
  request.set_page_size(kShown);
  ASSIGN_OR_RETURN(const challenge::v1::ListChallengesResponse listed,
                   peers_.challenges.ListChallenges(turn.call, request));
  std::string html = absl::StrCat("<b>", In(language, "Challenges", "Вызовы"), "</b>");
  if (listed.challenges().empty()) {
    absl::StrAppend(&html, "\n",
                    In(language, "None is open. Shall I make one of your tasks?",
                       "Открытых нет. Придумать один по вашим задачам?"));
  }
  for (const auto& one : listed.challenges()) {
    absl::StrAppend(&html, "\n", Mark(one.challenge()), text::EscapeHtml(one.challenge().title()));
    const std::string standing = StandingText(one.participation(), language);
    if (!standing.empty()) absl::StrAppend(&html, " — <i>", standing, "</i>");
  }
  telegram::DialogMessage message = Panel("challenge_list", std::move(html));
  for (const auto& one : listed.challenges()) {
    AddButton(*message.add_button_rows(),
              absl::StrCat(Mark(one.challenge()), Short(one.challenge().title(), kOptionLabel)),
              Data("open", one.challenge().challenge_id()));
  }
  AddButton(*message.add_button_rows(), In(language, "✨ Today's challenge", "✨ Вызов дня"),
            Data("new", 0));
  return Answer(std::move(message));
}

absl::StatusOr<telegram::DialogReaction> ChallengeActions::Open(const Turn& turn,
                                                                int64_t challenge_id,
                                                                std::string notice) const {
  challenge::v1::GetChallengeRequest request;
  request.set_user_id(turn.user_id);
  request.set_challenge_id(challenge_id);
  const auto response = peers_.challenges.GetChallenge(turn.call, request);
  if (IsRefused(response.status())) return Refused(turn);
  RETURN_IF_ERROR(response.status());
  telegram::DialogReaction reaction = Answer(
      Card(response->challenge(), response->participation(), response->participants(), turn));
  reaction.set_notice(std::move(notice));
  return reaction;
}

absl::StatusOr<telegram::DialogReaction> ChallengeActions::Generate(const Turn& turn) const {
  challenge::v1::GenerateChallengesRequest request;
  request.set_user_id(turn.user_id);
  request.set_mode(challenge::v1::CHALLENGE_MODE_DAILY);
  request.set_language(std::string(TagOf(turn.language())));
  request.set_idempotency_key(turn.Key("challenge"));
  ASSIGN_OR_RETURN(const challenge::v1::GenerateChallengesResponse made,
                   peers_.challenges.GenerateChallenges(turn.call, request));
  if (made.challenges().empty()) {
    return Notice(In(turn.language(), "There is too little to make one of: add some tasks first.",
                     "Пока не из чего: добавьте сначала несколько задач."));
  }
  return Open(turn, made.challenges(0).challenge_id(), "");
}

absl::StatusOr<telegram::DialogReaction> ChallengeActions::Press(const Turn& turn,
                                                                 std::string_view argument) const {
  const std::vector<std::string_view> parts = absl::StrSplit(argument, ':');
  int64_t id = 0;
  if (parts.size() < 2 || !absl::SimpleAtoi(parts[1], &id)) return List(turn);
  const std::string_view what = parts[0];
  if (what == "new") return Generate(turn);
  if (what == "open") return Open(turn, id, "");
  if (what == "join") {
    challenge::v1::JoinChallengeRequest request;
    request.set_user_id(turn.user_id);
    request.set_challenge_id(id);
    const absl::Status joined = peers_.challenges.JoinChallenge(turn.call, request).status();
    if (IsRefused(joined)) return Refused(turn);
    RETURN_IF_ERROR(joined);
    return Open(turn, id, std::string(In(turn.language(), "You take part.", "Вы участвуете.")));
  }
  if (what == "leave") {
    challenge::v1::LeaveChallengeRequest request;
    request.set_user_id(turn.user_id);
    request.set_challenge_id(id);
    const absl::Status left = peers_.challenges.LeaveChallenge(turn.call, request).status();
    if (IsRefused(left)) return Refused(turn);
    RETURN_IF_ERROR(left);
    return List(turn);
  }
  int32_t option = 0;
  if (what == "answer" && parts.size() == 3 && absl::SimpleAtoi(parts[2], &option)) {
    challenge::v1::AnswerQuizRequest request;
    request.set_user_id(turn.user_id);
    request.set_challenge_id(id);
    request.set_option(option);
    const auto answered = peers_.challenges.AnswerQuiz(turn.call, request);
    if (IsRefused(answered.status())) return Refused(turn);
    RETURN_IF_ERROR(answered.status());
    return Open(turn, id, StandingText(answered->participation(), turn.language()));
  }
  return List(turn);
}

}  // namespace selfology::growth_dialog
