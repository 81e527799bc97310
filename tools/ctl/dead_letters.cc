#include "tools/ctl/dead_letters.h"

#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/json/json.h"
#include "common/observe/metrics.h"
#include "common/rpc/channel.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"
#include "selfology/mesh/v1/dead_letter_service_client.h"
#include "tools/ctl/operator.h"

namespace selfology::ctl {
namespace {

namespace v1 = mesh::v1;

Call Deadline() { return Call::Background(absl::Seconds(10)); }

absl::Status Print(const google::protobuf::Message& message) {
  ASSIGN_OR_RETURN(const std::string text, json::Print(message, {.indent = true}));
  std::printf("%s\n", text.c_str());
  return absl::OkStatus();
}

v1::DeadLetterFilter Filter(const DeadLetterFlags& flags) {
  v1::DeadLetterFilter filter;
  filter.set_consumer_group(flags.group);
  filter.set_user_id(flags.user);
  if (!flags.event_id.empty()) filter.add_event_ids(flags.event_id);
  return filter;
}

absl::Status ForEach(const v1::DeadLetterServiceClient& client, const v1::DeadLetterFilter& filter,
                     const std::function<void(const v1::DeadLetter&)>& visit) {
  v1::ListDeadLettersRequest request;
  *request.mutable_filter() = filter;
  do {
    ASSIGN_OR_RETURN(const v1::ListDeadLettersResponse page,
                     client.ListDeadLetters(Deadline(), request));
    for (const v1::DeadLetter& letter : page.dead_letters()) visit(letter);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status List(const v1::DeadLetterServiceClient& client, const DeadLetterFlags& flags) {
  return ForEach(client, Filter(flags), [](const v1::DeadLetter& letter) {
    std::printf("%s  %-28s %-24s %-11s attempts=%d  %s %s\n", letter.event_id().c_str(),
                letter.consumer_group().c_str(), letter.envelope().type().c_str(),
                v1::DeadLetterStatus_Name(letter.status()).substr(19).c_str(), letter.attempts(),
                letter.code().c_str(), letter.message().c_str());
  });
}

// What to replay or discard. The service refuses an empty filter; whoever gives no flag means all
// of the list, so each group that is in it is named.
absl::StatusOr<std::vector<v1::DeadLetterFilter>> Filters(const v1::DeadLetterServiceClient& client,
                                                          const DeadLetterFlags& flags) {
  const bool narrows = !flags.group.empty() || flags.user != 0 || !flags.event_id.empty();
  if (narrows) return std::vector{Filter(flags)};
  std::set<std::string> groups;
  RETURN_IF_ERROR(ForEach(
      client, {}, [&](const v1::DeadLetter& letter) { groups.insert(letter.consumer_group()); }));
  std::vector<v1::DeadLetterFilter> filters;
  for (const std::string& group : groups) filters.emplace_back().set_consumer_group(group);
  return filters;
}

absl::Status Run(const v1::DeadLetterServiceClient& client, const std::string& command,
                 const DeadLetterFlags& flags) {
  if (command == "list") return List(client, flags);
  if (command == "replay") {
    ASSIGN_OR_RETURN(const auto filters, Filters(client, flags));
    v1::ReplayDeadLettersResponse total;
    for (const v1::DeadLetterFilter& filter : filters) {
      v1::ReplayDeadLettersRequest request;
      *request.mutable_filter() = filter;
      ASSIGN_OR_RETURN(const auto response, client.ReplayDeadLetters(Deadline(), request));
      total.set_replayed(total.replayed() + response.replayed());
    }
    return Print(total);
  }
  if (command == "discard") {
    ASSIGN_OR_RETURN(const auto filters, Filters(client, flags));
    v1::DiscardDeadLettersResponse total;
    for (const v1::DeadLetterFilter& filter : filters) {
      v1::DiscardDeadLettersRequest request;
      *request.mutable_filter() = filter;
      request.set_include_parked(flags.include_parked);
      ASSIGN_OR_RETURN(const auto response, client.DiscardDeadLetters(Deadline(), request));
      total.set_discarded(total.discarded() + response.discarded());
    }
    return Print(total);
  }
  if (command == "show") {
    v1::GetDeadLetterRequest request;
    request.set_consumer_group(flags.group);
    request.set_event_id(flags.event_id);
    ASSIGN_OR_RETURN(const auto response, client.GetDeadLetter(Deadline(), request));
    return Print(response.dead_letter());
  }
  if (command == "edit") {
    v1::UpdateDeadLetterRequest request;
    request.set_consumer_group(flags.group);
    request.set_event_id(flags.event_id);
    request.set_payload_json(flags.payload);
    ASSIGN_OR_RETURN(const auto response, client.UpdateDeadLetter(Deadline(), request));
    return Print(response.dead_letter());
  }
  return absl::InvalidArgumentError("dead-letters: list, show, edit, replay or discard");
}

}  // namespace

absl::Status RunDeadLetters(const std::string& endpoints_json,
                            const std::vector<std::string>& arguments,
                            const DeadLetterFlags& flags) {
  const std::string command = arguments.empty() ? "list" : arguments.front();
  const bool one = command == "show" || command == "edit";
  if (one && (flags.group.empty() || flags.event_id.empty())) {
    return absl::InvalidArgumentError(absl::StrCat(command, ": needs --group and --event"));
  }
  const nlohmann::json endpoints =
      nlohmann::json::parse(endpoints_json, nullptr, /*allow_exceptions=*/false);
  // Services of one process share an address.
  std::map<std::string, std::string> addresses;  // To one of the services.
  for (const auto& [service, endpoint] : endpoints.items()) {
    addresses.emplace(OperatorAddress(endpoint), service);
  }
  observe::Requests requests(nullptr, "rpc_client");
  absl::Status found = absl::NotFoundError("no process has that dead letter");
  for (const auto& [address, service] : addresses) {
    ASSIGN_OR_RETURN(const std::shared_ptr<rpc::Channel> channel,
                     ConnectAsOperator(service, address, requests));
    const v1::DeadLetterServiceClient client(channel);
    const absl::Status status = Run(client, command, flags);
    // Of several processes, one has the letter that is asked for.
    if (one && absl::IsNotFound(status)) continue;
    RETURN_IF_ERROR(status);
    found = absl::OkStatus();
  }
  return one ? found : absl::OkStatus();
}

}  // namespace selfology::ctl
