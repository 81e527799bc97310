// The part of SocialService that tells: numbers, limits, how texts fit, what an account's posts teach.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "services/studio/social/insights.h"
#include "services/studio/social/limits.h"
#include "services/studio/social/post_check.h"
#include "services/studio/social/social_service.h"
#include "services/studio/social/social_store.h"
#include "services/studio/social/threads.h"

namespace selfology::social {
namespace {

using identity::OwnerOf;
using postgres::Transaction;
using store::AccountRow;

constexpr int kMaxCheckedText = 100'000;
constexpr int kMaxTexts = 50;
constexpr int64_t kMeasuredPosts = 2000;  // The newest, of which something is told.

}  // namespace

absl::StatusOr<v1::GetInsightsResponse> SocialService::GetInsights(
    const Call& call, const v1::GetInsightsRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  absl::TimeZone zone = absl::UTCTimeZone();
  if (!request.time_zone().empty() && !absl::LoadTimeZone(request.time_zone(), &zone)) {
    bad.Add("time_zone", "must be a name such as Europe/Berlin");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  std::optional<AccountRow> account;
  std::vector<store::MeasuredRow> rows;
  RETURN_IF_ERROR(around_.database.Read(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(account, store::FindAccount(tx, OwnerOf(request), request.account_id()));
    ASSIGN_OR_RETURN(
        rows, store::ListMeasured(tx, request.user_id(), request.account_id(), kMeasuredPosts));
    return absl::OkStatus();
  }));
  if (!account.has_value()) return absl::NotFoundError("no such account");
  std::vector<MeasuredPost> posts;
  for (store::MeasuredRow& row : rows) {
    posts.push_back({std::move(row.text), row.published_at, row.reactions});
  }
  const Insights insights = InsightsOf(posts, zone);
  v1::GetInsightsResponse response;
  response.set_posts(static_cast<int32_t>(posts.size()));
  response.set_known(insights.known);
  if (!insights.known) {
    response.set_reason(absl::StrCat("it is not known yet: ", posts.size(),
                                     " posts were measured, and it takes ", kEnoughPosts));
    return response;
  }
  for (const HourRating& rating : insights.hours) {
    v1::HourOfDay& hour = *response.add_hours();
    hour.set_hour(rating.hour);
    hour.set_posts(rating.posts);
    hour.set_lift(rating.lift);
  }
  for (const HashtagRating& rating : insights.hashtags) {
    v1::HashtagRecord& hashtag = *response.add_hashtags();
    hashtag.set_hashtag(rating.hashtag);
    hashtag.set_posts(rating.posts);
    hashtag.set_lift(rating.lift);
  }
  *response.mutable_next_best_at() =
      timestamps::ToProto(NextHour(insights.hours.front().hour, around_.clock(), zone));
  return response;
}

absl::StatusOr<v1::GetMetricsResponse> SocialService::GetMetrics(
    const Call& call, const v1::GetMetricsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const std::vector<store::AccountTotals> totals,
                   around_.database.Read(call, [&](Transaction& tx) {
                     return store::SumMetrics(tx, request.user_id(), request.account_id());
                   }));
  v1::GetMetricsResponse response;
  for (const store::AccountTotals& total : totals) {
    v1::AccountMetrics& account = *response.add_accounts();
    account.set_account_id(total.account_id);
    account.set_platform(static_cast<v1::Platform>(total.platform));
    account.set_publications(total.publications);
    v1::Metrics& metrics = *account.mutable_metrics();
    metrics.set_likes(total.likes);
    metrics.set_reposts(total.reposts);
    metrics.set_replies(total.replies);
    metrics.set_views(total.views);
    if (total.measured_at.has_value()) {
      *metrics.mutable_measured_at() = timestamps::ToProto(*total.measured_at);
    }
  }
  return response;
}

absl::StatusOr<v1::GetPlatformsResponse> SocialService::GetPlatforms(
    const Call&, const v1::GetPlatformsRequest&) {
  v1::GetPlatformsResponse response;
  for (const v1::PlatformLimits& limits : AllLimits()) {
    if (limits.publishes()) response.add_platforms(limits.platform());
  }
  return response;
}

absl::StatusOr<v1::GetPlatformLimitsResponse> SocialService::GetPlatformLimits(
    const Call&, const v1::GetPlatformLimitsRequest& request) {
  if (!v1::Platform_IsValid(request.platform())) {
    return status::InvalidField("platform", "must be a Platform");
  }
  v1::GetPlatformLimitsResponse response;
  for (const v1::PlatformLimits& limits : AllLimits()) {
    if (request.platform() == v1::PLATFORM_UNSPECIFIED || request.platform() == limits.platform()) {
      *response.add_limits() = limits;
    }
  }
  return response;
}

absl::StatusOr<v1::CheckTextsResponse> SocialService::CheckTexts(
    const Call& call, const v1::CheckTextsRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (request.texts_size() < 1 || request.texts_size() > kMaxTexts) {
    bad.Add("texts", absl::StrCat("must be 1 to ", kMaxTexts));
  }
  for (int i = 0; i < request.texts_size(); ++i) {
    const v1::TextToCheck& text = request.texts(i);
    if (text::Characters(text.text()) > kMaxCheckedText) {
      bad.Add(absl::StrCat("texts[", i, "].text"),
              absl::StrCat("must be at most ", kMaxCheckedText, " characters"));
    }
    if (text.thread_size() >= kMaxThread || text.images() < 0) {
      bad.Add(absl::StrCat("texts[", i, "].thread"),
              absl::StrCat("must be at most ", kMaxThread - 1));
    }
    if (text.account_id() == 0 && LimitsOf(text.platform()).max_text() == 0) {
      bad.Add(absl::StrCat("texts[", i, "].platform"), "must be a Platform, or an account named");
    }
  }
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const std::vector<AccountRow> accounts,
                   around_.database.Read(call, [&](Transaction& tx) {
                     return store::ListAccounts(tx, OwnerOf(request));
                   }));
  v1::CheckTextsResponse response;
  for (const v1::TextToCheck& text : request.texts()) {
    v1::TextCheck& result = *response.add_checks();
    result.set_account_id(text.account_id());
    v1::Platform platform = text.platform();
    int max_text = 0;
    if (text.account_id() != 0) {
      const auto account =
          std::find_if(accounts.begin(), accounts.end(),
                       [&](const AccountRow& row) { return row.id == text.account_id(); });
      if (account == accounts.end()) {
        result.add_issues("there is no such account");
        continue;
      }
      platform = static_cast<v1::Platform>(account->platform);
      max_text = static_cast<int>(account->max_text);
    }
    const PostCheck check = CheckPost(
        platform, ToCheck(text.text(), text.images(), {text.thread(), text.first_comment()}),
        max_text);
    result.set_platform(platform);
    result.set_length(check.length);
    result.set_max_length(check.max_length);
    for (const std::string& issue : check.issues) result.add_issues(issue);
    result.set_cost_micro_usd(check.cost_micro_usd);
  }
  return response;
}

}  // namespace selfology::social
