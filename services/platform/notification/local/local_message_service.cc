#include "services/platform/notification/local/local_message_service.h"

#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/paging/page.h"
#include "common/status/status_macros.h"
#include "common/text/html.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/notification/local/local_store.h"

namespace selfology::notification {
namespace {

using postgres::Transaction;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 100};
constexpr int kShown = 50;
constexpr int64_t kNewest = std::numeric_limits<int64_t>::max();

absl::Status IsOff() {
  return absl::FailedPreconditionError("local messages are off (--notification_local_messages)");
}

std::string Page(std::string_view heading, const std::vector<v1::LocalMessage>& messages) {
  std::string html = absl::StrCat(
      "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>", heading,
      "</title><style>body{font:16px/1.5 sans-serif;max-width:48rem;margin:2rem auto}"
      "pre{background:#eee;padding:1rem;white-space:pre-wrap}</style></head><body><h1>",
      heading, "</h1>");
  if (messages.empty()) absl::StrAppend(&html, "<p>Nothing.</p>");
  for (const v1::LocalMessage& message : messages) {
    absl::StrAppend(&html, "<h2>",
                    text::EscapeHtml(message.subject().empty() ? "(no title)" : message.subject()),
                    "</h2><p>", enums::Word(message.channel()), " to ",
                    text::EscapeHtml(message.to_address()), ", ",
                    absl::FormatTime("%Y-%m-%d %H:%M:%S", timestamps::FromProto(message.sent_at()),
                                     absl::UTCTimeZone()),
                    " UTC");
    if (message.channel() == v1::CHANNEL_PUSH) {
      absl::StrAppend(&html, ", badge ", message.badge());
    }
    absl::StrAppend(&html, "</p><pre>", text::EscapeHtml(message.text()), "</pre>");
    if (!message.raw_content().empty()) {
      absl::StrAppend(&html, "<details><summary>As a mail server would get it</summary><pre>",
                      text::EscapeHtml(message.raw_content()), "</pre></details>");
    }
  }
  return absl::StrCat(html, "</body></html>\n");
}

mesh::v1::HttpResponse Html(std::string html) {
  mesh::v1::HttpResponse response;
  response.set_content_type("text/html; charset=utf-8");
  response.set_body(std::move(html));
  return response;
}

}  // namespace

absl::StatusOr<v1::ListLocalMessagesResponse> LocalMessageService::ListLocalMessages(
    const Call& call, const v1::ListLocalMessagesRequest& request) {
  if (!on_) return IsOff();
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(kNewest));
  ASSIGN_OR_RETURN(std::vector<v1::LocalMessage> messages,
                   database_.Read(call, [&](Transaction& tx) {
                     return store::ListLocalMessages(tx, request.channel(), before, page.limit());
                   }));
  v1::ListLocalMessagesResponse response;
  response.set_next_page_token(page.Cut(messages, &v1::LocalMessage::message_id));
  for (v1::LocalMessage& message : messages) *response.add_messages() = std::move(message);
  return response;
}

absl::StatusOr<mesh::v1::HttpResponse> LocalMessageService::ShowLocalMailbox(
    const Call& call, const v1::ShowLocalMailboxRequest&) {
  if (!on_) return IsOff();
  ASSIGN_OR_RETURN(const std::vector<v1::LocalMessage> mails,
                   database_.Read(call, [&](Transaction& tx) {
                     return store::ListLocalMessages(tx, v1::CHANNEL_EMAIL, kNewest, kShown);
                   }));
  return Html(Page("Local mailbox", mails));
}

absl::StatusOr<mesh::v1::HttpResponse> LocalMessageService::ShowLocalPushes(
    const Call& call, const v1::ShowLocalPushesRequest&) {
  if (!on_) return IsOff();
  ASSIGN_OR_RETURN(
      std::vector<v1::LocalMessage> messages, database_.Read(call, [&](Transaction& tx) {
        return store::ListLocalMessages(tx, v1::CHANNEL_UNSPECIFIED, kNewest, 2 * kShown);
      }));
  std::erase_if(messages, [](const v1::LocalMessage& message) {
    return message.channel() == v1::CHANNEL_EMAIL;
  });
  return Html(Page("Pushes and SMS that nobody sent", messages));
}

}  // namespace selfology::notification
