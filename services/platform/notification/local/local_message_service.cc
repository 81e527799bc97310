#include "services/platform/notification/local/local_message_service.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "common/paging/page.h"
#include "common/status/status_macros.h"
#include "services/platform/notification/local/local_page.h"
#include "services/platform/notification/local/local_store.h"

namespace selfology::notification {
namespace {

using postgres::Transaction;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 100};
constexpr int kShown = 50;
constexpr int64_t kNewest = std::numeric_limits<int64_t>::max();

constexpr LocalPageWords kMailbox = {
    .heading = "Local mailbox",
    .empty = "No mail yet. Mails that the product would send come here.",
    .other_name = "Pushes and SMS",
    .other_path = "/api/v1/mesh/pushes"};
constexpr LocalPageWords kPushes = {
    .heading = "Pushes and SMS, not sent",
    .empty = "Nothing yet. Pushes and SMS that the product would send come here.",
    .other_name = "Local mailbox",
    .other_path = "/api/v1/mesh/mailbox"};

absl::Status IsOff() {
  return absl::FailedPreconditionError("local messages are off (--notification_local_messages)");
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
  return Html(LocalPage(kMailbox, mails));
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
  return Html(LocalPage(kPushes, messages));
}

}  // namespace selfology::notification
