#include "tests/chaos/crowd.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"
#include "tests/journey/answers.h"
#include "tests/journey/words.h"

namespace selfology::chaos {

using journey::IsRefusal;
using journey::QuestionNumber;
using telegram_emulator::Change;
using telegram_emulator::Message;
using telegram_emulator::World;

namespace {

// How long the thread sleeps at most when nobody says anything and nobody has a plan.
constexpr absl::Duration kNap = absl::Milliseconds(100);

}  // namespace

Crowd::Crowd(telegram_emulator::Emulator& telegram, CrowdOptions options)
    : telegram_(telegram), options_(options) {}

Crowd::~Crowd() { Stop(); }

absl::Status Crowd::Start() {
  std::mt19937_64 random(options_.seed);
  const absl::Time now = absl::Now();
  {
    absl::MutexLock lock(&mutex_);
    for (int i = 0; i < options_.people; ++i) {
      ASSIGN_OR_RETURN(const int64_t id, telegram_.AddUser({.first_name = absl::StrCat("P", i),
                                                            .language_code = "en"}));
      Person& person = people_[id];
      person.ledger.user_id = id;
      person.random.seed(random());
      plans_.push({.at = now + options_.arrive_within * i / options_.people,
                   .user_id = id,
                   .number = ++person.planned});
    }
  }
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void Crowd::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool Crowd::AwaitDone(absl::Duration timeout) const {
  absl::MutexLock lock(&mutex_);
  const auto done = [this]()
                        ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return done_ == options_.people; };
  return mutex_.AwaitWithTimeout(absl::Condition(&done), timeout);
}

int Crowd::done() const {
  absl::MutexLock lock(&mutex_);
  return done_;
}

int64_t Crowd::said() const {
  absl::MutexLock lock(&mutex_);
  return said_;
}

std::vector<Ledger> Crowd::ledgers() const {
  absl::MutexLock lock(&mutex_);
  std::vector<Ledger> ledgers;
  for (const auto& [id, person] : people_) ledgers.push_back(person.ledger);
  return ledgers;
}

void Crowd::Run() {
  int64_t seen = 0;
  while (true) {
    absl::Time until = absl::Now() + kNap;
    {
      absl::MutexLock lock(&mutex_);
      if (stopped_) return;
      if (!plans_.empty()) until = std::min(until, plans_.top().at);
    }
    telegram_.exchange().Await([seen](const World& world) { return world.changes.last() > seen; },
                               until);
    bool all = true;
    std::vector<Change> changes = telegram_.exchange().Look([&](const World& world) {
      all = world.changes.Reaches(seen);
      std::vector<Change> after = world.changes.After(seen);
      seen = world.changes.last();
      return after;
    });
    absl::MutexLock lock(&mutex_);
    if (all) {
      for (const Change& change : changes) Hear(change);
    } else {
      // More happened than the emulator keeps: look through all chats.
      for (auto& [id, person] : people_) {
        for (const Message& message : telegram_.Messages(id)) Listen(person, message);
      }
    }
    const absl::Time now = absl::Now();
    while (!plans_.empty() && plans_.top().at <= now) {
      const struct Plan plan = plans_.top();
      plans_.pop();
      Person& person = people_.at(plan.user_id);
      if (person.planned == plan.number) Act(person);
    }
  }
}

void Crowd::Hear(const Change& change) {
  if (change.kind != "message") return;
  const auto person = people_.find(change.user_id);
  if (person != people_.end()) Listen(person->second, Message::FromFullJson(change.value));
}

void Crowd::Listen(Person& person, const Message& message) {
  // Buttons that are taken away change messages that were read before.
  if (!message.from_bot || message.deleted || message.id <= person.heard) return;
  person.heard = message.id;
  const std::string_view text = message.text;
  if (IsRefusal(text)) return BeRefused(person);
  if (const int number = QuestionNumber(text); number > 0) {
    person.ledger.questions_seen = std::max(person.ledger.questions_seen, number);
    if (number <= person.question || person.step >= Step::kTalking) return;  // Seen before.
    person.question = number;
    person.step = Step::kQuestion;
    return Plan(person, options_.think);
  }
  if (journey::IsLastQuestion(text)) {
    if (person.step >= Step::kTalking) return;
    person.step = Step::kTalking;
    person.turn = 1;
    if (options_.turns > 0) return Plan(person, options_.think);
    Finish(person);
    return;
  }
  if (person.step == Step::kConsent) {
    if (!journey::IsWelcome(text)) return;
    person.consent_message = message.id;
    return Plan(person, options_.think);
  }
  if (journey::IsInPassing(text) || person.step != Step::kTalking || !person.awaits_reply) return;
  person.awaits_reply = false;
  ++person.ledger.replies_seen;
  if (person.turn == options_.turns) return Finish(person);
  ++person.turn;
  Plan(person, options_.think);
}

void Crowd::BeRefused(Person& person) {
  if (person.step == Step::kDone || person.step == Step::kAway) return;
  if (person.step == Step::kTalking && !person.awaits_reply) return;  // It is about the past.
  Plan(person, options_.try_again);
}

void Crowd::Finish(Person& person) {
  person.step = Step::kDone;
  person.ledger.done = true;
  person.ledger.waits_for.clear();
  ++done_;
}

void Crowd::Plan(Person& person, absl::Duration about) {
  const double factor = std::uniform_real_distribution<>(0.3, 1.7)(person.random);
  Await(person, "to be itself again");
  plans_.push({.at = absl::Now() + about * factor,
               .user_id = person.ledger.user_id,
               .number = ++person.planned});
}

void Crowd::Act(Person& person) {
  switch (person.step) {
    case Step::kAway:
      person.step = Step::kConsent;
      [[fallthrough]];
    case Step::kConsent: {
      const int64_t button = std::exchange(person.consent_message, 0);
      if (button != 0 &&
          telegram_.PressButton(person.ledger.user_id, button, journey::kAgree).ok()) {
        return Await(person, "the first question");
      }
      Say(person, "/start");
      return Await(person, "an answer to /start");
    }
    case Step::kQuestion:
    case Step::kAnswering:
      person.step = Step::kAnswering;
      SaySomethingNew(person,
                      absl::StrCat(journey::EnglishAnswer(person.question), " (",
                                   person.ledger.user_id, ".", person.ledger.said.size(), ")"),
                      /*is_answer=*/true);
      return Await(person, absl::StrCat("what follows answer ", person.question));
    case Step::kTalking:
      person.awaits_reply = true;
      SaySomethingNew(person,
                      absl::StrCat("I want to paint again. What comes first? (",
                                   person.ledger.user_id, ".", person.ledger.said.size(), ")"),
                      /*is_answer=*/false);
      return Await(person, absl::StrCat("the coach's reply ", person.turn));
    case Step::kDone:
      return;
  }
}

void Crowd::SaySomethingNew(Person& person, std::string text, bool is_answer) {
  const int64_t id = Say(person, text);
  person.ledger.said.push_back({.text = std::move(text), .message_id = id, .is_answer = is_answer});
}

int64_t Crowd::Say(Person& person, std::string_view text) {
  ++said_;
  const auto message = telegram_.SendText(person.ledger.user_id, text);
  return message.ok() ? message->id : 0;
}

void Crowd::Await(Person& person, std::string what) {
  person.ledger.waits_for = std::move(what);
  person.ledger.waits_since = absl::Now();
}

}  // namespace selfology::chaos
