#include "testing/telegram_channels/preview_post_html.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "common/text/html.h"

namespace selfology::telegram_channels {
namespace {

using text::EscapeHtml;

std::string LinkTo(const PublicChannel& channel, int64_t id) {
  return absl::StrCat("https://t.me/", channel.username, "/", id);
}

// Addresses become links that ask before they open; there the "&" is escaped twice, as since 2024.
std::string Linked(std::string_view words) {
  std::string html;
  while (!words.empty()) {
    const size_t at = std::min(words.find("http://"), words.find("https://"));
    absl::StrAppend(&html, absl::StrReplaceAll(EscapeHtml(words.substr(0, at)), {{"\n", "<br/>"}}));
    if (at == std::string_view::npos) break;
    words.remove_prefix(at);
    const std::string_view url = words.substr(0, words.find_first_of(" \n\t"));
    words.remove_prefix(url.size());
    absl::StrAppend(&html, "<a href=\"", EscapeHtml(EscapeHtml(url)),
                    "\" target=\"_blank\" rel=\"noopener\" onclick=\"return confirm('Open this "
                    "link?\\n\\n'+this.href);\">",
                    EscapeHtml(url), "</a>");
  }
  return html;
}

std::string TextHtml(const PublicPost& post) {
  return post.html.empty() ? Linked(post.text) : post.html;
}

std::string Minutes(int seconds) {
  if (seconds >= 3600) {
    return absl::StrFormat("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
  return absl::StrFormat("%d:%02d", seconds / 60, seconds % 60);
}

std::string Image(std::string_view url) {
  return absl::StrCat("background-image:url('", EscapeHtml(url), "')");
}

std::string PhotoHtml(const PublicChannel& channel, int64_t id, const PublicMedia& media,
                      bool grouped) {
  const double ratio = media.width == 0 ? 56.25 : 100.0 * media.height / media.width;
  // The classes carry a random token.
  return absl::StrCat("<a class=\"tgme_widget_message_photo_wrap ",
                      grouped ? "grouped_media_wrap blured js-message_photo"
                              : absl::StrCat(7919 * id % 100'000, "_", id, " blured"),
                      "\" href=\"", LinkTo(channel, id), grouped ? "?single" : "",
                      "\" style=\"width:", media.width, "px;", Image(media.url),
                      "\"><div class=\"tgme_widget_message_photo\" style=\"padding-top:",
                      absl::StrFormat("%.6g", ratio), "%\"></div></a>");
}

std::string FilmHtml(const PublicChannel& channel, int64_t id, const PublicMedia& media,
                     bool grouped) {
  const double ratio = media.width == 0 ? 56.25 : 100.0 * media.height / media.width;
  const bool is_large = media.kind == "large_video";
  std::string html =
      absl::StrCat("<a class=\"tgme_widget_message_video_player ", is_large ? "not_supported " : "",
                   grouped ? "grouped_media_wrap " : "", "blured js-message_video_player\" href=\"",
                   LinkTo(channel, id), grouped ? "?single" : "",
                   "\"><i class=\"tgme_widget_message_video_thumb\" style=\"",
                   Image(media.url + ".thumb"), "\"></i>");
  if (is_large) {
    absl::StrAppend(&html,
                    "<div class=\"message_media_not_supported_wrap\"><div "
                    "class=\"message_media_not_supported\"><div "
                    "class=\"message_media_not_supported_label\">This media is not supported in "
                    "your browser</div><span class=\"message_media_view_in_telegram\">VIEW IN "
                    "TELEGRAM</span></div></div>");
  } else {
    absl::StrAppend(&html,
                    "<div class=\"tgme_widget_message_video_wrap\" style=\"width:", media.width,
                    "px;padding-top:", absl::StrFormat("%.6g", ratio), "%\"><video src=\"",
                    EscapeHtml(media.url),
                    "\" class=\"tgme_widget_message_video js-message_video\" width=\"100%\" "
                    "height=\"100%\"></video></div>");
  }
  return absl::StrCat(html, "<time class=\"message_video_duration js-message_video_duration\">",
                      Minutes(media.seconds), "</time></a>");
}

std::string FileHtml(const PublicChannel& channel, int64_t id, const PublicMedia& media) {
  return absl::StrCat("<a class=\"tgme_widget_message_document_wrap\" href=\"", LinkTo(channel, id),
                      "\"><div class=\"tgme_widget_message_document_icon accent_bg ",
                      media.kind == "audio" ? "audio" : "document",
                      "\"></div><div class=\"tgme_widget_message_document\"><div "
                      "class=\"tgme_widget_message_document_title accent_color\" dir=\"auto\">",
                      EscapeHtml(media.file_name),
                      "</div><div class=\"tgme_widget_message_document_extra\" dir=\"auto\">",
                      EscapeHtml(media.file_size), "</div></div></a>");
}

std::string OneMedium(const PublicChannel& channel, int64_t id, const PublicMedia& media,
                      bool grouped) {
  if (media.kind == "photo") return PhotoHtml(channel, id, media, grouped);
  if (media.kind == "video" || media.kind == "large_video") {
    return FilmHtml(channel, id, media, grouped);
  }
  if (media.kind == "round") {
    return absl::StrCat(
        "<div class=\"tgme_widget_message_roundvideo_player js-message_roundvideo_player\"><div "
        "class=\"tgme_widget_message_roundvideo_wrap\"><i "
        "class=\"tgme_widget_message_roundvideo_thumb\" style=\"",
        Image(media.url + ".thumb"), "\"></i><video src=\"", EscapeHtml(media.url),
        "\" class=\"tgme_widget_message_roundvideo js-message_roundvideo\"></video></div><time "
        "class=\"tgme_widget_message_roundvideo_duration js-message_roundvideo_duration\">",
        Minutes(media.seconds), "</time></div>");
  }
  if (media.kind == "voice") {
    return absl::StrCat(
        "<a class=\"tgme_widget_message_voice_player js-message_voice_player\" href=\"",
        LinkTo(channel, id),
        "\"><audio class=\"tgme_widget_message_voice js-message_voice\" src=\"",
        EscapeHtml(media.url),
        "\" width=\"100%\" height=\"100%\"></audio><div "
        "class=\"tgme_widget_message_voice_wrap\"><time "
        "class=\"tgme_widget_message_voice_duration js-message_voice_duration\">",
        Minutes(media.seconds), "</time></div></a>");
  }
  if (media.kind == "sticker") {
    return absl::StrCat(
        "<div class=\"tgme_widget_message_sticker_wrap media_supported_cont\"><a href=\"",
        LinkTo(channel, id),
        "\"><i class=\"tgme_widget_message_sticker js-sticker_image\" style=\"", Image(media.url),
        "\" data-webp=\"", EscapeHtml(media.url), "\"></i></a></div>");
  }
  if (media.kind == "location") {
    return absl::StrCat(
        "<a class=\"tgme_widget_message_location_wrap\" href=\"https://maps.google.com/"
        "maps?q=1,2\"><div class=\"tgme_widget_message_location\" style=\"",
        Image(media.url), "\"></div></a>");
  }
  return FileHtml(channel, id, media);
}

std::string MediaHtml(const PublicChannel& channel, const PublicPost& post) {
  if (!post.is_album()) {
    return post.media.empty() ? "" : OneMedium(channel, post.id, post.media[0], false);
  }
  std::string html =
      "<div class=\"tgme_widget_message_grouped_wrap js-message_grouped_wrap\" data-margin-w=\"2\" "
      "data-margin-h=\"2\" style=\"width:453px;\"><div class=\"tgme_widget_message_grouped "
      "js-message_grouped\" style=\"padding-top:74.834%\"><div "
      "class=\"tgme_widget_message_grouped_layer js-message_grouped_layer\" "
      "style=\"width:453px;height:339px\">";
  int64_t id = post.id;
  for (const PublicMedia& media : post.media) {
    absl::StrAppend(&html, OneMedium(channel, id++, media, true));
  }
  return absl::StrCat(html, "</div></div></div>");
}

std::string ReplyHtml(const PublicChannel& channel, const PublicPost& post) {
  if (post.reply_to == 0) return "";
  std::string words = "a deleted message";
  for (const PublicPost& other : channel.posts) {
    if (other.id == post.reply_to) words = other.text;
  }
  return absl::StrCat(
      "<a class=\"tgme_widget_message_reply user-color-default\" href=\"",
      LinkTo(channel, post.reply_to),
      "\"><div class=\"tgme_widget_message_author accent_color\"><span "
      "class=\"tgme_widget_message_author_name\" dir=\"auto\">",
      EscapeHtml(channel.title),
      "</span></div><div class=\"tgme_widget_message_text js-message_reply_text\" dir=\"auto\">",
      Linked(words), "</div></a>");
}

std::string PollHtml(const PublicChannel& channel, const PublicPost& post) {
  if (post.poll.empty()) return "";
  std::string html = absl::StrCat(
      "<div class=\"tgme_widget_message_poll js-poll\"><div "
      "class=\"tgme_widget_message_poll_question\">",
      EscapeHtml(post.poll),
      "</div><div class=\"tgme_widget_message_poll_type\">Anonymous poll</div><a "
      "class=\"tgme_widget_message_poll_options\" href=\"",
      LinkTo(channel, post.id), "\">");
  for (const std::string& option : post.options) {
    absl::StrAppend(&html,
                    "<div class=\"tgme_widget_message_poll_option\"><div "
                    "class=\"tgme_widget_message_poll_option_percent\">50%</div><div "
                    "class=\"tgme_widget_message_poll_option_value\"><div "
                    "class=\"tgme_widget_message_poll_option_text\">",
                    EscapeHtml(option), "</div></div></div>");
  }
  return absl::StrCat(html, "</a></div>");
}

std::string LinkPreviewHtml(const PublicPost& post) {
  if (post.preview_url.empty()) return "";
  std::string html = absl::StrCat("<a class=\"tgme_widget_message_link_preview\" href=\"",
                                  EscapeHtml(post.preview_url), "\">");
  if (!post.preview_picture.empty()) {
    absl::StrAppend(&html, "<i class=\"link_preview_image\" style=\"", Image(post.preview_picture),
                    ";padding-top:50%\"></i>");
  }
  return absl::StrCat(html, "<div class=\"link_preview_site_name accent_color\" dir=\"auto\">",
                      EscapeHtml(post.preview_site),
                      "</div><div class=\"link_preview_title\" dir=\"auto\">",
                      EscapeHtml(post.preview_title),
                      // A preview's text has the class of a post's in places.
                      "</div><div class=\"link_preview_description tgme_widget_message_text\" "
                      "dir=\"auto\">",
                      EscapeHtml(post.preview_text), "</div></a>");
}

std::string ReactionsHtml(const PublicPost& post) {
  if (post.reactions.empty()) return "";
  std::string html = "<div class=\"tgme_widget_message_reactions js-message_reactions\">";
  for (const auto& [emoji, count] : post.reactions) {
    if (emoji == "paid") {
      absl::StrAppend(&html,
                      "<span class=\"tgme_reaction tgme_reaction_paid\"><i class=\"icon "
                      "icon-telegram-stars\"></i>",
                      RoundedCount(count), "</span>");
    } else if (absl::StartsWith(emoji, "custom:")) {
      absl::StrAppend(&html, "<span class=\"tgme_reaction\"><tg-emoji emoji-id=\"", emoji.substr(7),
                      "\"><i class=\"emoji\"><b>⭐</b></i></tg-emoji>", RoundedCount(count),
                      "</span>");
    } else {
      absl::StrAppend(&html,
                      "<span class=\"tgme_reaction\"><i class=\"emoji\" "
                      "style=\"background-image:url('//telegram.org/img/emoji/40/1F44D.png')\"><b>",
                      emoji, "</b></i>", RoundedCount(count), "</span>");
    }
  }
  return absl::StrCat(html, "</div>");
}

std::string FooterHtml(const PublicChannel& channel, const PublicPost& post) {
  std::string html =
      "<div class=\"tgme_widget_message_footer compact js-message_footer\"><div "
      "class=\"tgme_widget_message_info short js-message_info\">";
  if (!post.service) {
    absl::StrAppend(&html, "<span class=\"tgme_widget_message_views\">", RoundedCount(post.views),
                    "</span><span class=\"copyonly\"> views</span>");
  }
  absl::StrAppend(&html, "<span class=\"tgme_widget_message_meta\">");
  if (!post.author.empty()) {
    absl::StrAppend(&html, "<span class=\"tgme_widget_message_from_author\" dir=\"auto\">",
                    EscapeHtml(post.author), "</span>,&nbsp;");
  }
  if (post.edited) absl::StrAppend(&html, "edited &nbsp;");
  return absl::StrCat(html, "<a class=\"tgme_widget_message_date\" href=\"",
                      LinkTo(channel, post.id), "\"><time datetime=\"",
                      absl::FormatTime("%Y-%m-%dT%H:%M:%S+00:00", post.at, absl::UTCTimeZone()),
                      "\" class=\"time\">", absl::FormatTime("%H:%M", post.at, absl::UTCTimeZone()),
                      "</time></a></span></div></div>");
}

}  // namespace

std::string RoundedCount(int64_t count) {
  const auto with = [](double value, const char* unit) {
    std::string words = absl::StrFormat("%.1f", value);
    return absl::StrCat(absl::StripSuffix(words, ".0"), unit);
  };
  if (count >= 1'000'000) return with(static_cast<double>(count) / 1'000'000, "M");
  if (count >= 1'000) return with(static_cast<double>(count) / 1'000, "K");
  return absl::StrCat(count);
}

std::string PostHtml(const PublicChannel& channel, const PublicPost& post) {
  const std::string view =
      absl::WebSafeBase64Escape(absl::StrCat("{\"c\":", channel.telegram_id + 1'000'000'000'000,
                                             ",\"p\":", post.id, ",\"t\":1700000000}"));
  std::string html = absl::StrCat(
      "<div class=\"tgme_widget_message_wrap js-widget_message_wrap\"><div "
      "class=\"tgme_widget_message text_not_supported_wrap ",
      post.service ? "service_message " : "", "js-widget_message\" data-post=\"", channel.username,
      "/", post.id, "\" data-view=\"", view,
      "\"><div class=\"tgme_widget_message_user\"><a href=\"https://t.me/", channel.username,
      "\"><i class=\"tgme_widget_message_user_photo bgcolor2\" data-content=\"C\"><img src=\"",
      EscapeHtml(channel.picture_url),
      "\"></i></a></div><div class=\"tgme_widget_message_bubble\"><div "
      "class=\"tgme_widget_message_author accent_color\"><a "
      "class=\"tgme_widget_message_owner_name\" "
      "href=\"https://t.me/",
      channel.username, "\"><span dir=\"auto\">", EscapeHtml(channel.title), "</span></a></div>");
  if (!post.forwarded_from.empty()) {
    absl::StrAppend(&html,
                    "<div class=\"tgme_widget_message_forwarded_from accent_color\">Forwarded "
                    "from&nbsp;<a class=\"tgme_widget_message_forwarded_from_name\" href=\"",
                    EscapeHtml(post.forwarded_link), "\"><span dir=\"auto\">",
                    EscapeHtml(post.forwarded_from), "</span></a></div>");
  }
  absl::StrAppend(&html, ReplyHtml(channel, post), MediaHtml(channel, post));
  if (post.unsupported) {
    absl::StrAppend(&html,
                    "<div class=\"message_media_not_supported_wrap\"><div "
                    "class=\"message_media_not_supported\"><div "
                    "class=\"message_media_not_supported_label\">Please open Telegram to view this "
                    "post</div></div></div>");
  }
  absl::StrAppend(&html, PollHtml(channel, post));
  if (!post.text.empty() || !post.html.empty()) {
    absl::StrAppend(&html, "<div class=\"tgme_widget_message_text js-message_text\" dir=\"auto\">",
                    TextHtml(post), "</div>");
  }
  return absl::StrCat(html, LinkPreviewHtml(post), ReactionsHtml(post), FooterHtml(channel, post),
                      "</div></div></div>");
}

}  // namespace selfology::telegram_channels
