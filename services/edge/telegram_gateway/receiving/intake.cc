#include "services/edge/telegram_gateway/receiving/intake.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/enums/word.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/routing/attempt_budget.h"
#include "services/edge/telegram_gateway/routing/failure_policy.h"

namespace selfology::telegram_gateway {
namespace {

// Chats handled at a time. They wait for other services more than they work.
constexpr int kThreads = 40;
// For one update that nobody else waits for: two guards and a dialog that are slow.
constexpr absl::Duration kUpdate = absl::Seconds(budget::kAskingSeconds);
// Until an update that fails is written down, and between the attempts.
constexpr absl::Duration kPatience = absl::Seconds(3);
constexpr absl::Duration kFirstPause = absl::Milliseconds(200);
constexpr absl::Duration kLongestPause = absl::Seconds(5);
// Between two looks for held updates that are due, and how many people of one dialog are taken from
// one look: more than it could answer until the next.
constexpr absl::Duration kLook = absl::Seconds(1);
constexpr int kPeopleALook = 1000;
// The database's clock and this one need not agree to the last digit.
constexpr absl::Duration kNotEarlier = absl::Milliseconds(2);
// People whose held updates are tried at a time: all others' come in meanwhile.
constexpr HeldQueue::Limits kHeldPeople = {.people = 16, .of_dialog = 10};

// Which dialog a held update goes to is not known for sure before it is tried: so, of all people.
static_assert(Dialogs::kMostCalls + kHeldPeople.people < kThreads,
              "one dialog must not have all threads");

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
    case UpdateKind::kReaction:
      return "message_reaction";
    case UpdateKind::kPost:
      return "channel_post";
    case UpdateKind::kEditedPost:
      return "edited_channel_post";
    case UpdateKind::kReactionCounts:
      return "message_reaction_count";
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
  if (failure.ok() || (MayPass(failure) && !IsUnclear(failure))) return failure;
  return absl::InternalError(failure.message());
}

}  // namespace

