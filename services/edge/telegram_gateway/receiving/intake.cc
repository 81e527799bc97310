#include "services/edge/telegram_gateway/receiving/intake.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/enums/word.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/routing/setback.h"

namespace selfology::telegram_gateway {
namespace {

// Chats handled at a time. They wait for other services more than they work.
constexpr int kThreads = 32;
// For one update that nobody else waits for: two guards and a dialog that are slow.
constexpr absl::Duration kUpdate = absl::Seconds(20);
// Until an update that fails is written down, and between the attempts.
constexpr absl::Duration kPatience = absl::Seconds(3);
constexpr absl::Duration kFirstPause = absl::Milliseconds(200);
constexpr absl::Duration kLongestPause = absl::Seconds(5);
// At an update that is refused: perhaps it was chance.
constexpr int kAttempts = 3;
// Between two looks for held updates that are due.
constexpr absl::Duration kLook = absl::Seconds(1);
// People whose held updates are tried at a time: all others' come in meanwhile.
constexpr size_t kPeople = 8;

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

// Tells what came of it when the last reference goes, also if the work never ran.
struct Outcome {
  explicit Outcome(std::function<void(bool)> tell) : tell(std::move(tell)) {}
  ~Outcome() { tell(taken); }
  Outcome(const Outcome&) = delete;
  Outcome& operator=(const Outcome&) = delete;

  const std::function<void(bool)> tell;
  bool taken = false;
};

// Whoever brought the update is not to blame for what is in it.
absl::Status ForCaller(const absl::Status& failure) {
  if (failure.ok() || MayPass(failure)) return failure;
  return absl::InternalError(failure.message());
}

}  // namespace

Intake::Intake(UpdateHandler& handler, HeldUpdates& held, const BotApi& telegram,
               observe::Metrics& metrics)
    : handler_(handler), held_(held), telegram_(telegram), metrics_(metrics), lanes_(kThreads) {}

absl::StatusOr<v1::HandleUpdateResponse> Intake::Handle(const Call& call, std::string_view json) {
  const Read read = ReadJson(json);
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
    exchange->result = HandleOnce(own, read, Attempt::kFirst);
    exchange->done.Notify();
  });
  if (!submitted) return absl::UnavailableError("the gateway is stopping");
  RETURN_IF_ERROR(call.MayWait());
  if (!exchange->done.WaitForNotificationWithTimeout(call.Remaining())) {
    return absl::DeadlineExceededError("the update is still being handled");
  }
  RETURN_IF_ERROR(ForCaller(exchange->result.status()));
  response.set_outcome(*exchange->result);
  return response;
}

void Intake::HandleSurely(Update update, std::function<void(bool)> taken) {
  Submit(ReadUpdate(std::move(update)), std::move(taken));
}

absl::Status Intake::HandleSurely(const Call& call, std::string_view json) {
  struct Exchange {
    absl::Notification over;
    bool taken = false;
  };
  const auto exchange = std::make_shared<Exchange>();
  Submit(ReadJson(json), [exchange](bool taken) {
    exchange->taken = taken;
    exchange->over.Notify();
  });
  if (!exchange->over.WaitForNotificationWithTimeout(call.Remaining())) {
    return absl::DeadlineExceededError("the update is still being handled");
  }
  if (!exchange->taken) return absl::UnavailableError("the gateway is stopping");
  return absl::OkStatus();
}

void Intake::Submit(Read read, std::function<void(bool)> taken) {
  if (read.outcome != v1::UPDATE_OUTCOME_UNSPECIFIED) {
    Count(read, read.outcome);
    taken(true);
    return;
  }
  const int64_t chat = read.update.user_id;
  // Once the lanes stop, they destroy work without running it.
  const auto outcome = std::make_shared<Outcome>(std::move(taken));
  lanes_.Submit(chat, [this, read = std::move(read), outcome] { outcome->taken = Take(read); });
}

bool Intake::Take(const Read& read) {
  absl::Duration patience = kPatience;
  absl::Duration pause = kFirstPause;
  Attempt attempt = Attempt::kFirst;
  while (true) {
    const Result result = TryFor(patience, read, attempt);
    if (result.ok()) return true;
    // It comes again.
    if (stop_.requested()) return false;
    const Result aside = held_.SetAside(read.update, result.status());
    if (aside.ok()) {
      NoteAway(result.status());
      Count(read, *aside);
      return true;
    }
    observe::Warning("update cannot be written down", {{"status", aside.status()}});
    if (stop_.WaitFor(pause)) return false;
    pause = std::min(2 * pause, kLongestPause);
    patience = absl::ZeroDuration();
    attempt = Attempt::kAgain;
  }
}

