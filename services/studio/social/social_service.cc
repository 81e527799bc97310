#include "services/studio/social/social_service.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/events/outbox.h"
#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/social.pb.h"
#include "services/studio/social/limits.h"
#include "services/studio/social/platforms/api_table.h"
#include "services/studio/social/social_store.h"

namespace selfology::social {
namespace {

using postgres::Transaction;
using store::AccountRow;
using store::PublicationRow;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};
constexpr int kMaxAccounts = 20;   // Of one post.
constexpr int kMaxOfPerson = 100;  // Accounts.
constexpr int kMaxText = 15'000;   // Characters.
constexpr int kMaxCheckedText = 100'000;
constexpr int kMaxTexts = 50;
constexpr absl::Duration kFarthest = absl::Hours(366 * 24);

absl::Status NoAccount() { return absl::NotFoundError("no such account"); }

// It becomes a header or a part of a path.
bool IsSecret(std::string_view secret) {
  return !secret.empty() && secret.size() <= 4096 &&
         std::all_of(secret.begin(), secret.end(), absl::ascii_isprint);
}

void CheckUrl(std::string_view url, status::FieldViolations& bad) {
  const bool good = url.empty() || ((url.starts_with("https://") || url.starts_with("http://")) &&
                                    url.size() <= 2000 &&
                                    std::all_of(url.begin(), url.end(), absl::ascii_isgraph));
  if (!good) bad.Add("url", "must be http or https, at most 2000 characters");
}

template <typename Event>
Event AboutAccount(int64_t user_id, int64_t account_id, v1::Platform platform) {
  Event event;
  event.set_user_id(user_id);
  event.set_account_id(account_id);
  event.set_platform(platform);
  return event;
}

}  // namespace

absl::StatusOr<Login> SocialService::LoginOf(const v1::ConnectAccountRequest& request) const {
  status::FieldViolations bad = status::CheckUser(request);
  const v1::Platform platform = request.platform();
  if (around_.publishers.Of(platform) == nullptr) {
    bad.Add("platform", "must be one that posts can be published to");
  }
  if (!IsSecret(request.secret())) {
    bad.Add("secret", "must be 1 to 4096 printable ASCII characters");
  }
  const bool has_login = platform == v1::PLATFORM_BLUESKY || platform == v1::PLATFORM_WORDPRESS;
  const bool good_login = has_login ? !request.login().empty() && request.login().size() <= 255 &&
                                          request.login().find(':') == std::string::npos
                                    : request.login().empty();
  if (!good_login) {
    bad.Add("login", has_login ? "must be 1 to 255 characters without \":\"" : "must be empty");
  }
  CheckTarget(platform, request.target(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  Login login = {.platform = platform,
                 .server = request.server(),
                 .login = request.login(),
                 .secret = request.secret(),
                 .target = request.target()};
  if (login.server.empty() && platform == v1::PLATFORM_TELEGRAM)
    login.server = around_.addresses.telegram;
  if (login.server.empty() && platform == v1::PLATFORM_BLUESKY) {
    login.server = around_.addresses.bluesky;
  }
  for (const ApiTable& table : ApiTables()) {
    if (login.server.empty() && platform == table.platform) login.server = table.server;
  }
  ASSIGN_OR_RETURN(login.server, ReadServer(login.server));
  return login;
}

absl::StatusOr<v1::ConnectAccountResponse> SocialService::ConnectAccount(
    const Call& call, const v1::ConnectAccountRequest& request) {
  ASSIGN_OR_RETURN(const Login login, LoginOf(request));
  // Asked before anything is kept; asking twice does no harm.
  ASSIGN_OR_RETURN(const Identity identity,
                   around_.publishers.Of(login.platform)->Identify(call, login));
  AccountRow row = {.user_id = request.user_id(),
                    .platform = login.platform,
                    .server = login.server,
                    .login = login.login,
                    .target = login.target,
                    .remote_id = identity.remote_id,
                    .name = identity.name.empty() ? login.target : identity.name,
                    .max_text = identity.max_text,
                    .connected_at = around_.clock()};
  ASSIGN_OR_RETURN(row.sealed.value, around_.accounts.Seal(call, request.user_id(), login.secret));
  return around_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::ConnectAccountResponse> {
        ASSIGN_OR_RETURN(const std::vector<AccountRow> all,
                         store::ListAccounts(tx, request.user_id()));
        if (static_cast<int>(all.size()) >= kMaxOfPerson) {
          return absl::ResourceExhaustedError(
              absl::StrCat("a person has at most ", kMaxOfPerson, " accounts"));
        }
        ASSIGN_OR_RETURN(const int64_t id, store::SaveAccount(tx, row));
        store::WakeAccount(tx, id, around_.clock());
        ASSIGN_OR_RETURN(const std::optional<AccountRow> saved,
                         store::FindAccount(tx, request.user_id(), id));
        RETURN_IF_ERROR(events::Publish(tx, AboutAccount<events::v1::SocialAccountConnected>(
                                                request.user_id(), id, login.platform)));
        v1::ConnectAccountResponse response;
        *response.mutable_account() = store::ToProto(*saved);
        return response;
      });
}

absl::StatusOr<v1::GetAccountsResponse> SocialService::GetAccounts(
    const Call& call, const v1::GetAccountsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const std::vector<AccountRow> rows,
                   around_.database.Read(call, [&](Transaction& tx) {
                     return store::ListAccounts(tx, request.user_id());
                   }));
  v1::GetAccountsResponse response;
  for (const AccountRow& row : rows) *response.add_accounts() = store::ToProto(row);
  return response;
}

