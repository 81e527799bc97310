#include "services/coaching/trait/trait_service.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/coaching/trait/evolution.h"
#include "services/coaching/trait/trait_store.h"

namespace selfology::trait {
namespace {

using postgres::Transaction;
using status::CheckUser;
using status::FieldViolations;

constexpr paging::Limits kHistoryPage = {.default_size = 100, .max_size = 500};
constexpr int kMaxDays = 365;

// The period asked for, or the default for 0.
int PeriodDays(int32_t asked, int default_days, FieldViolations& bad) {
  if (asked < 0 || asked > kMaxDays) {
    bad.Add("period_days", absl::StrCat("must be 0 to ", kMaxDays));
  }
  return asked == 0 ? default_days : asked;
}

}  // namespace

TraitService::TraitService(postgres::Database& database, Clock clock)
    : database_(database), clock_(std::move(clock)) {}

absl::StatusOr<v1::ListTraitHistoryResponse> TraitService::ListTraitHistory(
    const Call& call, const v1::ListTraitHistoryRequest& request) {
  RETURN_IF_ERROR(CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kHistoryPage));
  store::RecordFilter filter = {.user_id = request.user_id(),
                                .trait_name = request.trait_name(),
                                .category = request.trait_category(),
                                .limit = page.limit()};
  if (request.has_start_time()) filter.from = timestamps::FromProto(request.start_time());
  if (request.has_end_time()) filter.before = timestamps::FromProto(request.end_time());
  ASSIGN_OR_RETURN(filter.before_id, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<v1::TraitRecord> records, database_.Read(call, [&](Transaction& tx) {
    return store::ListRecords(tx, filter);
  }));
  v1::ListTraitHistoryResponse response;
  response.set_next_page_token(page.Cut(records, &v1::TraitRecord::record_id));
  for (v1::TraitRecord& record : records) *response.add_records() = std::move(record);
  return response;
}

absl::StatusOr<v1::GetTraitPatternsResponse> TraitService::GetTraitPatterns(
    const Call& call, const v1::GetTraitPatternsRequest& request) {
  FieldViolations bad = CheckUser(request);
  const int days = PeriodDays(request.period_days(), kPatternDays, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = clock_();
  ASSIGN_OR_RETURN(History history, database_.Read(call, [&](Transaction& tx) {
    return store::ReadHistory(tx, request.user_id(), now - days * absl::Hours(24));
  }));
  const std::set<std::string> wanted(request.trait_names().begin(), request.trait_names().end());
  if (!wanted.empty()) {
    std::erase_if(history, [&](const auto& entry) { return !wanted.contains(entry.first.name); });
  }
  v1::GetTraitPatternsResponse response;
  for (v1::TraitPattern& pattern : FindPatterns(history, now, days)) {
    *response.add_patterns() = std::move(pattern);
  }
  return response;
}

absl::StatusOr<v1::GetTraitEvolutionResponse> TraitService::GetTraitEvolution(
    const Call& call, const v1::GetTraitEvolutionRequest& request) {
  FieldViolations bad = CheckUser(request);
  const int days = PeriodDays(request.period_days(), kEvolutionDays, bad);
  const double least = request.has_min_change() ? request.min_change() : kSignificantChange;
  if (!(least >= 0 && least <= 1)) bad.Add("min_change", "must be 0 to 1");
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const History history, database_.Read(call, [&](Transaction& tx) {
    return store::ReadHistory(tx, request.user_id(), clock_() - days * absl::Hours(24));
  }));
  v1::GetTraitEvolutionResponse response;
  for (v1::TraitChange& change : Changes(history, least)) {
    *response.add_changes() = std::move(change);
  }
  response.set_analysis_period_days(days);
  response.set_min_change(least);
  return response;
}

}  // namespace selfology::trait
