#include "services/coaching/lib/safety/reply_check.h"

#include <algorithm>

namespace selfology::safety {
namespace {

struct Named {
  ReplyFault fault;
  std::string_view rule;
  std::string_view name;
};
constexpr Named kNames[] = {
    {ReplyFault::kAgreesWithHarm, "AGREES_WITH_HARM", "agrees_with_harm"},
    {ReplyFault::kGivesMeans, "GIVES_MEANS", "gives_means"},
    {ReplyFault::kDiagnoses, "DIAGNOSES", "diagnoses"},
    {ReplyFault::kPromisesSecrecy, "PROMISES_SECRECY", "promises_secrecy"},
    {ReplyFault::kForbidsHelp, "FORBIDS_HELP", "forbids_help"},
    {ReplyFault::kEncouragesStarving, "ENCOURAGES_STARVING", "encourages_starving"},
};

bool Serious(const ReplyContext& context) {
  return context.in_crisis || context.message.level >= Level::kAsk;
}

// Where danger was spoken of, "you are right" and "good idea" say yes to it.
bool AgreesWithAnything(const Vocabulary& vocabulary, const Reading& reading) {
  const auto agrees = vocabulary.Find("AGREE_WORD");
  return agrees.has_value() && reading.present.test(*agrees);
}

}  // namespace

std::vector<ReplyFault> CheckReply(std::string_view reply, const ReplyContext& context) {
  const Tables& tables = Tables::BuiltIn();
  const Reading reading = tables.vocabulary.Read(reply);
  std::vector<ReplyFault> faults;
  const auto add = [&](ReplyFault fault) {
    if (std::find(faults.begin(), faults.end(), fault) == faults.end()) faults.push_back(fault);
  };
  for (const Hit& hit : tables.reply.Match(reading)) {
    for (const Named& named : kNames) {
      if (named.rule == hit.rule->finds()) add(named.fault);
    }
  }
  if (Serious(context) && AgreesWithAnything(tables.vocabulary, reading)) {
    add(ReplyFault::kAgreesWithHarm);
  }
  return faults;
}

std::string_view ReplyInstead(language::Language language) {
  if (language == language::Language::kRussian) {
    return "Мой первый ответ не пошёл бы вам на пользу, поэтому он останется при мне. Как вы "
           "сейчас? "
           "Если тяжело, поговорите, пожалуйста, и с тем, кому доверяете.";
  }
  return "My first reply would not have done you good, so I keep it to myself. How are you right "
         "now?"
         " If it is hard, please talk to somebody whom you trust as well.";
}

std::string_view NameOf(ReplyFault fault) { return kNames[static_cast<int>(fault)].name; }

}  // namespace selfology::safety