Intake::Intake(UpdateHandler& handler, HeldUpdates& held, const BotApi& telegram,
               observe::Metrics& metrics)
    : handler_(handler),
      held_(held),
      telegram_(telegram),
      metrics_(metrics),
      held_queue_(kHeldPeople),
      chat_queues_(kThreads) {}

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
  const bool submitted =
      chat_queues_.Submit(OrderingKeyOf(read.update), [this, own, read, exchange] {
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
  const int64_t chat = OrderingKeyOf(read.update);
  // Once the chat queues stop, they destroy work without running it.
  const auto outcome = std::make_shared<Outcome>(std::move(taken));
  chat_queues_.Submit(chat,
                      [this, read = std::move(read), outcome] { outcome->taken = Take(read); });
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
    // What only came at a busy moment is handled in a moment, and nobody need be told.
    const Result aside = WasCrowded(result.status()) ? held_.Hold(read.update, result.status())
                                                     : held_.SetAside(read.update, result.status());
    if (aside.ok()) {
      NoteAway(result.status());
      Count(read, *aside);
      return true;
    }
    observe::Warning("Telegram update could not be stored", {{"status", aside.status()}});
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
  const Call round = Call::Background(kUpdate);
  for (int attempt = 1;; ++attempt) {
    // A claim is made for one round.
    const Call call = first == Attempt::kHeld ? round : Call::Background(kUpdate);
    Result result = HandleOnce(call, read, attempt == 1 ? first : again);
    if (result.ok()) return result;
    const bool enough = MayPass(result.status())
                            ? absl::Now() + pause >= give_up || WasNotAsked(result.status()) ||
                                  IsAway(result.status())
                            : attempt >= budget::kAttempts;
    if (enough || stop_.WaitFor(pause)) return result;
    pause = std::min(2 * pause, kLongestPause);
  }
}

void Intake::RunHeld(service::StopSignal& stop) {
  while (!stop.WaitFor(kLook)) {
    absl::StatusOr<std::vector<store::HeldPerson>> due = held_.PeopleDue(kPeopleALook);
    if (!due.ok()) {
      observe::Warning("held Telegram updates could not be read", {{"status", due.status()}});
      continue;
    }
    std::vector<HeldQueue::Person> people;
    for (store::HeldPerson& person : *due) {
      people.push_back({.user_id = person.user_id, .dialog = std::move(person.dialog)});
    }
    {
      absl::MutexLock lock(&mutex_);
      held_queue_.Refill(std::move(people));
    }
    BeginHeld();
  }
}

void Intake::BeginHeld() {
  std::vector<HeldQueue::Person> people;
  {
    absl::MutexLock lock(&mutex_);
    people = held_queue_.Take([this](std::string_view dialog) { return held_.IsAway(dialog); });
  }
  for (const HeldQueue::Person& person : people) {
    chat_queues_.Submit(person.user_id, [this, user_id = person.user_id] { RunHeldOf(user_id); });
  }
}

void Intake::RunHeldOf(int64_t user_id) {
  if (!stop_.requested() && RunNextHeld(user_id)) {
    // Behind what the person did meanwhile, which is written down now rather than when all is done.
    chat_queues_.Submit(user_id, [this, user_id] { RunHeldOf(user_id); });
  } else {
    EndRun(user_id);
  }
}

void Intake::EndRun(int64_t user_id) {
  {
    absl::MutexLock lock(&mutex_);
    held_queue_.Done(user_id);
  }
  if (!stop_.requested()) BeginHeld();
}

void Intake::RunHeldSoon(int64_t user_id) {
  {
    absl::MutexLock lock(&mutex_);
    const auto gathers = gathers_for_.extract(user_id);
    held_queue_.Add({.user_id = user_id, .dialog = gathers ? gathers.mapped() : ""});
  }
  BeginHeld();
}

bool Intake::RunHeldFirst(int64_t user_id) {
  bool has_place;
  {
    absl::MutexLock lock(&mutex_);
    // That run comes later in this queue.
    has_place = held_queue_.IsRunning(user_id);
    HeldQueue::Person person{.user_id = user_id};
    const auto gathers = gathers_for_.find(user_id);
    if (gathers != gathers_for_.end()) person.dialog = gathers->second;
    const auto is_away = [this](std::string_view dialog) { return held_.IsAway(dialog); };
    if (!has_place && !held_queue_.Begin(person, is_away)) return false;
  }
  RunNextHeld(user_id);
  if (!has_place) EndRun(user_id);
  return true;
}

bool Intake::RunNextHeld(int64_t user_id) {
  const absl::StatusOr<std::optional<store::HeldUpdate>> claimed = held_.Claim(user_id);
  if (!claimed.ok()) {
    observe::Warning("held Telegram update could not be claimed", {{"status", claimed.status()}});
    return false;
  }
  if (!claimed->has_value()) return false;
  const store::HeldUpdate& held = **claimed;
  const Read read = ReadKept(held.json);
  if (read.outcome != v1::UPDATE_OUTCOME_UNSPECIFIED) {
    Count(read, read.outcome);
    return held_.Remove(held).ok();
  }
  const Result result = TryFor(absl::ZeroDuration(), read, Attempt::kHeld);
  if (result.ok()) {
    const bool is_marked =
        *result != v1::UPDATE_OUTCOME_DUPLICATE && *result != v1::UPDATE_OUTCOME_IGNORED;
    return is_marked || held_.Remove(held).ok();
  }
  NoteAway(result.status());
  const absl::StatusOr<bool> parked = held_.Fail(held, read.update, result.status());
  if (!parked.ok())
    observe::Warning("failure of a held Telegram update could not be stored",
                     {{"status", parked.status()}});
  // What is parked lets the next ones pass.
  return parked.ok() && *parked;
}

// Each person's patience takes a thread: a dialog that is away for long must not have them all.
void Intake::NoteAway(const absl::Status& failure) {
  const std::string dialog = BlamedDialog(failure);
  // One that stumbles over this update may be there for others.
  if (dialog.empty() || !MayPass(failure) || IsUnclear(failure) || WasCrowded(failure)) return;
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
  appointments_.Stop();
  chat_queues_.Stop();
}

Intake::Read Intake::ReadJson(std::string_view json) const { return ReadUpdate(ParseUpdate(json)); }

Intake::Read Intake::ReadKept(std::string_view json) const {
  return ReadUpdate(ParseKeptUpdate(json));
}

Intake::Read Intake::ReadUpdate(absl::StatusOr<Update> update) const {
  if (!update.ok()) {
    observe::Warning("malformed Telegram update ignored", {{"status", update.status()}});
    return {.update = {}, .act = Ignored{"malformed"}, .outcome = v1::UPDATE_OUTCOME_MALFORMED};
  }
  Read read;
  read.act = ActOf(*update, telegram_.username());
  if (std::holds_alternative<Ignored>(read.act)) read.outcome = v1::UPDATE_OUTCOME_IGNORED;
  read.update = *std::move(update);
  return read;
}

Intake::Result Intake::HandleOnce(const Call& call, const Read& read, Attempt attempt) {
  const Result outcome = HandleInOrder(call, read, attempt);
  if (outcome.ok()) {
    Count(read, *outcome);
  } else {
    observe::Error("handling a Telegram update failed",
                   {{"dialog", BlamedDialog(outcome.status())}, {"status", outcome.status()}});
  }
  return outcome;
}

Intake::Result Intake::HandleInOrder(const Call& call, const Read& read, Attempt attempt) {
  const int64_t key = OrderingKeyOf(read.update);
  absl::StatusOr<Handled> handled = handler_.Handle(call, read.update, read.act, attempt);
  const bool ended_gathering = handled.ok() && handled->ended_gathering;
  if (handled.ok() && handled->comes_after) {
    RETURN_IF_ERROR(held_.EndGathering(key));
    if (RunHeldFirst(key)) {
      // That took its own time. If more waits, this one stays behind it.
      const Call anew = Call::Background(kUpdate, call.trace());
      const Attempt again = attempt == Attempt::kFirst ? Attempt::kAgain : attempt;
      handled = handler_.Handle(anew, read.update, read.act, again);
    }
  }
  RETURN_IF_ERROR(handled.status());
  // One that was held already is where it belongs.
  const bool is_there = handled->written_down || attempt == Attempt::kHeld;
  v1::UpdateOutcome outcome = handled->outcome;
  if (outcome == v1::UPDATE_OUTCOME_HELD) {
    if (!is_there) {
      ASSIGN_OR_RETURN(outcome, held_.Hold(read.update));
    }
    if (ended_gathering) RunHeldSoon(key);
  }
  if (handled->gathers_for.has_value()) {
    {
      absl::MutexLock lock(&mutex_);
      gathers_for_[key] = handled->gathers_dialog;
    }
    appointments_.Make(key, absl::Now() + *handled->gathers_for + kNotEarlier);
  }
  return outcome;
}

void Intake::Count(const Read& read, v1::UpdateOutcome outcome) {
  metrics_
      .Counter("telegram_updates_total", "Updates from Telegram, by outcome",
               {{"bot", absl::StrCat(telegram_.bot_id())},
                {"kind", std::string(WordOf(read.update.kind))},
                {"outcome", enums::LowerWord(outcome)}})
      .Increment();
}

}  // namespace selfology::telegram_gateway
