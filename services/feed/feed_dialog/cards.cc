#include "services/feed/feed_dialog/cards.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/language/plural.h"
#include "common/text/html.h"
#include "common/text/text.h"
#include "common/text/utf8.h"

namespace selfology::feed_dialog {
namespace {

using language::FormFor;
using language::PluralForms;
using telegram::v1::ButtonRow;
using telegram::v1::DialogMessage;
using text::EscapeHtml;

constexpr int kMostCharacters = 900;  // Of a post's text on a card; the rest is behind its link.

std::string TitleOf(const feed::v1::Post& post) {
  return post.channel_title().empty() ? post.channel_username() : post.channel_title();
}

DialogMessage Message(std::string text, std::string_view kind) {
  DialogMessage message;
  message.set_message_text(std::move(text));
  message.set_text_format(telegram::v1::TEXT_FORMAT_HTML);
  message.set_kind(std::string(kind));
  return message;
}

std::string Chosen(std::string_view label, bool is_chosen) {
  return is_chosen ? absl::StrCat("✅ ", label) : std::string(label);
}

void AddRatings(const feed::v1::Post& post, std::string_view prefix, DialogMessage& message) {
  ButtonRow& row = *message.add_button_rows();
  const std::string id = absl::StrCat(post.id());
  const feed::v1::InteractionType own = post.own_interaction();
  *row.add_buttons() = ButtonOf(Chosen("👍", own == feed::v1::INTERACTION_TYPE_LIKE),
                                absl::StrCat(prefix, "like"), id);
  *row.add_buttons() = ButtonOf(Chosen("👎", own == feed::v1::INTERACTION_TYPE_DISLIKE),
                                absl::StrCat(prefix, "dislike"), id);
  *row.add_buttons() = ButtonOf(Chosen("⏭", own == feed::v1::INTERACTION_TYPE_SKIP),
                                absl::StrCat(prefix, "skip"), id);
}

void AddMore(const feed::v1::Post& post, Language language, DialogMessage& message) {
  ButtonRow& row = *message.add_button_rows();
  const std::string id = absl::StrCat(post.id());
  *row.add_buttons() = ButtonOf(Chosen("🔖", post.is_saved()), "save", id);
  *row.add_buttons() = ButtonOf(Phrase(language, Text::kButtonWhy), "why", id);
  *row.add_buttons() = ButtonOf("📝", "draft", id);
  if (post.url().starts_with("https://") || post.url().starts_with("http://")) {
    telegram::v1::Button& open = *row.add_buttons();
    open.set_text(std::string(Phrase(language, Text::kButtonOpen)));
    open.set_url(post.url());
  }
}

std::string ReasonLine(const feed::v1::Reason& reason, bool has_media, Language language) {
  switch (reason.kind()) {
    case feed::v1::REASON_KIND_CHANNEL:
      return std::string(Phrase(language, Text::kReasonChannel));
    case feed::v1::REASON_KIND_WORDS:
      return Fill(Phrase(language, Text::kReasonWords),
                  {EscapeHtml(absl::StrJoin(reason.words(), ", "))});
    case feed::v1::REASON_KIND_MEDIA:
      return std::string(Phrase(language, has_media ? Text::kReasonMedia : Text::kReasonNoMedia));
    case feed::v1::REASON_KIND_LENGTH:
      return std::string(Phrase(language, Text::kReasonLength));
    case feed::v1::REASON_KIND_TIME:
      return std::string(Phrase(language, Text::kReasonTime));
    case feed::v1::REASON_KIND_ALIKE:
      return std::string(Phrase(language, Text::kReasonAlike));
    case feed::v1::REASON_KIND_POPULAR:
      return std::string(Phrase(language, Text::kReasonPopular));
    case feed::v1::REASON_KIND_FRESH:
      return std::string(Phrase(language, Text::kReasonFresh));
    case feed::v1::REASON_KIND_EXPLORATION:
      return std::string(Phrase(language, Text::kReasonExploration));
    default:
      return "";
  }
}

}  // namespace

Press ReadPress(std::string_view argument) {
  Press press;
  const size_t colon = argument.find(':');
  press.verb = std::string(argument.substr(0, colon));
  if (colon != std::string_view::npos) press.argument = std::string(argument.substr(colon + 1));
  if (!absl::SimpleAtoi(press.argument, &press.number)) press.number = 0;
  return press;
}

telegram::v1::Button ButtonOf(std::string_view text, std::string_view verb,
                              std::string_view argument) {
  telegram::v1::Button button;
  button.set_text(std::string(text::Prefix(text, 64)));
  button.set_callback_data(absl::StrCat(kAction, ":", verb, argument.empty() ? "" : ":", argument));
  return button;
}

std::string AgeText(int64_t seconds, Language language) {
  const bool russian = language == Language::kRussian;
  const int64_t minutes = std::max<int64_t>(seconds, 0) / 60;
  if (minutes < 60) return absl::StrCat(minutes, russian ? " мин" : " min");
  if (minutes < 48 * 60) return absl::StrCat(minutes / 60, russian ? " ч" : " h");
  constexpr PluralForms kEnglish = {.one = "day", .other = "days"};
  constexpr PluralForms kRussian = {.one = "день", .few = "дня", .many = "дней", .other = "дня"};
  const int64_t days = minutes / (24 * 60);
  return absl::StrCat(days, " ", FormFor(language, days, russian ? kRussian : kEnglish));
}

std::string PostText(const feed::v1::Post& post, Language language) {
  const std::string_view words = text::Trim(post.text());
  std::string shown(text::Prefix(words, kMostCharacters));
  if (shown.size() < words.size()) shown += "…";
  shown = EscapeHtml(shown);
  if (shown.empty()) {
    shown = absl::StrCat(
        "<i>",
        Phrase(language, post.media_type() == feed::v1::MEDIA_TYPE_UNSPECIFIED ? Text::kNoText
                                                                               : Text::kMedia),
        "</i>");
  } else if (post.media_type() != feed::v1::MEDIA_TYPE_UNSPECIFIED) {
    absl::StrAppend(&shown, "\n\n<i>", Phrase(language, Text::kMedia), "</i>");
  }
  const std::string title = EscapeHtml(text::Prefix(TitleOf(post), 128));
  // Telegram shows the first address with a preview: the post's own, with its picture.
  const std::string source =
      post.url().empty() ? title
                         : absl::StrCat("<a href=\"", EscapeHtml(post.url()), "\">", title, "</a>");
  return absl::StrCat("<b>", source, "</b> · ", AgeText(post.age_seconds(), language), "\n\n",
                      shown);
}

std::string ReasonsText(const feed::v1::Post& post, Language language) {
  std::vector<std::string> lines;
  const bool has_media = post.media_type() != feed::v1::MEDIA_TYPE_UNSPECIFIED;
  for (const feed::v1::Reason& reason : post.reasons()) {
    std::string line = ReasonLine(reason, has_media, language);
    if (!line.empty()) lines.push_back(absl::StrCat("• ", line));
  }
  return absl::StrJoin(lines, "\n");
}

DialogMessage FeedCard(const feed::v1::Post& post, Language language) {
  DialogMessage message = Message(PostText(post, language), "post");
  message.set_lifecycle(telegram::v1::MESSAGE_LIFECYCLE_ONETIME);
  message.set_tag("feed");
  // A like may become a dislike.
  message.set_keep_buttons(true);
  message.set_silent(true);
  AddRatings(post, "", message);
  AddMore(post, language, message);
  return message;
}

DialogMessage TrainingCard(const feed::v1::Post& post, const Training& training,
                           Language language) {
  std::string text = absl::StrCat(
      Fill(Phrase(language, Text::kTrainingOf),
           {absl::StrCat(training.number), absl::StrCat(std::max(training.of, training.number))}),
      "\n", PostText(post, language));
  if (!training.reading.empty()) {
    absl::StrAppend(&text, "\n\n<i>",
                    Fill(Phrase(language, Text::kTrainingReading), {EscapeHtml(training.reading)}),
                    "</i>");
  }
  DialogMessage message = Message(std::move(text), "training_card");
  message.set_lifecycle(telegram::v1::MESSAGE_LIFECYCLE_SYSTEM);
  message.set_tag("training");
  message.set_keep_buttons(true);
  message.set_silent(true);
  AddRatings(post, "t", message);
  ButtonRow& row = *message.add_button_rows();
  if (training.previous > 0) {
    *row.add_buttons() =
        ButtonOf(Phrase(language, Text::kButtonUndo), "tundo", absl::StrCat(training.previous));
  }
  *row.add_buttons() = training.can_finish
                           ? ButtonOf(Phrase(language, Text::kButtonEnough), "enough")
                           : ButtonOf(Phrase(language, Text::kButtonStop), "stop");
  return message;
}

DialogMessage NudgeCard(const feed::v1::Post& post, Language language) {
  DialogMessage message = FeedCard(post, language);
  const std::string reasons = ReasonsText(post, language);
  message.set_message_text(absl::StrCat(
      Phrase(language, Text::kNudge), "\n\n", message.message_text(),
      reasons.empty() ? ""
                      : absl::StrCat("\n\n", Phrase(language, Text::kWhyHead), "\n", reasons)));
  message.set_kind("nudge");
  message.set_silent(false);
  *message.add_button_rows()->add_buttons() = ButtonOf(Phrase(language, Text::kButtonFeed), "feed");
  return message;
}

void UpdateCard(const feed::v1::Post& post, std::string_view below, Language language,
                telegram::v1::DialogReaction& reaction) {
  DialogMessage card = FeedCard(post, language);
  ButtonRow& row = *card.add_button_rows();
  if (post.own_interaction() != feed::v1::INTERACTION_TYPE_UNSPECIFIED) {
    *row.add_buttons() =
        ButtonOf(Phrase(language, Text::kButtonUndo), "undo", absl::StrCat(post.id()));
  }
  *row.add_buttons() = ButtonOf(Phrase(language, Text::kButtonMore), "more");
  reaction.set_replacement(absl::StrCat(card.message_text(), below.empty() ? "" : "\n\n", below));
  *reaction.mutable_replacement_rows() = std::move(*card.mutable_button_rows());
}

}  // namespace selfology::feed_dialog
