#include "tools/load/run.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/executor/worker_pool.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"
#include "tools/load/telegram.h"

namespace selfology::load {
namespace {

constexpr absl::Duration kNap = absl::Milliseconds(20);
constexpr absl::Duration kStreamPatience = absl::Seconds(10);
constexpr char kAnswer[] = "answer";

class Runner {
 public:
  explicit Runner(const RunOptions& options)
      : options_(options),
        telegram_(options.telegram, static_cast<size_t>(options.senders) + 1),
        pool_(options.senders) {}

  ~Runner() {
    pool_.Stop();
    ended_ = true;
    if (listener_.joinable()) listener_.join();
  }

  absl::Status Begin() {
    RETURN_IF_ERROR(telegram_.Check());
    listener_ = std::thread([this] {
      const absl::Status status = telegram_.Follow(
          [this](int64_t person, int64_t message, std::string_view text) {
            const absl::Time now = absl::Now();
            absl::MutexLock lock(&mutex_);
            if (people_.has_value()) people_->Hear(person, message, text, now);
          },
          [this] { following_.Notify(); }, [this] { return ended_.load(); });
      absl::MutexLock lock(&mutex_);
      lost_.Update(status);
    });
    if (!following_.WaitForNotificationWithTimeout(kStreamPatience)) {
      absl::MutexLock lock(&mutex_);
      return lost_.ok() ? absl::UnavailableError("the emulator tells nothing of its chats") : lost_;
    }
    std::vector<int64_t> ids;
    for (int i = 0; i < options_.people; ++i) {
      ASSIGN_OR_RETURN(const int64_t id, telegram_.AddPerson(absl::StrCat("Load ", i + 1)));
      ids.push_back(id);
    }
    absl::MutexLock lock(&mutex_);
    begin_ = absl::Now();
    people_.emplace(PeopleOptions{.per_second = options_.per_second, .patience = options_.patience},
                    begin_);
    for (const int64_t id : ids) people_->Add(id);
    return absl::OkStatus();
  }

  // Those that are due; gives when to come again.
  absl::Time Act() {
    const absl::Time now = absl::Now();
    absl::MutexLock lock(&mutex_);
    while (std::optional<struct Act> act = people_->Next(now)) {
      pool_.Submit([this, act = *std::move(act)] {
        if (telegram_.Do(act).ok()) return;
        absl::MutexLock lock(&mutex_);
        people_->Failed(act.person);
      });
    }
    people_->Expire(now);
    return std::min(now + kNap, std::max(people_->due(), now + absl::Milliseconds(1)));
  }

  absl::StatusOr<Result> Now() {
    absl::MutexLock lock(&mutex_);
    RETURN_IF_ERROR(lost_);
    return Result{.options = options_,
                  .took = end_ - begin_,
                  .waiting = people_->waiting(),
                  .figures = people_->figures()};
  }
  void NoteTime() {
    absl::MutexLock lock(&mutex_);
    end_ = absl::Now();
  }
  absl::Time begin() {
    absl::MutexLock lock(&mutex_);
    return begin_;
  }

  // Nobody does anything more; what is under way may still be answered.
  void AwaitRest(const std::function<bool()>& stopped) {
    const absl::Time until = absl::Now() + options_.patience;
    while (absl::Now() < until && !stopped()) {
      {
        absl::MutexLock lock(&mutex_);
        people_->Expire(absl::Now());
        if (people_->waiting() == 0 || !lost_.ok()) return;
      }
      absl::SleepFor(kNap);
    }
    absl::MutexLock lock(&mutex_);
    people_->Expire(absl::InfiniteFuture());
  }

