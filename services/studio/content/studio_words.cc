#include "services/studio/content/studio_words.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/language/month.h"
#include "common/text/html.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "common/timestamps/timestamp.h"

namespace selfology::content {
namespace {

using telegram_v1::ButtonRow;
using telegram_v1::DialogMessage;
using text::EscapeHtml;

constexpr int kLine = 80;  // Characters of a post in a list.
constexpr int kLabel = 40;
constexpr int kCard = 1500;

void Add(ButtonRow& row, std::string_view label, std::string_view what) {
  telegram_v1::Button& button = *row.add_buttons();
  button.set_text(std::string(label));
  button.set_callback_data(absl::StrCat(kStudioAction, ":", what));
}

std::string Cut(std::string_view words, int characters) {
  if (text::Characters(words) <= characters) return std::string(words);
  return absl::StrCat(text::Prefix(words, characters - 1), "…");
}

// A post in one line.
std::string LineOf(const v1::Post& post, int characters) {
  std::string line(text::Trim(post.title().empty() ? post.text() : post.title()));
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return Cut(line.empty() ? "…" : line, characters);
}

// "3 Dec 18:00".
std::string TimeOf(const google::protobuf::Timestamp& at, const StudioReader& reader) {
  const absl::Time time = timestamps::FromProto(at);
  const absl::CivilDay day = absl::ToCivilDay(time, reader.zone);
  return absl::StrCat(day.day(), " ", language::MonthAfterDay(reader.language, day.month()), " ",
                      absl::FormatTime("%H:%M", time, reader.zone),
                      reader.zone == absl::UTCTimeZone() ? " UTC" : "");
}

std::string_view StateText(v1::PostState state, Language language) {
  switch (state) {
    case v1::POST_STATE_DRAFT:
      return InEither(language, "draft", "черновик");
    case v1::POST_STATE_IN_REVIEW:
      return InEither(language, "waits for approval", "ждёт одобрения");
    case v1::POST_STATE_APPROVED:
      return InEither(language, "approved", "одобрен");
    case v1::POST_STATE_SCHEDULED:
      return InEither(language, "planned", "запланирован");
    case v1::POST_STATE_PUBLISHING:
      return InEither(language, "on its way", "публикуется");
    case v1::POST_STATE_PUBLISHED:
      return InEither(language, "published", "опубликован");
    case v1::POST_STATE_PARTLY_PUBLISHED:
      return InEither(language, "published in part", "опубликован не везде");
    case v1::POST_STATE_FAILED:
      return InEither(language, "refused", "не принят");
    default:
      return "";
  }
}

// Telegram takes buttons with https only; in a text it takes any.
void AddPage(const StudioReader& reader, DialogMessage& message) {
  if (reader.page.empty()) return;
  const std::string_view label =
      InEither(reader.language, "The studio's page ↗", "Страница студии ↗");
  if (reader.page.starts_with("https://")) {
    telegram_v1::Button& open = *message.add_button_rows()->add_buttons();
    open.set_text(std::string(label));
    open.set_url(std::string(reader.page));
    return;
  }
  absl::StrAppend(message.mutable_message_text(), "\n\n<a href=\"", EscapeHtml(reader.page), "\">",
                  label, "</a>");
}

DialogMessage Panel(std::string_view kind, std::string html) {
  DialogMessage message = StudioText(kind, std::move(html));
  message.set_lifecycle(telegram_v1::MESSAGE_LIFECYCLE_SYSTEM);
  message.set_tag("studio");
  message.set_keep_buttons(true);
  return message;
}

template <typename Texts>
void Localize(Texts& texts, std::string_view english, std::string_view russian) {
  for (const auto& [tag, words] : {std::pair("en", english), std::pair("ru", russian)}) {
    auto* const text = texts.Add();
    text->set_language(tag);
    text->set_text(std::string(words));
  }
}

}  // namespace

DialogMessage StudioText(std::string_view kind, std::string html) {
  DialogMessage message;
  message.set_kind(std::string(kind));
  message.set_message_text(std::move(html));
  message.set_text_format(telegram_v1::TEXT_FORMAT_HTML);
  return message;
}

DialogMessage StudioPanel(const StudioPosts& posts, const StudioReader& reader) {
  const Language language = reader.language;
  std::string html(InEither(language, "<b>Studio</b>", "<b>Студия</b>"));
  if (!posts.planned.empty()) {
    absl::StrAppend(&html, "\n\n<b>", InEither(language, "Next posts", "Ближайшие посты"), "</b>");
    for (const v1::Post& post : posts.planned) {
      absl::StrAppend(&html, "\n", TimeOf(post.publish_at(), reader), " — ",
                      EscapeHtml(LineOf(post, kLine)));
    }
  }
  absl::StrAppend(&html, "\n\n<b>", InEither(language, "Drafts", "Черновики"), "</b>");
  if (posts.drafts.empty()) {
    absl::StrAppend(
        &html, "\n",
        InEither(language,
                 "None yet. <i>/studio and a text</i> saves one; /studio as a reply to a "
                 "message saves that message.",
                 "Пока нет. <i>/studio и текст</i> сохранит черновик; /studio в ответ "
                 "на сообщение сохранит это сообщение."));
  }
  for (size_t i = 0; i < posts.drafts.size(); ++i) {
    absl::StrAppend(&html, "\n", i + 1, ". ", EscapeHtml(LineOf(posts.drafts[i], kLine)));
  }
  if (posts.has_more_drafts) {
    absl::StrAppend(&html, "\n", InEither(language, "… and more", "… и ещё"));
  }
  DialogMessage message = Panel("studio", std::move(html));
  for (const v1::Post& post : posts.drafts) {
    Add(*message.add_button_rows(), absl::StrCat("📝 ", LineOf(post, kLabel)),
        absl::StrCat("show:", post.post_id()));
  }
  ButtonRow& last = *message.add_button_rows();
  Add(last, InEither(language, "✍️ New draft", "✍️ Новый черновик"), "new");
  Add(last, "🔄", "list");
  AddPage(reader, message);
  return message;
}

DialogMessage PostCard(const v1::Post& post, std::string_view heading, const StudioReader& reader) {
  const Language language = reader.language;
  std::string html;
  if (!heading.empty()) absl::StrAppend(&html, heading, "\n");
  if (!post.title().empty()) {
    absl::StrAppend(&html, "<b>", EscapeHtml(Cut(post.title(), kLine)), "</b>\n");
  }
  absl::StrAppend(&html, EscapeHtml(Cut(post.text(), kCard)), "\n\n<i>",
                  StateText(post.state(), language));
  if (post.has_publish_at()) absl::StrAppend(&html, " · ", TimeOf(post.publish_at(), reader));
  absl::StrAppend(&html, "</i>");
  DialogMessage message = Panel("studio_post", std::move(html));
  ButtonRow& row = *message.add_button_rows();
  if (post.state() == v1::POST_STATE_DRAFT) {
    Add(row, InEither(language, "🗑 Delete", "🗑 Удалить"),
        absl::StrCat("delete:", post.post_id()));
  }
  Add(row, InEither(language, "📋 Studio", "📋 Студия"), "list");
  AddPage(reader, message);
  return message;
}

DialogMessage AskForDraft(Language language) {
  DialogMessage message = StudioText(
      "studio_ask",
      std::string(InEither(language, "What is the post to say? Your next message is the draft.",
                           "Что должно быть в посте? Следующее сообщение станет черновиком.")));
  Add(*message.add_button_rows(), InEither(language, "Never mind", "Не нужно"), "back");
  return message;
}

telegram_v1::DialogDescription DescribeStudio() {
  telegram_v1::DialogDescription description;
  description.set_dialog(std::string(kStudioDialog));
  Localize(*description.mutable_titles(), "Studio", "Студия");
  telegram_v1::DialogCommand& command = *description.add_commands();
  command.set_name("studio");
  Localize(*command.mutable_descriptions(), "Drafts and planned posts; with a text: a new draft",
           "Черновики и планы; с текстом: новый черновик");
  for (const char* alias : {"draft", "drafts", "post", "publish", "newpost", "new_post"}) {
    command.add_aliases(alias);
  }
  description.add_button_actions(std::string(kStudioAction));
  Localize(*description.mutable_help(),
           "/studio shows your drafts and the posts that come next. /studio or /post and a text "
           "saves it as a draft; as a reply to a message it saves that message.",
           "/studio показывает черновики и ближайшие посты. /studio или /post и текст сохраняет "
           "черновик, а в ответ на сообщение — само это сообщение.");
  return description;
}

}  // namespace selfology::content
