#include "services/edge/telegram_gateway/intake.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include "absl/synchronization/notification.h"
#include "common/enums/word.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_gateway {
namespace {

// Chats handled at a time. They wait for other services more than they work.
constexpr int kThreads = 32;
// For one update that nobody else waits for.
constexpr absl::Duration kUpdate = absl::Seconds(10);
// After a failure of the database.
constexpr absl::Duration kFirstPause = absl::Milliseconds(200);
constexpr absl::Duration kLongestPause = absl::Seconds(5);

std::string_view WordOf(UpdateKind kind) {
  switch (kind) {
    case UpdateKind::kMessage:
      return "message";
    case UpdateKind::kEditedMessage:
      return "edited_message";
    case UpdateKind::kButton:
      return "callback_query";
    case UpdateKind::kMembership:
      return "my_chat_member";
    case UpdateKind::kOther:
      break;
  }
  return "other";
}

// Calls `done` when the last reference to it goes, also if the work never ran.
struct Outcome {
  explicit Outcome(std::function<void(bool)> done) : done(std::move(done)) {}
  ~Outcome() { done(took_effect); }
  Outcome(const Outcome&) = delete;
  Outcome& operator=(const Outcome&) = delete;

  const std::function<void(bool)> done;
  bool took_effect = false;
};

}  // namespace

Intake::Intake(UpdateHandler& handler, const BotApi& telegram, observe::Metrics& metrics)
    : handler_(handler), telegram_(telegram), metrics_(metrics), lanes_(kThreads) {}

absl::StatusOr<v1::HandleUpdateResponse> Intake::Handle(const Call& call, std::string_view json) {
  const Read read = ReadUpdate(json);
  v1::HandleUpdateResponse response;
  response.set_update_id(read.update.update_id);
  response.set_user_id(read.update.user_id);
  response.set_outcome(read.outcome);
  if (read.outcome != v1::UPDATE_OUTCOME_UNSPECIFIED) {
    Count(read, read.outcome);
    return response;
  }
  // The caller may stop waiting first: so this is shared, and the work has its own Call; `call`
  // refers to the RPC, which ends with this function.
  struct Exchange {
    absl::Notification done;
    Result result = absl::UnknownError("not handled");
  };
  const auto exchange = std::make_shared<Exchange>();
  const Call own = Call(call.deadline(), call.trace()).BoundedByContracts();
  const bool submitted = lanes_.Submit(read.update.user_id, [this, own, read, exchange] {
    exchange->result = HandleOnce(own, read);
    exchange->done.Notify();
  });
  if (!submitted) return absl::UnavailableError("the gateway is stopping");
  RETURN_IF_ERROR(call.MayWait());
  if (!exchange->done.WaitForNotificationWithTimeout(call.Remaining())) {
    return absl::DeadlineExceededError("the update is still being handled");
  }
  RETURN_IF_ERROR(exchange->result);
  response.set_outcome(*exchange->result);
  return response;
}

void Intake::HandleSurely(std::string_view json, const service::StopSignal& stop,
                          std::function<void(bool)> done) {
  Read read = ReadUpdate(json);
  if (read.outcome != v1::UPDATE_OUTCOME_UNSPECIFIED) {
    Count(read, read.outcome);
    done(true);
    return;
  }
  const int64_t chat = read.update.user_id;
  // Once the lanes stop, they destroy work without running it.
  const auto outcome = std::make_shared<Outcome>(std::move(done));
  lanes_.Submit(chat, [this, read = std::move(read), &stop, outcome] {
    absl::Duration pause = kFirstPause;
    while (!HandleOnce(Call::Background(kUpdate), read).ok()) {
      if (stop.WaitFor(pause)) return;
      pause = std::min(2 * pause, kLongestPause);
    }
    outcome->took_effect = true;
  });
}

Intake::Read Intake::ReadUpdate(std::string_view json) const {
  const absl::StatusOr<Update> update = ParseUpdate(json);
  if (!update.ok()) {
    observe::Warning("malformed update", {{"status", update.status()}});
    return {.update = {}, .intent = Ignored{"malformed"}, .outcome = v1::UPDATE_OUTCOME_MALFORMED};
  }
  Read read{.update = *update, .intent = Route(*update, telegram_.username())};
  if (std::holds_alternative<Ignored>(read.intent)) read.outcome = v1::UPDATE_OUTCOME_IGNORED;
  return read;
}

Intake::Result Intake::HandleOnce(const Call& call, const Read& read) {
  Result outcome = handler_.Handle(call, read.update, read.intent);
  if (outcome.ok()) {
    Count(read, *outcome);
  } else {
    observe::Error("update handling failed", {{"status", outcome.status()}});
  }
  return outcome;
}

void Intake::Count(const Read& read, v1::UpdateOutcome outcome) {
  metrics_
      .Counter(
          "telegram_updates_total", "Updates by what became of them",
          {{"kind", std::string(WordOf(read.update.kind))}, {"outcome", enums::LowerWord(outcome)}})
      .Increment();
}

}  // namespace selfology::telegram_gateway
