// Many people with Telegram at once, each on a journey of their own: consent, answers, talk with
// the coach. They behave as people do: they read what comes, answer after a while, and send again
// what they are told was not taken down. What each of them said is written into a ledger.
//
//   Crowd crowd(mesh.telegram(), {.people = 100, .answers = 3, .turns = 2, .seed = 1});
//   crowd.Start();
//   while (!crowd.AwaitDone(absl::Seconds(1))) ...
//   for (const Ledger& ledger : crowd.ledgers()) ...
//
// One thread follows the emulator's changes, whatever the number of people. What a person does next
// depends on the seed and on what comes. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <queue>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tools/telegram_emulator/emulator.h"

namespace selfology::chaos {

// Something that a person said once, in words that nobody says again.
struct Said {
  std::string text = {};
  int64_t message_id = 0;  // Telegram's.
  bool is_answer = false;  // To a question; else to the coach.
};

struct Ledger {
  int64_t user_id = 0;
  std::vector<Said> said = {};
  int questions_seen = 0;  // The highest number.
  int replies_seen = 0;    // Of the coach.
  bool done = false;       // The journey is at its end.
  // Where it stands, for reports.
  std::string waits_for = {};
  absl::Time waits_since = {};
};

struct CrowdOptions {
  int people = 100;
  int answers = 3;  // As many as the session service wants.
  int turns = 2;    // Messages to the coach.
  uint64_t seed = 1;
  absl::Duration arrive_within = absl::Seconds(20);  // They begin one after another.
  absl::Duration think = absl::Seconds(1);           // On average.
  absl::Duration try_again = absl::Seconds(5);       // After a refusal.
};

class Crowd {
 public:
  // The emulator outlives it.
  Crowd(telegram_emulator::Emulator& telegram, CrowdOptions options);
  ~Crowd();  // Stops.
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  absl::Status Start();
  void Stop();

  // Until all journeys are at their end; false if they are not in that time.
  bool AwaitDone(absl::Duration timeout) const;
  int done() const;
  int64_t said() const;  // Messages of all people so far.
  std::vector<Ledger> ledgers() const;

 private:
  enum class Step { kAway, kConsent, kQuestion, kAnswering, kTalking, kDone };
  struct Person {
    Ledger ledger;
    Step step = Step::kAway;
    int question = 0;             // To be answered, or answered last.
    int turn = 0;                 // With the coach, from 1.
    bool awaits_reply = false;    // The coach's.
    int64_t heard = 0;            // The latest message of the bot.
    int64_t consent_message = 0;  // The one with the button.
    int64_t planned = 0;          // Number of the plan that counts; others are dropped.
    std::mt19937_64 random;
  };
  struct Plan {
    absl::Time at;
    int64_t user_id;
    int64_t number;
    friend bool operator>(const Plan& a, const Plan& b) { return a.at > b.at; }
  };

  void Run();
  void Hear(const telegram_emulator::Change& change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Listen(Person& person, const telegram_emulator::Message& message)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void BeRefused(Person& person) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Finish(Person& person) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What the person does next, after a while.
  void Plan(Person& person, absl::Duration about) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Act(Person& person) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Gives the message's id.
  int64_t Say(Person& person, std::string_view text) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SaySomethingNew(Person& person, std::string text, bool is_answer)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Await(Person& person, std::string what) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  telegram_emulator::Emulator& telegram_;
  const CrowdOptions options_;

  mutable absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<int64_t, Person> people_ ABSL_GUARDED_BY(mutex_);
  std::priority_queue<struct Plan, std::vector<struct Plan>, std::greater<>> plans_
      ABSL_GUARDED_BY(mutex_);
  int done_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t said_ ABSL_GUARDED_BY(mutex_) = 0;
  std::thread thread_;
};

}  // namespace selfology::chaos
