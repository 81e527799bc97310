// Series as callers get them: checked queries, numbers put into their steps.
//
//   ASSIGN_OR_RETURN(const Steps steps, ReadQuery(query));
//   ... store::ReadSeries(tx, query, {steps.begins.front(), steps.to}) ...
//   const std::vector<v1::Series> series = MakeSeries(numbers, steps);
//
// Threads: pure functions.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "selfology/analytics/v1/analytics.pb.h"
#include "services/platform/analytics/series_store.h"

namespace selfology::analytics {

struct Steps {
  std::vector<absl::Time> begins;  // At least one.
  absl::Time to;
};

// INVALID_ARGUMENT names what is wrong with the query.
absl::StatusOr<Steps> ReadQuery(const v1::SeriesQuery& query);

// The 20 largest first; steps without a number have 0.
std::vector<v1::Series> MakeSeries(const std::vector<store::Number>& numbers, const Steps& steps);

}  // namespace selfology::analytics