 private:
  const RunOptions options_;
  Telegram telegram_;
  absl::Mutex mutex_;
  std::optional<People> people_ ABSL_GUARDED_BY(mutex_);
  absl::Status lost_ ABSL_GUARDED_BY(mutex_);  // Why the chats are no longer followed.
  absl::Time begin_ ABSL_GUARDED_BY(mutex_);
  absl::Time end_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> ended_ = false;
  absl::Notification following_;
  executor::WorkerPool pool_;
  std::thread listener_;
};

double PerSecond(const Result& result) {
  const double seconds = absl::ToDoubleSeconds(result.took);
  return seconds > 0 ? static_cast<double>(result.figures.acts) / seconds : 0;
}

}  // namespace

absl::StatusOr<Result> Run(const RunOptions& options, absl::Duration every,
                           const std::function<void(const Result&)>& show,
                           const std::function<bool()>& stopped) {
  if (options.people < 1) return absl::InvalidArgumentError("people: must be 1 or above");
  if (options.per_second <= 0) return absl::InvalidArgumentError("rate: must be above 0");
  Runner runner(options);
  RETURN_IF_ERROR(runner.Begin());
  const absl::Time end = runner.begin() + options.time;
  absl::Time next_show = runner.begin() + every;
  while (absl::Now() < end && !stopped()) {
    absl::SleepFor(runner.Act() - absl::Now());
    runner.NoteTime();
    ASSIGN_OR_RETURN(const Result now, runner.Now());
    if (absl::Now() < next_show) continue;
    next_show += every;
    show(now);
  }
  runner.AwaitRest(stopped);
  return runner.Now();
}

std::string Line(const Result& result) {
  const Figures& figures = result.figures;
  std::string line = absl::StrFormat("%.0f s  %d people, %d wait  %.1f messages/s",
                                     absl::ToDoubleSeconds(result.took), result.options.people,
                                     result.waiting, PerSecond(result));
  if (const auto found = figures.milliseconds.find(kAnswer); found != figures.milliseconds.end()) {
    absl::StrAppendFormat(&line, "  answer p50 %.0f p95 %.0f p99 %.0f ms",
                          Quantile(found->second, 0.5), Quantile(found->second, 0.95),
                          Quantile(found->second, 0.99));
  }
  absl::StrAppendFormat(&line, "  %d errors", figures.errors());
  return line;
}

std::string Table(const Result& result) {
  const Figures& figures = result.figures;
  std::string table = absl::StrFormat("%-34s %7s %9s %9s %9s\n", "from what a person does", "n",
                                      "p50 ms", "p95 ms", "p99 ms");
  constexpr std::pair<const char*, const char*> kRows[] = {
      {"start", "/start to the welcome"},
      {"consent", "consent to the first question"},
      {kAnswer, "answer to the next message"},
      {"coach", "message to the coach's reply"}};
  for (const auto& [key, what] : kRows) {
    const auto found = figures.milliseconds.find(key);
    if (found == figures.milliseconds.end()) continue;
    absl::StrAppendFormat(&table, "%-34s %7d %9.1f %9.1f %9.1f\n", what, found->second.size(),
                          Quantile(found->second, 0.5), Quantile(found->second, 0.95),
                          Quantile(found->second, 0.99));
  }
  absl::StrAppendFormat(&table, "%d messages, %.1f a second of %.1f wanted; %d answered\n",
                        figures.acts, PerSecond(result), result.options.per_second,
                        figures.answered());
  if (figures.left_out > 0) {
    absl::StrAppendFormat(&table, "%d were left out, as everybody waited: more people are needed\n",
                          figures.left_out);
  }
  absl::StrAppendFormat(&table, "errors: %d refused, %d unanswered within %s, %d not taken\n",
                        figures.refused, figures.unanswered,
                        absl::FormatDuration(result.options.patience), figures.failed);
  return table;
}

std::string ToJson(const Result& result) {
  const Figures& figures = result.figures;
  nlohmann::json json = {{"people", result.options.people},
                         {"rate_wanted", result.options.per_second},
                         {"rate", PerSecond(result)},
                         {"seconds", absl::ToDoubleSeconds(result.took)},
                         {"messages", figures.acts},
                         {"left_out", figures.left_out},
                         {"answered", figures.answered()},
                         {"errors",
                          {{"refused", figures.refused},
                           {"unanswered", figures.unanswered},
                           {"not_taken", figures.failed}}},
                         {"milliseconds", nlohmann::json::object()}};
  for (const auto& [what, samples] : figures.milliseconds) {
    json["milliseconds"][what] = {{"count", samples.size()},
                                  {"p50", Quantile(samples, 0.5)},
                                  {"p95", Quantile(samples, 0.95)},
                                  {"p99", Quantile(samples, 0.99)}};
  }
  return json.dump();
}

}  // namespace selfology::load
