#include "services/coaching/coaching_dialog/texts.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "common/language/plural.h"
#include "common/status/status.h"
#include "common/text/html.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/session/v1/session.pb.h"
#include "services/coaching/coaching_dialog/goal.h"
#include "services/coaching/coaching_dialog/guide.h"

namespace selfology::coaching_dialog::texts {
namespace {

using language::PluralForms;
using profile::v1::BigFive;
using text::EscapeHtml;

std::string Counted(Language language, int number, const PluralForms& english,
                    const PluralForms& russian) {
  return absl::StrCat(
      number, " ",
      language::FormFor(language, number, language == Language::kRussian ? russian : english));
}

std::string CountedAnswers(Language language, int number) {
  return Counted(language, number, {.one = "answer", .other = "answers"},
                 {.one = "ответ", .few = "ответа", .many = "ответов", .other = "ответа"});
}

std::string CountedMissing(Language language, int number) {
  return Counted(language, number, {.one = "more answer", .other = "more answers"},
                 {.one = "ответ", .few = "ответа", .many = "ответов", .other = "ответа"});
}

// What the catalogue has no name for: "INNER_CHILD" as "Inner child".
std::string NameOfDomain(Language language, std::string_view domain) {
  if (const std::string_view known = DomainName(language, domain); !known.empty()) {
    return std::string(known);
  }
  std::string name = absl::AsciiStrToLower(domain);
  std::replace(name.begin(), name.end(), '_', ' ');
  if (!name.empty()) name[0] = absl::ascii_toupper(static_cast<unsigned char>(name[0]));
  return EscapeHtml(name);
}

// "▰▰▰▱▱▱▱▱▱▱ 30%"
std::string Gauge(double value) {
  constexpr int kSteps = 10;
  const double share = std::clamp(value, 0.0, 1.0);
  const int full = static_cast<int>(std::lround(share * kSteps));
  std::string bar;
  for (int i = 0; i < kSteps; ++i) bar += i < full ? "▰" : "▱";
  return absl::StrCat(bar, " ", std::lround(share * 100), "%");
}

std::vector<std::string> TraitLines(Language language, const BigFive& traits) {
  const std::array<std::pair<std::string_view, const trait::v1::TraitEstimate*>, 5> named = {{
      {"openness", traits.has_openness() ? &traits.openness() : nullptr},
      {"conscientiousness", traits.has_conscientiousness() ? &traits.conscientiousness() : nullptr},
      {"extraversion", traits.has_extraversion() ? &traits.extraversion() : nullptr},
      {"agreeableness", traits.has_agreeableness() ? &traits.agreeableness() : nullptr},
      {"neuroticism", traits.has_neuroticism() ? &traits.neuroticism() : nullptr},
  }};
  std::vector<std::string> lines;
  for (const auto& [name, estimate] : named) {
    if (estimate == nullptr || !IsSureEnough(*estimate)) continue;
    lines.push_back(absl::StrCat(Gauge(estimate->value()), "  ", TraitName(language, name)));
  }
  return lines;
}

// The domains that matter most, at most three, first the strongest.
std::vector<std::string> Interests(Language language, const profile::v1::Profile& profile) {
  constexpr size_t kShown = 3;
  constexpr double kStrong = 0.5;
  std::vector<std::pair<double, std::string>> strongest;
  for (const auto& [domain, affinity] : profile.domain_affinities()) {
    if (affinity >= kStrong) strongest.emplace_back(-affinity, domain);
  }
  std::sort(strongest.begin(), strongest.end());
  strongest.resize(std::min(strongest.size(), kShown));
  std::vector<std::string> names;
  for (const auto& [affinity, domain] : strongest) names.push_back(NameOfDomain(language, domain));
  return names;
}

std::string ProfileSummary(Language language, const profile::v1::Profile& profile) {
  std::vector<std::string> parts = TraitLines(language, profile.big_five());
  if (const std::vector<std::string> interests = Interests(language, profile); !interests.empty()) {
    if (!parts.empty()) parts.emplace_back();
    parts.push_back(absl::Substitute(Phrase(language, Text::kProfileInterests),
                                     absl::StrJoin(interests, ", ")));
  }
  return absl::StrJoin(parts, "\n");
}

// Phrases for reasons; those left out go by their status code.
struct Explained {
  mesh::v1::ErrorCode reason;
  Text text;
};
constexpr Explained kExplained[] = {
    {mesh::v1::ERROR_CODE_SESSION_NOT_FOUND, Text::kNoSession},
    {mesh::v1::ERROR_CODE_SESSION_NOT_ACTIVE, Text::kIsPaused},
    {mesh::v1::ERROR_CODE_NO_QUESTION_PENDING, Text::kNextQuestionComing},
    {mesh::v1::ERROR_CODE_QUESTION_NOT_FOUND, Text::kNoQuestion},
    {mesh::v1::ERROR_CODE_ANSWER_ALREADY_SUBMITTED, Text::kAnswerIsThere},
    {mesh::v1::ERROR_CODE_NO_QUESTIONS_LEFT, Text::kNoOtherQuestion},
    {mesh::v1::ERROR_CODE_CONSENT_REQUIRED, Text::kConsentFirst},
    {mesh::v1::ERROR_CODE_PROFILE_NOT_FOUND, Text::kNoProfileYet},
};

Text ExplanationOf(const absl::Status& failure) {
  const mesh::v1::ErrorCode reason = status::ErrorCodeOf(failure);
  for (const Explained& known : kExplained) {
    if (known.reason == reason) return known.text;
  }
  switch (failure.code()) {
    case absl::StatusCode::kInvalidArgument:
      return Text::kNotUnderstood;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kAborted:
      return Text::kUnavailable;
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
      return Text::kUncertain;
    default:
      return Text::kOurFault;
  }
}

// Whether the service refused the text for its length.
bool IsAboutText(const absl::Status& failure) {
  for (const status::FieldViolation& violation : status::Violations(failure)) {
    if (violation.field == "answer_text" || violation.field == "message_text") return true;
  }
  return false;
}

}  // namespace

bool IsSureEnough(const trait::v1::TraitEstimate& estimate) {
  constexpr double kShown = 0.5;  // Profile.big_five: below it nothing is shown.
  return estimate.confidence() >= kShown;
}

std::string Question(Language language, const AskedQuestion& question) {
  const std::string domain = NameOfDomain(language, question.domain);
  const std::string heading =
      question.number > 0
          ? absl::Substitute(Phrase(language, Text::kQuestionHeading), question.number, question.of,
                             domain)
          : absl::Substitute(Phrase(language, Text::kQuestionHeadingUncounted), domain);
  std::string html = absl::StrCat(heading, "\n\n", EscapeHtml(question.text));
  if (question.heavy) {
    absl::StrAppend(&html, "\n\n<i>", Phrase(language, Guide::kHeavyQuestion), "</i>");
  }
  return html;
}

std::string QuestionButton(std::string_view action, std::string_view question_id) {
  constexpr size_t kLongestData = 64;
  return absl::StrCat(action, ":", question_id).substr(0, kLongestData);
}

bool IsButtonOf(std::string_view argument, std::string_view question_id) {
  // The shortest that a cut one may be; all actions are of nearly that length.
  constexpr size_t kCut = 48;
  return argument == question_id || (argument.size() >= kCut && question_id.starts_with(argument));
}

std::string QuestionKey(int64_t session_id, std::string_view question_id) {
  constexpr size_t kLongestKey = 128;
  return absl::StrCat("question:", session_id, ":", question_id).substr(0, kLongestKey);
}

v1::DialogMessage QuestionMessage(Language language, const std::string& key,
                                  const std::string& question_id, const AskedQuestion& question) {
  v1::DialogMessage message =
      Card(key, Question(language, question),
           {Row({{Phrase(language, Guide::kButtonWhy), QuestionButton("why", question_id)},
                 {Phrase(language, Guide::kButtonExample), QuestionButton("example", question_id)},
                 {Phrase(language, Guide::kButtonSkip), QuestionButton("skip", question_id)}})});
  message.set_kind(std::string(kind::kQuestion));
  message.set_mark(question_id);
  return message;
}

std::string Feedback(std::string_view insight) {
  return absl::StrCat("✨ <i>", EscapeHtml(insight), "</i>");
}

std::string Insight(std::string_view words) { return absl::StrCat("💡 ", EscapeHtml(words)); }

std::string Completion(Language language, const events::v1::SessionCompleted& event,
                       const profile::v1::Profile* profile) {
  // There were more questions.
  const bool finished = event.reason() == session::v1::COMPLETION_REASON_REQUESTED ||
                        event.reason() == session::v1::COMPLETION_REASON_BROKEN_OFF;
  const int answers = event.answers_given();
  const std::string thanks =
      answers == 0
          ? std::string(
                Phrase(language, finished ? Text::kFinishedUnanswered : Text::kCompletedUnanswered))
          : absl::Substitute(Phrase(language, finished ? Text::kFinished : Text::kCompleted),
                             CountedAnswers(language, answers));
  if (answers == 0) return absl::StrCat(thanks, "\n\n", Phrase(language, Text::kTalkToMe));
  const std::string known = profile == nullptr || ProfileSummary(language, *profile).empty()
                                ? std::string(Phrase(language, Text::kProfileComing))
                                : Profile(language, *profile);
  return absl::StrCat(thanks, "\n\n", known, "\n\n", Phrase(language, Text::kTalkToMe));
}

std::string Profile(Language language, const profile::v1::Profile& profile) {
  const std::string summary = ProfileSummary(language, profile);
  if (summary.empty()) return std::string(Phrase(language, Text::kNoProfileYet));
  return absl::StrCat(Phrase(language, Text::kProfileHeading), "\n\n", summary);
}

std::string TimedOut(Language language, int answers) {
  if (answers == 0) return std::string(Phrase(language, Text::kTimedOutUnanswered));
  return absl::Substitute(Phrase(language, Text::kTimedOut), CountedAnswers(language, answers));
}

std::string CannotRead(Language language, v1::ContentKind content) {
  switch (content) {
    case v1::CONTENT_KIND_PHOTO:
      return std::string(Phrase(language, Text::kCannotReadPicture));
    case v1::CONTENT_KIND_VOICE:
      return std::string(Phrase(language, Text::kCannotReadVoice));
    case v1::CONTENT_KIND_STICKER:
      return std::string(Phrase(language, Text::kCannotReadSticker));
    default:
      return std::string(Phrase(language, Text::kCannotReadOther));
  }
}

std::string OnlyWordsRead(Language language, v1::ContentKind content) {
  switch (content) {
    case v1::CONTENT_KIND_PHOTO:
    case v1::CONTENT_KIND_STICKER:
      return std::string(Phrase(language, Text::kPictureUnseen));
    case v1::CONTENT_KIND_VOICE:
      return std::string(Phrase(language, Text::kRecordingUnheard));
    default:
      return std::string(Phrase(language, Text::kFileUnread));
  }
}

std::string Help(Language language) {
  std::string help = absl::StrCat(Phrase(language, Text::kHelp), "\n\n/start — ",
                                  Phrase(language, Text::kMenuStart));
  for (const Command& command : CommandMenu(language)) {
    absl::StrAppend(&help, "\n/", command.name, " — ", command.effect);
  }
  return help;
}

std::string Failure(Language language, const absl::Status& failure, int characters) {
  // The contracts: "1 to 4,096 characters".
  constexpr int kLongest = 4096;
  // A text of usual length was refused for something else.
  constexpr int kShort = 10;
  if (IsAboutText(failure) && characters > kLongest) {
    return absl::Substitute(Phrase(language, Text::kTooLong), characters);
  }
  if (IsAboutText(failure) && characters < kShort)
    return std::string(Phrase(language, Text::kTooShort));
  if (status::ErrorCodeOf(failure) == mesh::v1::ERROR_CODE_SESSION_TOO_SHORT) {
    status::Metadata metadata = status::ErrorMetadata(failure);
    int given = 0;
    int wanted = 0;
    if (absl::SimpleAtoi(metadata["answers_given"], &given) &&
        absl::SimpleAtoi(metadata["min_answers"], &wanted) && wanted > given) {
      return absl::Substitute(Phrase(language, Text::kSessionTooShort),
                              CountedMissing(language, wanted - given));
    }
    return std::string(Phrase(language, Text::kNothingToFinish));
  }
  return std::string(Phrase(language, ExplanationOf(failure)));
}

std::vector<Command> CommandMenu(Language language) {
  const std::vector<std::string_view> begun = {menu::kQuestions, menu::kPaused, menu::kChat};
  return {{"pause",
           Phrase(language, Text::kMenuPause),
           {menu::kQuestions, menu::kChat},
           {"stop", "break", "wait"}},
          {"resume", Phrase(language, Text::kMenuResume), {menu::kPaused}, {"continue", "go_on"}},
          {"skip", Phrase(language, Text::kMenuSkip), {menu::kQuestions}, {"next", "pass"}},
          {"why", Phrase(language, Guide::kMenuWhy), {menu::kQuestions}},
          {"example", Phrase(language, Guide::kMenuExample), {menu::kQuestions}, {"examples"}},
          {"finish", Phrase(language, Text::kMenuFinish), begun, {"end"}},
          {"profile",
           Phrase(language, Text::kMenuProfile),
           begun,
           {"myprofile", "my_profile", "profil", "traits", "personality", "whoami", "aboutme",
            "about_me"}},
          {"language", Phrase(language, Text::kMenuLanguage), {}, {"lang", "english", "russian"}},
          {"delete",
           Phrase(language, Text::kMenuDelete),
           {},
           {"erase", "deleteme", "delete_me", "delete_account", "deleteaccount"}}};
}

}  // namespace selfology::coaching_dialog::texts