absl::StatusOr<v1::DisconnectAccountResponse> SocialService::DisconnectAccount(
    const Call& call, const v1::DisconnectAccountRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  return around_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::DisconnectAccountResponse> {
        v1::DisconnectAccountResponse response;
        ASSIGN_OR_RETURN(const std::optional<AccountRow> account,
                         store::FindAccount(tx, request.user_id(), request.account_id()));
        if (!account.has_value()) return response;
        ASSIGN_OR_RETURN(const bool deleted,
                         store::DeleteAccount(tx, request.user_id(), request.account_id()));
        if (!deleted) return response;
        response.set_disconnected(true);
        ASSIGN_OR_RETURN(std::vector<PublicationRow> waiting,
                         store::LockWaiting(tx, request.account_id()));
        for (PublicationRow& row : waiting) {
          row.state = store::kRefused;
          row.reason = "the account was disconnected";
          store::SavePublication(tx, row, std::nullopt, std::nullopt);
          RETURN_IF_ERROR(TellRefused(tx, row));
        }
        RETURN_IF_ERROR(events::Publish(tx, AboutAccount<events::v1::SocialAccountDisconnected>(
                                                request.user_id(), request.account_id(),
                                                static_cast<v1::Platform>(account->platform))));
        return response;
      });
}

absl::StatusOr<v1::PublishResponse> SocialService::Publish(const Call& call,
                                                           const v1::PublishRequest& request) {
  const absl::Time now = around_.clock();
  status::FieldViolations bad = status::CheckUser(request);
  const std::set<int64_t> different(request.account_ids().begin(), request.account_ids().end());
  if (request.account_ids_size() < 1 || request.account_ids_size() > kMaxAccounts ||
      static_cast<int>(different.size()) != request.account_ids_size()) {
    bad.Add("account_ids", absl::StrCat("must be 1 to ", kMaxAccounts, " different ones"));
  }
  if (text::Trim(request.text()).empty() || text::Characters(request.text()) > kMaxText) {
    bad.Add("text", absl::StrCat("must be 1 to ", kMaxText, " characters"));
  }
  const absl::Time at =
      request.has_publish_at() ? std::max(timestamps::FromProto(request.publish_at()), now) : now;
  if (at > now + kFarthest) bad.Add("publish_at", "must be at most a year ahead");
  idempotency::CheckKey(request.idempotency_key(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return around_.database.Write(call, [&](Transaction& tx) {
    return idempotency::Once<v1::PublishResponse>(
        tx,
        {.table = store::kRequests,
         .user_id = request.user_id(),
         .rpc = "Publish",
         .key = request.idempotency_key(),
         .now = now},
        [&]() -> absl::StatusOr<v1::PublishResponse> {
          v1::PublishResponse response;
          for (const int64_t account_id : request.account_ids()) {
            ASSIGN_OR_RETURN(const std::optional<AccountRow> account,
                             store::FindAccount(tx, request.user_id(), account_id));
            if (!account.has_value()) return NoAccount();
            const TextCheck check = CheckText(static_cast<v1::Platform>(account->platform),
                                              request.text(), static_cast<int>(account->max_text));
            if (!check.issues.empty()) {
              return absl::FailedPreconditionError(absl::StrJoin(check.issues, "; "));
            }
            const PublicationRow row = {.user_id = request.user_id(),
                                        .account_id = account_id,
                                        .platform = account->platform,
                                        .text = request.text(),
                                        .state = std::string(store::kPending),
                                        .created_at = now,
                                        .publish_at = at};
            ASSIGN_OR_RETURN(
                const std::optional<PublicationRow> added,
                store::AddPublication(tx, row, absl::StrCat("own:", request.idempotency_key())));
            if (!added.has_value()) {
              return absl::FailedPreconditionError("the key was used before for this account");
            }
            *response.add_publications() = store::ToProto(*added);
          }
          return response;
        });
  });
}

absl::StatusOr<v1::GetPublicationResponse> SocialService::GetPublication(
    const Call& call, const v1::GetPublicationRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  return around_.database.Read(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::GetPublicationResponse> {
        ASSIGN_OR_RETURN(const std::optional<PublicationRow> row,
                         store::FindPublication(tx, request.user_id(), request.publication_id(),
                                                /*lock=*/false));
        if (!row.has_value()) return absl::NotFoundError("no such publication");
        ASSIGN_OR_RETURN(const std::vector<store::AttemptRow> attempts,
                         store::ListAttempts(tx, row->id));
        v1::GetPublicationResponse response;
        *response.mutable_publication() = store::ToProto(*row);
        for (const store::AttemptRow& attempt : attempts) {
          *response.add_attempts() = store::ToProto(attempt);
        }
        return response;
      });
}

absl::StatusOr<v1::ListPublicationsResponse> SocialService::ListPublications(
    const Call& call, const v1::ListPublicationsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<PublicationRow> rows,
                   around_.database.Read(call, [&](Transaction& tx) {
                     return store::ListPublications(tx, request.user_id(), request.post_id(),
                                                    before, page.limit());
                   }));
  v1::ListPublicationsResponse response;
  response.set_next_page_token(page.Cut(rows, &PublicationRow::id));
  for (const PublicationRow& row : rows) *response.add_publications() = store::ToProto(row);
  return response;
}

absl::StatusOr<v1::SettlePublicationResponse> SocialService::SettlePublication(
    const Call& call, const v1::SettlePublicationRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  CheckUrl(request.url(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const PublicationRow row,
                   around_.publishing.Settle(call, request.user_id(), request.publication_id(),
                                             request.published(), request.url()));
  v1::SettlePublicationResponse response;
  *response.mutable_publication() = store::ToProto(row);
  return response;
}

absl::StatusOr<v1::RemovePublicationResponse> SocialService::RemovePublication(
    const Call& call, const v1::RemovePublicationRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const PublicationRow row,
                   around_.publishing.Remove(call, request.user_id(), request.publication_id()));
  v1::RemovePublicationResponse response;
  *response.mutable_publication() = store::ToProto(row);
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
    if (text.account_id() == 0 && LimitsOf(text.platform()).max_text() == 0) {
      bad.Add(absl::StrCat("texts[", i, "].platform"), "must be a Platform, or an account named");
    }
  }
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const std::vector<AccountRow> accounts,
                   around_.database.Read(call, [&](Transaction& tx) {
                     return store::ListAccounts(tx, request.user_id());
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
    const TextCheck check = CheckText(platform, text.text(), max_text);
    result.set_platform(platform);
    result.set_length(check.length);
    result.set_max_length(check.max_length);
    for (const std::string& issue : check.issues) result.add_issues(issue);
  }
  return response;
}

}  // namespace selfology::social
