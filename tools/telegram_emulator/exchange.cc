#include "tools/telegram_emulator/exchange.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_emulator {
namespace {

// How soon a waiting call sees that nobody wants its answer any more.
constexpr absl::Duration kLookUp = absl::Milliseconds(100);
// Longer polls end after this long, as Telegram's do.
constexpr int64_t kMaxPollSeconds = 50;

// The chat a call is about; 0: none.
int64_t ChatOf(const World& world, const Parameters& parameters) {
  if (parameters.Has("callback_query_id")) {
    const CallbackQuery* query = world.chats.FindCallback(parameters.Text("callback_query_id"));
    if (query == nullptr) return 0;
    return query->chat_id == 0 ? query->user_id : query->chat_id;
  }
  const std::string chat = parameters.Text("chat_id");
  return chat.starts_with('@') ? world.chats.ChatNamed(chat) : parameters.Number("chat_id", 0);
}

std::string_view UsualWords(int code) {
  switch (code) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden: bot was blocked by the user";
    case 404:
      return "Not Found";
    case 409:
      return "Conflict: terminated by other getUpdates request; make sure that only one bot "
             "instance is running";
    case 502:
      return "Bad Gateway";
    default:
      return "Internal Server Error";
  }
}

bool ChangesTheAnswer(const Fault& fault) {
  return fault.drop || fault.error_code != 0 || !fault.body.empty();
}

Answer AnswerOf(const Fault& fault) {
  const int code = fault.error_code == 0 ? 200 : fault.error_code;
  Answer answer = code == 429 ? Answer::TooManyRequests(fault.retry_after_s)
                              : Answer::Error(code, UsualWords(code));
  if (!fault.description.empty()) answer.description = fault.description;
  answer.body = fault.body;
  answer.drop = fault.drop;
  return answer;
}

}  // namespace

absl::Status Exchange::Keep(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  world_.files.Keep(absl::StrCat(path, ".files"));
  ASSIGN_OR_RETURN(journal_, Journal::Open(path, [this](std::string_view kind, const Json& value) {
                     mutex_.AssertHeld();
                     world_.Restore(kind, value);
                   }));
  return absl::OkStatus();
}

void Exchange::Publish() {
  if (written_ == world_.changes.last()) return;
  if (journal_ != nullptr) {
    for (const Change& change : world_.changes.After(written_)) {
      const absl::Status written = journal_->Append(change);
      if (!written.ok()) observe::Error("journal write failed", {{"status", written}});
    }
  }
  written_ = world_.changes.last();
  changed_.SignalAll();
}

void Exchange::Wait(absl::Time deadline) const {
  changed_.WaitWithDeadline(&mutex_, std::min(deadline, absl::Now() + kLookUp));
}

bool Exchange::Await(const std::function<bool(const World&)>& holds, absl::Time deadline,
                     const GaveUp& gave_up) const {
  absl::MutexLock lock(&mutex_);
  while (!holds(world_)) {
    if (stopped_ || absl::Now() >= deadline || (gave_up && gave_up())) return false;
    Wait(deadline);
  }
  return true;
}

void Exchange::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  changed_.SignalAll();
}

Answer Exchange::CallBot(std::string_view method, const Parameters& parameters,
                         const GaveUp& gave_up) {
  const std::string_view known = CanonicalMethod(method);
  const std::string_view name = known.empty() ? method : known;
  int64_t seq = 0;
  std::optional<Fault> fault;
  {
    absl::MutexLock lock(&mutex_);
    seq = world_.calls.Begin(name, parameters.ToJson(), absl::Now());
    fault = world_.faults.Take(name, ChatOf(world_, parameters));
  }
  const auto delay = [&] {
    const auto never = [](const World&) { return false; };
    if (fault->delay > absl::ZeroDuration()) Await(never, absl::Now() + fault->delay, gave_up);
  };
  if (fault.has_value() && !fault->after) delay();
  const bool injected = fault.has_value() && ChangesTheAnswer(*fault);
  Answer answer;
  if (injected && !fault->after) {
    answer = AnswerOf(*fault);
  } else {
    absl::MutexLock lock(&mutex_);
    answer = Perform(name, parameters, gave_up);
    Publish();
  }
  if (fault.has_value() && fault->after) {
    delay();
    if (injected) answer = AnswerOf(*fault);
  }
  absl::MutexLock lock(&mutex_);
  world_.calls.End(seq, answer.drop ? 0 : answer.code, answer.drop ? Json() : answer.ToJson(),
                   injected);
  changed_.SignalAll();
  return answer;
}

Answer Exchange::Perform(std::string_view method, const Parameters& parameters,
                         const GaveUp& gave_up) {
  if (method == "getUpdates") return GetUpdates(parameters, gave_up);
  if (IsRateLimited(method)) {
    const absl::Duration wait = world_.rate.Wait(ChatOf(world_, parameters), absl::Now());
    if (wait > absl::ZeroDuration()) {
      return Answer::TooManyRequests(static_cast<int>(absl::ToInt64Seconds(wait)));
    }
  }
  return CallBotApi(world_, method, parameters, absl::Now());
}

Answer Exchange::GetUpdates(const Parameters& parameters, const GaveUp& gave_up) {
  const int64_t turn = ++poll_turn_;
  changed_.SignalAll();
  const int64_t generation = world_.webhook.generation;
  const absl::Time deadline =
      absl::Now() + absl::Seconds(parameters.Number("timeout", 0, 0, kMaxPollSeconds));
  while (true) {
    if (poll_turn_ != turn) return Answer::Error(409, UsualWords(409));
    if (generation != world_.webhook.generation && !world_.webhook.url.empty()) {
      return Answer::Error(409, "Conflict: terminated by setWebhook request");
    }
    Answer answer = CallBotApi(world_, "getUpdates", parameters, absl::Now());
    Publish();
    if (answer.code != 200 || !answer.result.empty() || stopped_ || absl::Now() >= deadline ||
        (gave_up && gave_up())) {
      return answer;
    }
    Wait(deadline);
  }
}

}  // namespace selfology::telegram_emulator
