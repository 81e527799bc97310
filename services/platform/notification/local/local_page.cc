#include "services/platform/notification/local/local_page.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/text/html.h"
#include "common/timestamps/timestamp.h"

namespace selfology::notification {
namespace {

constexpr std::string_view kStyle = R"css(
:root { --back: #fff; --text: #1c1e21; --soft: #5c636e; --line: #d9dde3; --panel: #f5f6f8; --link: #0b57d0; }
@media (prefers-color-scheme: dark) {
  :root { --back: #15171a; --text: #e6e8eb; --soft: #9aa2ad; --line: #33373d; --panel: #1e2125; --link: #8ab4f8; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 48rem; padding: 1rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 0; overflow-wrap: anywhere; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; justify-content: space-between;
  margin-bottom: 1rem; }
article { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; margin: .75rem 0; }
.about { color: var(--soft); font-size: .9rem; margin: .1rem 0 .6rem; overflow-wrap: anywhere; }
.channel { border: 1px solid var(--line); border-radius: 1rem; padding: 0 .5rem; margin-right: .4rem; }
.words { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
details { margin-top: .6rem; }
summary { cursor: pointer; color: var(--soft); font-size: .9rem; }
pre { background: var(--panel); border-radius: .3rem; padding: .7rem; font: .8rem/1.45 ui-monospace, monospace;
  white-space: pre-wrap; overflow-wrap: anywhere; }
)css";

// As people call them.
std::string_view NameOf(v1::Channel channel) {
  switch (channel) {
    case v1::CHANNEL_EMAIL:
      return "Mail";
    case v1::CHANNEL_SMS:
      return "SMS";
    case v1::CHANNEL_PUSH:
      return "Push";
    default:
      return "Message";
  }
}

std::string Article(const v1::LocalMessage& message) {
  const absl::Time sent_at = timestamps::FromProto(message.sent_at());
  const std::string time = absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", sent_at, absl::UTCTimeZone());
  std::string html = "<article>";
  if (!message.subject().empty()) {
    absl::StrAppend(&html, "<h2>", text::EscapeHtml(message.subject()), "</h2>");
  } else if (message.channel() == v1::CHANNEL_PUSH) {
    absl::StrAppend(&html, "<h2>Only the number on the app's icon</h2>");
  }
  absl::StrAppend(&html, "<p class=\"about\"><span class=\"channel\">", NameOf(message.channel()),
                  "</span>to ", text::EscapeHtml(message.to_address()), " · <time datetime=\"",
                  time, "\">", absl::FormatTime("%e %b %Y, %H:%M:%S", sent_at, absl::UTCTimeZone()),
                  " UTC</time>");
  if (message.channel() == v1::CHANNEL_PUSH) {
    absl::StrAppend(&html, " · unread: ", message.badge());
  }
  absl::StrAppend(&html, "</p>");
  if (!message.text().empty()) {
    absl::StrAppend(&html, "<p class=\"words\">", text::EscapeHtml(message.text()), "</p>");
  }
  if (!message.raw_content().empty()) {
    absl::StrAppend(&html, "<details><summary>As a mail server would get it</summary><pre>",
                    text::EscapeHtml(message.raw_content()), "</pre></details>");
  }
  return absl::StrCat(html, "</article>\n");
}

}  // namespace

std::string LocalPage(const LocalPageWords& words, const std::vector<v1::LocalMessage>& messages) {
  std::string html = absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta name=\"color-scheme\" content=\"light dark\"><title>",
      words.heading, "</title><style>", kStyle, "</style></head><body>\n<header><h1>",
      words.heading, "</h1><nav><a href=\"\">Look again</a> · <a href=\"", words.other_path, "\">",
      words.other_name, "</a></nav></header>\n<main>\n");
  if (messages.empty()) absl::StrAppend(&html, "<p class=\"about\">", words.empty, "</p>\n");
  for (const v1::LocalMessage& message : messages) html += Article(message);
  return absl::StrCat(html, "</main>\n</body></html>\n");
}

}  // namespace selfology::notification
