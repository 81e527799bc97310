#include "tools/ctl/held.h"

#include <cstdio>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/rpc/channel.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"
#include "selfology/telegram/v1/telegram_gateway_service_client.h"
#include "tools/ctl/operator.h"

namespace selfology::ctl {
namespace {

namespace v1 = telegram::v1;

constexpr int kPage = 100;

Call Deadline() { return Call::Background(absl::Seconds(30)); }

absl::StatusOr<v1::HeldUpdateFilter> FilterOf(const HeldFlags& flags) {
  v1::HeldUpdateFilter filter;
  filter.set_user_id(flags.user);
  for (const std::string& update : flags.updates) {
    int64_t number = 0;
    if (!absl::SimpleAtoi(update, &number)) {
      return absl::InvalidArgumentError(absl::StrCat("\"", update, "\" is no update's number"));
    }
    filter.add_update_ids(number);
  }
  return filter;
}

absl::Status List(const v1::TelegramGatewayServiceClient& client,
                  const v1::HeldUpdateFilter& filter) {
  v1::ListHeldUpdatesRequest request;
  *request.mutable_filter() = filter;
  request.set_page_size(kPage);
  do {
    ASSIGN_OR_RETURN(const v1::ListHeldUpdatesResponse page,
                     client.ListHeldUpdates(Deadline(), request));
    for (const v1::HeldUpdate& update : page.held_updates()) {
      const bool parked = update.state() == v1::HELD_UPDATE_STATE_PARKED;
      std::printf("%lld  user=%lld  %-7s  dialog=%s  rounds=%d  %s %s\n",
                  static_cast<long long>(update.update_id()),
                  static_cast<long long>(update.user_id()), parked ? "PARKED" : "WAITING",
                  update.dialog().c_str(), update.rounds(), update.code().c_str(),
                  update.reason().c_str());
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status Replay(const v1::TelegramGatewayServiceClient& client, v1::HeldUpdateFilter filter) {
  v1::ReplayHeldUpdatesRequest request;
  // An empty filter would be refused.
  filter.set_state(v1::HELD_UPDATE_STATE_PARKED);
  *request.mutable_filter() = std::move(filter);
  ASSIGN_OR_RETURN(const auto response, client.ReplayHeldUpdates(Deadline(), request));
  std::printf("%lld updates will be tried again\n", static_cast<long long>(response.replayed()));
  return absl::OkStatus();
}

absl::Status Discard(const v1::TelegramGatewayServiceClient& client,
                     const v1::HeldUpdateFilter& filter, bool include_waiting) {
  v1::DiscardHeldUpdatesRequest request;
  *request.mutable_filter() = filter;
  request.set_include_waiting(include_waiting);
  std::vector<v1::HeldUpdateState> states = {v1::HELD_UPDATE_STATE_PARKED};
  if (include_waiting) states.push_back(v1::HELD_UPDATE_STATE_WAITING);
  int64_t discarded = 0;
  for (const v1::HeldUpdateState state : states) {
    request.mutable_filter()->set_state(state);
    ASSIGN_OR_RETURN(const auto response, client.DiscardHeldUpdates(Deadline(), request));
    discarded += response.discarded();
  }
  std::printf("%lld updates discarded\n", static_cast<long long>(discarded));
  return absl::OkStatus();
}

}  // namespace

absl::Status RunHeld(const std::string& endpoints_json, const std::vector<std::string>& arguments,
                     const HeldFlags& flags) {
  ASSIGN_OR_RETURN(const v1::HeldUpdateFilter filter, FilterOf(flags));
  const nlohmann::json endpoints =
      nlohmann::json::parse(endpoints_json, nullptr, /*allow_exceptions=*/false);
  const auto gateway = endpoints.find("telegram_gateway");
  if (gateway == endpoints.end()) return absl::NotFoundError("no telegram_gateway runs here");
  observe::Requests requests(nullptr, "rpc_client");
  ASSIGN_OR_RETURN(const std::shared_ptr<rpc::Channel> channel,
                   ConnectAsOperator("telegram_gateway", OperatorAddress(*gateway), requests));
  const v1::TelegramGatewayServiceClient client(channel);
  const std::string command = arguments.empty() ? "list" : arguments.front();
  if (command == "list") return List(client, filter);
  if (command == "replay") return Replay(client, filter);
  if (command == "discard") return Discard(client, filter, flags.include_waiting);
  return absl::InvalidArgumentError("held: list, replay or discard");
}

}  // namespace selfology::ctl
