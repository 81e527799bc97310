// What a checker has to say: each break of the promise, its kind and whom it hit.
//
//   Report report(user_id, findings);
//   report.Say(Harm::kNotSent, "question 3 is still waiting");
//   report.Expect(answers, 3, "answers");          // fewer: kLost; more: kTwice
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace selfology::chaos {

enum class Harm {
  kLost,        // An event or its effect is not there.
  kTwice,       // It is there more often than it should be.
  kOutOfOrder,  // Something took effect before what came before it.
  kNotSent,     // A message was promised, and its person never got it.
  kParked,      // An event is a dead letter.
  kStuck,       // Somebody's journey did not come to its end.
  kWrong,       // Something is there that nobody said, or that contradicts something else.
  kTrouble,     // A program crashed by itself, did not come back, or a sanitizer reports it.
};
std::string_view Name(Harm harm);

struct Violation {
  Harm harm = Harm::kWrong;
  int64_t user_id = 0;  // 0: nobody in particular.
  std::string what = {};
};

struct Findings {
  std::vector<Violation> violations = {};
  int64_t events = 0;
  // Messages of lesser worth that may or may not have been sent when the gateway died, and so were
  // not sent again: the gateway says so of them, and they are no violation.
  int64_t in_doubt = 0;
  int64_t sent_twice = 0;  // Messages that people got again, which is allowed.
  // Pressed keyboards that were still there at the end, each of them a violation; and those that
  // went, but took longer than kKeyboardLeaves: a fault may have kept them.
  int64_t keyboards_left = 0;
  int64_t keyboards_late = 0;
};

// Writes one person's part of the findings.
class Report {
 public:
  Report(int64_t user_id, Findings& findings) : user_id_(user_id), findings_(findings) {}

  void Say(Harm harm, std::string what);
  void Expect(int64_t is, int64_t wanted, std::string_view what);
  // Something that is numbered 1, 2, 3...; `last` is the number before, from 0, and becomes this.
  void ExpectNext(int64_t number, int64_t& last, std::string_view what);

  Findings& findings() { return findings_; }

 private:
  const int64_t user_id_;
  Findings& findings_;
};

}  // namespace selfology::chaos
