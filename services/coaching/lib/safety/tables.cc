#include "services/coaching/lib/safety/tables.h"

#include <utility>

#include "absl/status/status.h"
#include "common/status/status_macros.h"
#include "services/coaching/lib/safety/texts.h"

namespace selfology::safety {

absl::StatusOr<Tables> Tables::Parse() {
  ASSIGN_OR_RETURN(
      Vocabulary vocabulary,
      Vocabulary::Parse({kWordsDangerEnglishTextproto, kWordsDangerRussianTextproto,
                         kWordsEnglishTextproto, kWordsRussianTextproto, kWordsIdiomsTextproto,
                         kWordsRulesTextproto, kWordsAroundTextproto, kWordsTalkTextproto},
                        kRealWordsTxt));
  ASSIGN_OR_RETURN(RuleSet danger, RuleSet::Parse({kRulesDangerTextproto, kRulesIndirectTextproto,
                                                   kRulesHarmTextproto, kRulesOthersTextproto},
                                                  vocabulary));
  ASSIGN_OR_RETURN(RuleSet follow_up, RuleSet::Parse({kRulesFollowUpTextproto}, vocabulary));
  ASSIGN_OR_RETURN(RuleSet reply, RuleSet::Parse({kRulesReplyTextproto}, vocabulary));
  return Tables{.vocabulary = std::move(vocabulary),
                .danger = std::move(danger),
                .follow_up = std::move(follow_up),
                .reply = std::move(reply)};
}

const Tables& Tables::BuiltIn() {
  static const Tables* const tables = new Tables(Parse().value());
  return *tables;
}

}  // namespace selfology::safety
