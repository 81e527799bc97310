#include "services/platform/user/mailbox/mailbox_service.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/paging/page.h"
#include "common/status/status_macros.h"
#include "common/text/html.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/user/mailbox/mail_store.h"

namespace selfology::user {
namespace {

using postgres::Transaction;

constexpr paging::Limits kMailsPage = {.default_size = 50, .max_size = 100};
constexpr int kShown = 50;

constexpr std::string_view kHead =
    "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Local mailbox</title>"
    "<style>body{font:16px/1.5 sans-serif;max-width:48rem;margin:2rem auto}"
    "pre{background:#eee;padding:1rem;white-space:pre-wrap}</style></head><body>"
    "<h1>Local mailbox</h1>";

absl::Status IsOff() {
  return absl::FailedPreconditionError("the local mailbox is off (--user_local_mailbox)");
}

}  // namespace

absl::StatusOr<v1::ListLocalMailsResponse> MailboxService::ListLocalMails(
    const Call& call, const v1::ListLocalMailsRequest& request) {
  if (!on_) return IsOff();
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kMailsPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<v1::LocalMail> mails, database_.Read(call, [&](Transaction& tx) {
    return store::ListMails(tx, before, page.limit());
  }));
  v1::ListLocalMailsResponse response;
  response.set_next_page_token(page.Cut(mails, &v1::LocalMail::mail_id));
  for (v1::LocalMail& mail : mails) *response.add_mails() = std::move(mail);
  return response;
}

absl::StatusOr<mesh::v1::HttpResponse> MailboxService::ShowLocalMailbox(
    const Call& call, const v1::ShowLocalMailboxRequest&) {
  if (!on_) return IsOff();
  ASSIGN_OR_RETURN(const std::vector<v1::LocalMail> mails,
                   database_.Read(call, [&](Transaction& tx) {
                     return store::ListMails(tx, std::numeric_limits<int64_t>::max(), kShown);
                   }));
  std::string html(kHead);
  if (mails.empty()) absl::StrAppend(&html, "<p>No mail.</p>");
  for (const v1::LocalMail& mail : mails) {
    absl::StrAppend(&html, "<h2>", text::EscapeHtml(mail.subject()), "</h2><p>To ",
                    text::EscapeHtml(mail.to_email()), ", ",
                    absl::FormatTime("%Y-%m-%d %H:%M:%S", timestamps::FromProto(mail.sent_at()),
                                     absl::UTCTimeZone()),
                    " UTC</p><pre>", text::EscapeHtml(mail.text()), "</pre>");
  }
  absl::StrAppend(&html, "</body></html>\n");
  mesh::v1::HttpResponse response;
  response.set_content_type("text/html; charset=utf-8");
  response.set_body(std::move(html));
  return response;
}

}  // namespace selfology::user
