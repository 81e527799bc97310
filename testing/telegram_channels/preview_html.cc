#include "testing/telegram_channels/preview_html.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/text/html.h"
#include "testing/telegram_channels/preview_post_html.h"

namespace selfology::telegram_channels {
namespace {

using text::EscapeHtml;

std::string Head(std::string_view title, std::string_view about, std::string_view picture) {
  return absl::StrCat(
      "<!DOCTYPE html>\n<html class=\"\">\n<head>\n<meta charset=\"utf-8\">\n<title>",
      EscapeHtml(title), " – Telegram</title>\n<meta property=\"og:title\" content=\"",
      EscapeHtml(title), "\">\n<meta property=\"og:image\" content=\"", EscapeHtml(picture),
      "\">\n<meta property=\"og:description\" content=\"", EscapeHtml(about), "\">\n</head>\n");
}

std::string ChannelInfo(const PublicChannel& channel) {
  return absl::StrCat(
      "<div class=\"tgme_channel_info\"><div class=\"tgme_channel_info_header\"><i "
      "class=\"tgme_page_photo_image bgcolor2\" data-content=\"C\"><img src=\"",
      EscapeHtml(channel.picture_url),
      "\"></i><div class=\"tgme_channel_info_header_title_wrap\"><div "
      "class=\"tgme_channel_info_header_title\"><span dir=\"auto\">",
      EscapeHtml(channel.title),
      "</span></div></div><div class=\"tgme_channel_info_header_username\"><a "
      "href=\"https://t.me/",
      channel.username, "\">@", channel.username,
      "</a></div></div><div class=\"tgme_channel_info_counters\"><div "
      "class=\"tgme_channel_info_counter\"><span class=\"counter_value\">",
      RoundedCount(channel.subscribers),
      "</span> <span class=\"counter_type\">subscribers</span></div></div><div "
      "class=\"tgme_channel_info_description\">",
      EscapeHtml(channel.about), "</div></div>");
}

}  // namespace

std::string PreviewPageHtml(const PublicChannel& channel, const PreviewQuery& query) {
  const std::vector<const PublicPost*> posts =
      query.repeats ? channel.Page(0, 0, query.words)
                    : channel.Page(query.before, query.after, query.words);
  std::string history;
  const bool is_oldest =
      posts.empty() || channel.posts.empty() || posts.front()->id == channel.posts.front().id;
  if (!is_oldest && !query.without_more) {
    absl::StrAppend(&history,
                    "<div class=\"tgme_widget_message_centered js-messages_more_wrap\"><a "
                    "href=\"/s/",
                    channel.username, "?before=", posts.front()->id,
                    "\" class=\"tme_messages_more js-messages_more\" data-before=\"",
                    posts.front()->id, "\"></a></div>");
  }
  for (const PublicPost* post : posts) absl::StrAppend(&history, PostHtml(channel, *post));
  std::string html = absl::StrCat(
      Head(channel.title, channel.about, channel.picture_url),
      "<body class=\"widget_frame_base tgme_webpreview emoji_image nodark\">\n<header "
      "class=\"tgme_header search_collapsed\"><div class=\"tgme_container\"><section "
      "class=\"tgme_right_column\">",
      ChannelInfo(channel), "</section></div></header>\n<main class=\"tgme_main\" data-url=\"/",
      channel.username,
      "\"><div class=\"tgme_container\"><section class=\"tgme_channel_history "
      "js-message_history\">",
      history,
      "</section></div></main>\n<script src=\"//telegram.org/js/tgwallpaper.min.js\">"
      "</script>\n</body>\n</html>\n");
  if (query.other_markup) {
    html = absl::StrReplaceAll(html, {{"tgme_widget_message_text", "tgme_post_words"},
                                      {"js-message_text", "js-post_words"},
                                      {"tgme_widget_message_views", "tgme_post_seen"},
                                      {"tgme_widget_message_photo_wrap", "tgme_post_picture"}});
  }
  return html;
}

std::string NamePageHtml(const PublicChannel* channel, std::string_view name) {
  const std::string_view body =
      "<body class=\"no_transition\">\n<div class=\"tgme_page_wrap\"><div "
      "class=\"tgme_body_wrap\"><div class=\"tgme_page\">";
  constexpr std::string_view kEnd = "</div></div></div>\n</body>\n</html>\n";
  if (channel == nullptr) {
    return absl::StrCat(
        Head(absl::StrCat("Telegram: Contact @", name), "", ""), body,
        "<div class=\"tgme_page_icon\"><i class=\"tgme_icon_user\"></i></div><div "
        "class=\"tgme_page_description\">If you have <strong>Telegram</strong>, you "
        "can contact <a class=\"tgme_username_link\" href=\"tg://resolve?domain=",
        EscapeHtml(name), "\">@", EscapeHtml(name), "</a> right away.</div>", kEnd);
  }
  const std::string extra = channel->kind == "group" ? "1 234 members, 56 online"
                            : channel->kind == "person"
                                ? absl::StrCat("@", channel->username)
                                : absl::StrCat(channel->subscribers, " subscribers");
  return absl::StrCat(Head(channel->title, channel->about, channel->picture_url), body,
                      "<div class=\"tgme_page_photo\"><img class=\"tgme_page_photo_image\" src=\"",
                      EscapeHtml(channel->picture_url),
                      "\"></div><div class=\"tgme_page_title\"><span dir=\"auto\">",
                      EscapeHtml(channel->title), "</span></div><div class=\"tgme_page_extra\">",
                      extra, "</div><div class=\"tgme_page_description\">",
                      EscapeHtml(channel->about), "</div>", kEnd);
}

std::string ShellHtml() {
  return "<!DOCTYPE html>\n<html>\n<head>\n<title>Telegram "
         "Messenger</title>\n</head>\n<body>\n<div "
         "class=\"container\"></div>\n</body>\n</html>\n";
}

}  // namespace selfology::telegram_channels
