// Where updates come in, from polling, the webhook and the RPC alike: read, routed, and handled in
// the turn of their chat.
//
//   intake.HandleSurely(json, stop, [&](bool done) { ... });        // until it took effect
//   ASSIGN_OR_RETURN(const auto response, intake.Handle(call, json));   // tries once
//
// Metric: telegram_updates_total{kind, outcome}. Threads: thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/service/stop_signal.h"
#include "selfology/telegram/v1/telegram_gateway_service.pb.h"
#include "services/edge/telegram_gateway/bot_api.h"
#include "services/edge/telegram_gateway/chat_lanes.h"
#include "services/edge/telegram_gateway/update_handler.h"

namespace selfology::telegram_gateway {

class Intake {
 public:
  // All outlive it.
  Intake(UpdateHandler& handler, const BotApi& telegram, observe::Metrics& metrics);

  // Tries once. Errors: the database's, UNAVAILABLE when stopping; then the update took no effect
  // that shows.
  absl::StatusOr<v1::HandleUpdateResponse> Handle(const Call& call, std::string_view json);

  // Tries until the update took effect, and then calls done(true), or until `stop` or Stop, and
  // then done(false). `done` is called once, perhaps before this returns. Returns at once; `stop`
  // must stay until then. Updates of one chat are handled in the order of the calls.
  void HandleSurely(std::string_view json, const service::StopSignal& stop,
                    std::function<void(bool)> done);

  // Lets what has begun end.
  void Stop() { lanes_.Stop(); }

 private:
  using Result = absl::StatusOr<v1::UpdateOutcome>;

  struct Read {
    Update update;
    Intent intent = Ignored{};
    // Other than UNSPECIFIED: there is nothing to handle.
    v1::UpdateOutcome outcome = v1::UPDATE_OUTCOME_UNSPECIFIED;
  };
  Read ReadUpdate(std::string_view json) const;
  Result HandleOnce(const Call& call, const Read& read);
  void Count(const Read& read, v1::UpdateOutcome outcome);

  UpdateHandler& handler_;
  const BotApi& telegram_;
  observe::Metrics& metrics_;
  ChatLanes lanes_;
};

}  // namespace selfology::telegram_gateway
