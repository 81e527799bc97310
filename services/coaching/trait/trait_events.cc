#include "services/coaching/trait/trait_events.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/profile.pb.h"
#include "services/coaching/trait/evolution.h"
#include "services/coaching/trait/trait_store.h"

namespace selfology::trait {
namespace {

// What lies in the last so many days before `now`.
History Within(const History& history, absl::Time now, int days) {
  History recent = history;
  for (auto& [trait, samples] : recent) {
    std::erase_if(samples, [&](const Sample& s) { return s.at < now - days * absl::Hours(24); });
  }
  return recent;
}

absl::Status PublishEvolution(postgres::Transaction& tx, const events::v1::TraitExtracted& event,
                              const History& recent, const History& recent_before) {
  // Told already, unless this answer brought it over the threshold or moved it on by as much again.
  const std::vector<v1::TraitChange> before = Changes(recent_before, kSignificantChange);
  events::v1::TraitEvolutionDetected detected;
  for (v1::TraitChange& change : Changes(recent, kSignificantChange)) {
    const auto told = std::find_if(before.begin(), before.end(), [&](const v1::TraitChange& b) {
      return b.trait_name() == change.trait_name() && b.trait_category() == change.trait_category();
    });
    if (told != before.end() && std::abs(change.change() - told->change()) < kSignificantChange) {
      continue;
    }
    *detected.add_significant_changes() = std::move(change);
  }
  if (detected.significant_changes().empty()) return absl::OkStatus();
  detected.set_user_id(event.user_id());
  detected.set_analysis_period_days(kEvolutionDays);
  detected.set_answer_id(event.answer_id());
  return events::Publish(tx, detected);
}

absl::Status PublishNewPatterns(postgres::Transaction& tx, int64_t user_id,
                                const store::Known& before, const History& history,
                                absl::Time now) {
  std::map<TraitName, v1::TraitPatternType> changed;
  for (v1::TraitPattern& pattern : FindPatterns(history, now, kPatternDays)) {
    const TraitName trait{pattern.trait_category(), pattern.trait_name()};
    const auto known = before.published_shapes.find(trait);
    const bool is_known = known != before.published_shapes.end();
    if (is_known && known->second == pattern.type()) continue;
    changed[trait] = pattern.type();
    events::v1::TraitPatternIdentified identified;
    identified.set_user_id(user_id);
    if (is_known) identified.set_previous_type(known->second);
    *identified.mutable_pattern() = std::move(pattern);
    RETURN_IF_ERROR(events::Publish(tx, identified));
  }
  store::SavePublished(tx, user_id, changed);
  return absl::OkStatus();
}

}  // namespace

absl::Status RecordTraits(const events::v1::TraitExtracted& event, events::Handling& handling) {
  // When it was extracted, not when it is handled: a late delivery must not bend the history.
  const absl::Time at = handling.envelope().occurred_at;
  const std::map<TraitName, Sample> samples = Extract(event, at);
  const Words words = ExtractWords(event);
  if (samples.empty() && words.empty()) return absl::OkStatus();

  postgres::Transaction& tx = handling.tx();
  store::LockUser(tx, event.user_id());
  if (!words.empty()) {
    ASSIGN_OR_RETURN(const Words known, store::ReadWords(tx, event.user_id()));
    store::AppendWords(tx, event.user_id(), event.answer_id(), event.trigger(), at,
                       ChangedWords(known, words), known);
  }
  if (samples.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const store::Known before,
                   store::ReadKnown(tx, event.user_id(), at - kPatternDays * absl::Hours(24)));
  store::Append(tx, event.user_id(), event.answer_id(), samples, before.history);
  History history = before.history;
  for (const auto& [trait, sample] : samples) history[trait].push_back(sample);
  RETURN_IF_ERROR(PublishEvolution(tx, event, Within(history, at, kEvolutionDays),
                                   Within(before.history, at, kEvolutionDays)));
  return PublishNewPatterns(tx, event.user_id(), before, history, at);
}

}  // namespace selfology::trait
