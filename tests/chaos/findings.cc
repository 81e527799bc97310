#include "tests/chaos/findings.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace selfology::chaos {

std::string_view Name(Harm harm) {
  switch (harm) {
    case Harm::kLost:
      return "LOST";
    case Harm::kTwice:
      return "TWICE";
    case Harm::kOutOfOrder:
      return "OUT_OF_ORDER";
    case Harm::kNotSent:
      return "NOT_SENT";
    case Harm::kParked:
      return "PARKED";
    case Harm::kStuck:
      return "STUCK";
    case Harm::kWrong:
      return "WRONG";
    case Harm::kTrouble:
      return "TROUBLE";
  }
  return "";
}

void Report::Say(Harm harm, std::string what) {
  findings_.violations.push_back({.harm = harm, .user_id = user_id_, .what = std::move(what)});
}

void Report::Expect(int64_t is, int64_t wanted, std::string_view what) {
  if (is == wanted) return;
  Say(is < wanted ? Harm::kLost : Harm::kTwice,
      absl::StrCat(what, ": ", is, " instead of ", wanted));
}

void Report::ExpectNext(int64_t number, int64_t& last, std::string_view what) {
  if (number != last + 1) {
    const Harm harm = number > last    ? Harm::kLost
                      : number == last ? Harm::kTwice
                                       : Harm::kOutOfOrder;
    Say(harm, absl::StrCat(what, ": ", number, " follows ", last));
  }
  last = std::max(last, number);
}

}  // namespace selfology::chaos
