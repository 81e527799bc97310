#include "services/coaching/profile/profile_events.h"

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/coaching/lib/trait_evidence/pool.h"
#include "services/coaching/profile/evidence_store.h"
#include "services/coaching/profile/layers.h"
#include "services/coaching/profile/profile_changes.h"
#include "services/coaching/profile/profile_store.h"

namespace selfology::profile {
namespace {

using trait::v1::TraitEvidence;

// A sign in an answer, within the contract's bounds.
bool IsUsable(const TraitEvidence& sign) {
  return sign.kind() == trait::v1::EVIDENCE_KIND_TEXT && sign.direction() >= -1 &&
         sign.direction() <= 1 && sign.weight() > 0 && std::isfinite(sign.weight());
}

}  // namespace

absl::Status ProfileEvents::LearnTraits(const events::v1::TraitExtracted& event,
                                        events::Handling& handling) const {
  postgres::Transaction& tx = handling.tx();
  store::LockUser(tx, event.user_id());
  std::vector<TraitEvidence> signs(event.evidence().begin(), event.evidence().end());
  std::erase_if(signs, [](const TraitEvidence& sign) { return !IsUsable(sign); });
  ASSIGN_OR_RETURN(const std::vector<TraitEvidence> known,
                   store::ReadEvidence(tx, event.user_id()));
  std::vector<TraitEvidence> evidence;
  std::set<std::string> changed;
  for (const TraitEvidence& one : known) {
    const bool replaced =
        one.kind() == trait::v1::EVIDENCE_KIND_TEXT && one.answer_id() == event.answer_id();
    if (replaced) changed.insert(one.trait_name());
    if (!replaced) evidence.push_back(one);
  }
  for (TraitEvidence& sign : signs) {
    sign.set_answer_id(event.answer_id());
    changed.insert(sign.trait_name());
    evidence.push_back(sign);
  }
  if (!changed.empty()) {
    store::ReplaceAnswer(tx, event.user_id(), event.answer_id(), signs, handling.now());
  }
  RETURN_IF_ERROR(ChangeProfile(tx, event.user_id(), handling.now(),
                                {.trigger = event.trigger(), .answer_id = event.answer_id()},
                                [&](const v1::Profile& before, bool) {
                                  return WithTraits(Learn(before, event), evidence, changed);
                                }));
  tx.AfterCommit([changed = changed_, user_id = event.user_id()] { changed(user_id); });
  return absl::OkStatus();
}

absl::Status ProfileEvents::LearnStatement(const events::v1::StatementRated& event,
                                           events::Handling& handling) const {
  constexpr int kLeast = 1, kMost = 5;
  if (event.rating() < kLeast || event.rating() > kMost) return absl::OkStatus();
  postgres::Transaction& tx = handling.tx();
  store::LockUser(tx, event.user_id());
  TraitEvidence rating =
      trait_evidence::StatementEvidence(event.trait_name(), event.reversed(), event.rating());
  rating.set_statement_id(event.statement_id());
  rating.set_quote(event.statement_text());
  ASSIGN_OR_RETURN(std::vector<TraitEvidence> evidence, store::ReadEvidence(tx, event.user_id()));
  std::erase_if(evidence, [&](const TraitEvidence& one) {
    return one.kind() == rating.kind() && one.statement_id() == rating.statement_id();
  });
  evidence.push_back(rating);
  store::ReplaceStatement(tx, event.user_id(), rating, handling.now());
  RETURN_IF_ERROR(ChangeProfile(tx, event.user_id(), handling.now(), {.trigger = "statement_rated"},
                                [&](const v1::Profile& before, bool) {
                                  return WithTraits(before, evidence, {event.trait_name()});
                                }));
  tx.AfterCommit([changed = changed_, user_id = event.user_id()] { changed(user_id); });
  return absl::OkStatus();
}

absl::Status ProfileEvents::ForgetCreated(const events::v1::ProfileCreated& event,
                                          events::Handling& handling) const {
  return cache_.Invalidate(handling.call(), absl::StrCat(event.user_id()));
}

absl::Status ProfileEvents::ForgetUpdated(const events::v1::ProfileUpdated& event,
                                          events::Handling& handling) const {
  return cache_.Invalidate(handling.call(), absl::StrCat(event.user_id()));
}

}  // namespace selfology::profile
