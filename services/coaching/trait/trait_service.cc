#include "services/coaching/trait/trait_service.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/language/language.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/profile.pb.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/coaching/lib/mini_ipip/mini_ipip.h"
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

int32_t StatementCount() { return static_cast<int32_t>(mini_ipip::Items().size()); }

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

absl::StatusOr<v1::GetNextStatementResponse> TraitService::GetNextStatement(
    const Call& call, const v1::GetNextStatementRequest& request) {
  RETURN_IF_ERROR(CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(
      const store::Ratings ratings,
      database_.Read(call,
                     [&](Transaction& tx) { return store::ReadRatings(tx, request.user_id()); },
                     {.newest = true}));
  std::set<int> answered;
  for (const auto& [id, rating] : ratings) {
    if (const mini_ipip::Item* item = mini_ipip::FindItem(id)) answered.insert(item->number);
  }
  v1::GetNextStatementResponse response;
  response.set_rated_count(static_cast<int32_t>(answered.size()));
  response.set_statement_count(StatementCount());
  const mini_ipip::Item* const next = mini_ipip::NextItem(answered);
  if (next == nullptr) return response;
  const language::Language language = language::LanguageOf(request.language());
  v1::Statement& statement = *response.mutable_statement();
  statement.set_statement_id(mini_ipip::IdOf(*next));
  statement.set_text(std::string(mini_ipip::TextOf(*next, language)));
  for (const std::string_view label : mini_ipip::Labels(language)) {
    statement.add_choices(std::string(label));
  }
  return response;
}

absl::StatusOr<v1::RateStatementResponse> TraitService::RateStatement(
    const Call& call, const v1::RateStatementRequest& request) {
  FieldViolations bad = CheckUser(request);
  if (request.statement_id().empty()) bad.Add("statement_id", "must be set");
  if (request.rating() < mini_ipip::kLeastAccurate || request.rating() > mini_ipip::kMostAccurate) {
    bad.Add("rating", "must be 1 to 5");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const mini_ipip::Item* const item = mini_ipip::FindItem(request.statement_id());
  if (item == nullptr) {
    return status::Error(mesh::v1::ERROR_CODE_STATEMENT_NOT_FOUND, "there is no such statement");
  }
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::RateStatementResponse> {
    store::LockUser(tx, request.user_id());
    ASSIGN_OR_RETURN(store::Ratings ratings, store::ReadRatings(tx, request.user_id()));
    const auto known = ratings.find(request.statement_id());
    if (known == ratings.end() || known->second != request.rating()) {
      store::SaveRating(tx, request.user_id(), request.statement_id(), request.rating(), clock_());
      events::v1::StatementRated event;
      event.set_user_id(request.user_id());
      event.set_statement_id(request.statement_id());
      event.set_trait_name(std::string(mini_ipip::NameOf(item->trait)));
      event.set_reversed(item->reversed);
      event.set_rating(request.rating());
      event.set_statement_text(
          std::string(mini_ipip::TextOf(*item, language::LanguageOf(request.language()))));
      RETURN_IF_ERROR(events::Publish(tx, event));
    }
    ratings[request.statement_id()] = request.rating();
    v1::RateStatementResponse response;
    response.set_rated_count(static_cast<int32_t>(ratings.size()));
    response.set_statement_count(StatementCount());
    return response;
  });
}

}  // namespace selfology::trait
