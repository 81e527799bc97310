// People who live through the product at a steady rate: consent, the questions, then talk with the coach. Pure: it is told
// what time it is and what the bot says, and says who does what next.
//
//   People people({.per_second = 20}, now);
//   people.Add(1001);
//   while (auto act = people.Next(now)) Do(*act);      // acts that are due by now
//   people.Hear(1001, message_id, text, now);
//   people.figures().milliseconds["answer"]            // from each answer to the message that it was waiting for
//
// The rate does not wait for the bot: whoever has waited longest since being answered acts next. When nobody is free the act
// comes later, and what falls behind by more than a second is left out and counted, since more people would be needed for it.
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace selfology::load {

struct PeopleOptions {
  double per_second = 10;                       // What all of them do together; above 0.
  absl::Duration patience = absl::Seconds(30);  // Then it counts as unanswered, and is tried again.
};

struct Act {
  int64_t person = 0;
  std::string text = {};  // What is said; empty: `button` of `message` is pressed.
  int64_t message = 0;
  std::string button = {};
};

struct Figures {
  // Until the message came that the person waited for, by what they did: "start", "consent", "answer", "coach".
  std::map<std::string, std::vector<double>> milliseconds = {};
  int64_t acts = 0;
  int64_t left_out = 0;  // Nobody was free.
  // Errors.
  int64_t refused = 0;     // The bot said that it did not take it down.
  int64_t unanswered = 0;  // Nothing came in time.
  int64_t failed = 0;      // Telegram did not take it.

  int64_t errors() const { return refused + unanswered + failed; }
  int64_t answered() const;
};

// The value below which `part` of the samples lie; 0: there are none.
double Quantile(std::vector<double> samples, double part);

class People {
 public:
  People(PeopleOptions options, absl::Time begin) : options_(options), next_(begin) {}

  void Add(int64_t person);

  // When to ask for the next act, or to look for what is unanswered.
  absl::Time due() const { return next_; }
  // Nobody acts before it is due. None: later, or nobody is free.
  std::optional<Act> Next(absl::Time now);
  // What has waited too long counts as unanswered.
  void Expire(absl::Time now);

  // A message of the bot's.
  void Hear(int64_t person, int64_t message, std::string_view text, absl::Time now);
  // The person's last act did not reach Telegram.
  void Failed(int64_t person);

  int waiting() const { return waiting_; }
  const Figures& figures() const { return figures_; }

 private:
  enum class Step { kNew, kInvited, kAsked, kTalking };
  struct Person {
    Step step = Step::kNew;
    int question = 0;     // Asked last.
    int64_t welcome = 0;  // The message with the button.
    int64_t heard = 0;    // The latest message.
    int said = 0;         // So that no two texts are the same.
    bool waits = false;
    absl::Time since = absl::InfinitePast();
  };

  static std::string_view NameOf(Step step);
  Act ActOf(int64_t id, Person& person) const;
  // What the person waited for has come.
  void Answered(int64_t id, Person& person, absl::Time now);
  void Release(int64_t id, Person& person);

  const PeopleOptions options_;
  absl::Time next_;
  std::map<int64_t, Person> people_;
  std::deque<int64_t> free_;
  int waiting_ = 0;
  Figures figures_;
};

}  // namespace selfology::load