Intake::Result Intake::TryFor(absl::Duration patience, const Read& read, Attempt first) {
  const absl::Time give_up = absl::Now() + patience;
  const Attempt again = first == Attempt::kFirst ? Attempt::kAgain : first;
  absl::Duration pause = kFirstPause;
  for (int attempt = 1;; ++attempt) {
    Result result = HandleOnce(Call::Background(kUpdate), read, attempt == 1 ? first : again);
    if (result.ok()) return result;
    const bool enough = MayPass(result.status())
                            ? absl::Now() + pause >= give_up || IsAway(result.status())
                            : attempt >= kAttempts;
    if (enough || stop_.WaitFor(pause)) return result;
    pause = std::min(2 * pause, kLongestPause);
  }
}

void Intake::RunHeld(service::StopSignal& stop) {
  while (!stop.WaitFor(kLook)) {
    // Those that are being tried are due as well, until they are claimed.
    const absl::StatusOr<std::vector<int64_t>> due = held_.PeopleDue(2 * static_cast<int>(kPeople));
    if (!due.ok()) {
      observe::Warning("held updates could not be read", {{"status", due.status()}});
      continue;
    }
    for (const int64_t user_id : *due) {
      {
        absl::MutexLock lock(&mutex_);
        if (running_.size() >= kPeople) break;
        if (!running_.insert(user_id).second) continue;
      }
      lanes_.Submit(user_id, [this, user_id] { RunHeldOf(user_id); });
    }
  }
}

void Intake::RunHeldOf(int64_t user_id) {
  while (!stop_.requested() && RunNextHeld(user_id)) {
  }
  absl::MutexLock lock(&mutex_);
  running_.erase(user_id);
}

bool Intake::RunNextHeld(int64_t user_id) {
  const absl::StatusOr<std::optional<store::HeldUpdate>> claimed = held_.Claim(user_id);
  if (!claimed.ok()) {
    observe::Warning("held update not claimed", {{"status", claimed.status()}});
    return false;
  }
  if (!claimed->has_value()) return false;
  const store::HeldUpdate& held = **claimed;
  const Read read = ReadJson(held.json);
  if (read.outcome != v1::UPDATE_OUTCOME_UNSPECIFIED) {
    Count(read, read.outcome);
    return held_.Remove(held).ok();
  }
  const Result result = TryFor(absl::ZeroDuration(), read, Attempt::kHeld);
  if (result.ok()) return *result != v1::UPDATE_OUTCOME_DUPLICATE || held_.Remove(held).ok();
  NoteAway(result.status());
  const absl::Status noted = held_.Fail(held, read.update, result.status());
  if (!noted.ok()) observe::Warning("held update not put back", {{"status", noted}});
  // What is parked lets the next ones pass.
  return noted.ok() && !MayPass(result.status());
}

// Each person's patience takes a thread: a dialog that is away for long must not have them all.
void Intake::NoteAway(const absl::Status& failure) {
  const std::string dialog = BlamedDialog(failure);
  if (dialog.empty() || !MayPass(failure)) return;
  absl::MutexLock lock(&mutex_);
  away_[dialog] = absl::Now();
}

bool Intake::IsAway(const absl::Status& failure) {
  absl::MutexLock lock(&mutex_);
  const auto away = away_.find(BlamedDialog(failure));
  return away != away_.end() && away->second > absl::Now() - kPatience;
}

void Intake::Stop() {
  stop_.Request();
  lanes_.Stop();
}

Intake::Read Intake::ReadJson(std::string_view json) const {
  absl::StatusOr<Update> update = ParseUpdate(json);
  if (update.ok()) return ReadUpdate(*std::move(update));
  observe::Warning("malformed update", {{"status", update.status()}});
  return {.update = {}, .act = Ignored{"malformed"}, .outcome = v1::UPDATE_OUTCOME_MALFORMED};
}

Intake::Read Intake::ReadUpdate(Update update) const {
  Read read;
  read.act = ActOf(update, telegram_.username());
  if (std::holds_alternative<Ignored>(read.act)) read.outcome = v1::UPDATE_OUTCOME_IGNORED;
  read.update = std::move(update);
  return read;
}

Intake::Result Intake::HandleOnce(const Call& call, const Read& read, Attempt attempt) {
  Result outcome = handler_.Handle(call, read.update, read.act, attempt);
  if (outcome.ok() && *outcome == v1::UPDATE_OUTCOME_HELD) outcome = held_.Hold(read.update);
  if (outcome.ok()) {
    Count(read, *outcome);
  } else {
    observe::Error("update handling failed",
                   {{"dialog", BlamedDialog(outcome.status())}, {"status", outcome.status()}});
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
