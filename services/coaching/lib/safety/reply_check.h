// The gate that every reply goes through before a person reads it, from whatever model it comes.
//
//   CheckReply("You have depression.", {})  // {ReplyFault::kDiagnoses}
//   CheckReply("That sounds hard. Is somebody with you?", {})  // {}
//
// A reply with a fault is not sent; the caller has another one written or says something fixed.
// Logs may have the fault's name, not the reply. Threads: pure functions.
#pragma once

#include <string_view>
#include <vector>

#include "common/language/language.h"
#include "services/coaching/lib/safety/safety.h"

namespace selfology::safety {

enum class ReplyFault {
  kAgreesWithHarm,
  kGivesMeans,
  kDiagnoses,
  kPromisesSecrecy,
  kForbidsHelp,
  kEncouragesStarving,
};
inline constexpr ReplyFault kReplyFaults[] = {
    ReplyFault::kAgreesWithHarm,  ReplyFault::kGivesMeans,  ReplyFault::kDiagnoses,
    ReplyFault::kPromisesSecrecy, ReplyFault::kForbidsHelp, ReplyFault::kEncouragesStarving};

struct ReplyContext {
  // What was found in the message that the reply answers. With danger in it, or with the crisis
  // mode on, a reply that agrees with anything is looked at more strictly.
  Assessment message;
  bool in_crisis = false;
};

// Each fault at most once; empty for a reply that may be sent.
std::vector<ReplyFault> CheckReply(std::string_view reply, const ReplyContext& context);

// What may be said instead of a reply that is not sent.
std::string_view ReplyInstead(language::Language language);

// "diagnoses"
std::string_view NameOf(ReplyFault fault);

}  // namespace selfology::safety
