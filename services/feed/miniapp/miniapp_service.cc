#include "services/feed/miniapp/miniapp_service.h"

#include <limits>
#include <string>
#include <vector>

#include "common/events/outbox.h"
#include "common/observe/log.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/miniapp.pb.h"
#include "services/feed/miniapp/init_data.h"
#include "services/feed/miniapp/miniapp_store.h"

namespace selfology::miniapp {
namespace {

using postgres::Transaction;

constexpr int kMaxPlatform = 32;
constexpr paging::Limits kLaunchesPage = {.default_size = 50, .max_size = 200};

void CheckInitData(const std::string& init_data, status::FieldViolations& bad) {
  if (init_data.empty() || init_data.size() > kMaxInitDataBytes) {
    bad.Add("init_data", "must be 1 to 4,096 bytes");
  }
}

}  // namespace

absl::StatusOr<v1::OpenMiniappResponse> MiniappService::OpenMiniapp(
    const Call& call, const v1::OpenMiniappRequest& request) {
  status::FieldViolations bad;
  CheckInitData(request.init_data(), bad);
  if (text::Characters(request.platform()) > kMaxPlatform) {
    bad.Add("platform", "must have at most 32 characters");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  security::v1::ExchangeTelegramInitDataRequest exchange;
  exchange.set_init_data(request.init_data());
  ASSIGN_OR_RETURN(const auto exchanged, tokens_.ExchangeTelegramInitData(call, exchange));
  v1::OpenMiniappResponse response;
  response.set_access_token(exchanged.tokens().access_token());
  response.set_expires_in(static_cast<int32_t>(exchanged.tokens().expires_in()));
  response.set_user_id(exchanged.user_id());
  // It was checked by whoever gave the token.
  if (const auto data = ParseInitData(request.init_data()); data.ok()) {
    response.set_start_parameter(data->start_parameter);
  }
  // The token is theirs already, and the text cannot be exchanged again: a launch that could not be
  // written is a number less.
  const absl::Status kept = database_.Write(call, [&](Transaction& tx) -> absl::Status {
    store::AddLaunch(tx, response.user_id(), request.platform(), response.start_parameter(),
                     clock_());
    events::v1::MiniappOpened event;
    event.set_user_id(response.user_id());
    event.set_platform(request.platform());
    event.set_start_parameter(response.start_parameter());
    return events::Publish(tx, event);
  });
  if (!kept.ok()) observe::Warning("launch not recorded", {{"status", kept}});
  return response;
}

absl::StatusOr<v1::VerifyInitDataResponse> MiniappService::VerifyInitData(
    const Call&, const v1::VerifyInitDataRequest& request) {
  status::FieldViolations bad;
  CheckInitData(request.init_data(), bad);
  if (request.bot_id() <= 0) bad.Add("bot_id", "must be above 0");
  RETURN_IF_ERROR(bad.ToStatus());
  RETURN_IF_ERROR(CheckSignature(request.init_data(), request.bot_id(),
                                 request.is_test_environment() ? kTestKey : kProductionKey));
  ASSIGN_OR_RETURN(const InitData data, ParseInitData(request.init_data()));
  v1::VerifyInitDataResponse response;
  response.set_user_id(data.user_id);
  *response.mutable_signed_at() = timestamps::ToProto(data.signed_at);
  response.set_start_parameter(data.start_parameter);
  return response;
}

absl::StatusOr<v1::ListLaunchesResponse> MiniappService::ListLaunches(
    const Call& call, const v1::ListLaunchesRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kLaunchesPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<v1::Launch> launches, database_.Read(call, [&](Transaction& tx) {
    return store::ListLaunches(tx, request.user_id(), before, page.limit());
  }));
  v1::ListLaunchesResponse response;
  response.set_next_page_token(page.Cut(launches, &v1::Launch::launch_id));
  for (v1::Launch& launch : launches) *response.add_launches() = std::move(launch);
  return response;
}

}  // namespace selfology::miniapp
