// The deep phase of one answer, in two steps, for the AI takes seconds and no transaction should be
// open meanwhile:
//
//   // What is known of the person.
//   ASSIGN_OR_RETURN(const Before before, ReadBefore(call, database, answer));
//   if (before.revision > 0) return absl::OkStatus();                         // done already
//   const Finding finding = FindOrFallBack(call, analyst, answer, before);    // slow
//   // All effects and events.
//   return RecordDeep(tx, analyst, answer, before.revision, finding, now);
//
// Recording is idempotent: a revision is stored and published only if it is the next one after what
// was seen. It publishes answer.analyzed.deep, trait.extracted if anything of the person showed,
// insight.generated for what recurs, and before them answer.analyzed.instant, by rules, if the
// instant phase has been overtaken. Errors: the database's; those of Analyst::Deep. Threads: free
// functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "services/coaching/analysis/analysis_store.h"
#include "services/coaching/analysis/analyst.h"
#include "services/coaching/analysis/answer.h"

namespace selfology::analysis {

using store::Before;  // What is known before.
absl::StatusOr<Before> ReadBefore(const Call& call, postgres::Database& database,
                                  const Answer& answer);

// What the deep phase found.
struct Finding {
  v1::DeepAnalysis deep;
  // Why the AI was unavailable, so that rules were used; empty when it answered.
  std::string failure;
};
absl::StatusOr<Finding> Find(const Call& call, Analyst& analyst, const Answer& answer,
                             const Before& before, bool premium);
Finding FindOrFallBack(const Call& call, Analyst& analyst, const Answer& answer,
                       const Before& before);

absl::Status RecordInstant(postgres::Transaction& tx, const Answer& answer,
                           const v1::InstantAnalysis& instant, absl::Time now);

absl::Status RecordDeep(postgres::Transaction& tx, const Analyst& analyst, const Answer& answer,
                        int32_t seen_revision, const Finding& finding, absl::Time now);

// When to ask the AI again after so many times in vain; nullopt: no more.
std::optional<absl::Time> RetryAt(int32_t retries, absl::Time now);

}  // namespace selfology::analysis
