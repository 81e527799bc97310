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
#include "services/studio/social/account_changes.h"
#include "services/studio/social/limits.h"
#include "services/studio/social/platforms/api_table.h"
#include "services/studio/social/post_check.h"
#include "services/studio/social/publication_changes.h"
#include "services/studio/social/social_store.h"
#include "services/studio/social/threads.h"

namespace selfology::social {
namespace {

using identity::OwnerOf;
using postgres::Transaction;
using store::AccountRow;
using store::PublicationRow;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};
constexpr int kMaxAccounts = 20;   // Of one post.
constexpr int kMaxOfPerson = 100;  // Accounts.
constexpr int kMaxText = 15'000;   // Characters.
constexpr int kMaxAlt = 1000;
constexpr absl::Duration kFarthest = absl::Hours(366 * 24);
constexpr int64_t kLongestToken = 10L * 366 * 24 * 3600;  // Seconds.
// Of tokens that are renewed, where nobody says: X's.
constexpr int64_t kUsualToken = 2L * 3600;

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

void CheckFollowing(const v1::PublishRequest& request, status::FieldViolations& bad) {
  int characters = text::Characters(request.text()) + text::Characters(request.first_comment());
  for (const std::string& part : request.thread()) characters += text::Characters(part);
  for (const v1::Media& media : request.media()) characters += text::Characters(media.alt());
  if (request.thread_size() >= kMaxThread || characters > kMaxText) {
    bad.Add("thread",
            absl::StrCat("must be at most ", kMaxThread - 1, ", with all other words at most ",
                         kMaxText, " characters together"));
  }
  const bool good_media =
      request.media_size() <= kMaxImages &&
      std::all_of(request.media().begin(), request.media().end(), [](const v1::Media& media) {
        return media.file_id().size() == 36 && text::Characters(media.alt()) <= kMaxAlt;
      });
  if (!good_media) {
    bad.Add("media", absl::StrCat("must be at most ", kMaxImages, ", each a file's id and at most ",
                                  kMaxAlt, " characters"));
  }
}

void CheckRenewal(const v1::ConnectAccountRequest& request, const Publisher* publisher,
                  status::FieldViolations& bad) {
  const bool renews = publisher != nullptr && publisher->Renews();
  if (!request.refresh_token().empty() && (!renews || !IsSecret(request.refresh_token()))) {
    bad.Add("refresh_token", renews ? "must be at most 4096 printable ASCII characters"
                                    : "must be empty: the platform renews no tokens");
  }
  const bool wants_client = renews && !request.refresh_token().empty();
  if (wants_client ? !IsSecret(request.client_id()) || request.client_id().size() > 255 ||
                         request.client_id().find(':') != std::string::npos
                   : !request.client_id().empty()) {
    bad.Add("client_id", wants_client ? "must be 1 to 255 characters without \":\""
                                      : "must be empty without a refresh token");
  }
  if (!request.client_secret().empty() && (!wants_client || !IsSecret(request.client_secret()))) {
    bad.Add("client_secret", "must be printable ASCII characters, and stand with a refresh token");
  }
  if (request.expires_in_seconds() < 0 || request.expires_in_seconds() > kLongestToken) {
    bad.Add("expires_in_seconds", absl::StrCat("must be 0 to ", kLongestToken));
  }
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
  CheckRenewal(request, around_.publishers.Of(platform), bad);
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
                    .connected_at = around_.clock(),
                    .team_id = request.team_id()};
  ASSIGN_OR_RETURN(row.sealed.value, around_.accounts.Seal(call, request.user_id(), login.secret));
  int64_t expires_in = request.expires_in_seconds();
  if (!request.refresh_token().empty()) {
    ASSIGN_OR_RETURN(row.refresh,
                     around_.accounts.SealRenewal(call, request.user_id(),
                                                  {.refresh_token = request.refresh_token(),
                                                   .client_id = request.client_id(),
                                                   .client_secret = request.client_secret()}));
    if (expires_in == 0) expires_in = kUsualToken;
  }
  if (expires_in > 0) row.expires_at = row.connected_at + absl::Seconds(expires_in);
  return around_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::ConnectAccountResponse> {
        ASSIGN_OR_RETURN(const std::vector<AccountRow> all,
                         store::ListAccounts(tx, OwnerOf(request)));
        if (static_cast<int>(all.size()) >= kMaxOfPerson) {
          return absl::ResourceExhaustedError(
              absl::StrCat("a person has at most ", kMaxOfPerson, " accounts"));
        }
        ASSIGN_OR_RETURN(const int64_t id, store::SaveAccount(tx, row));
        store::WakeAccount(tx, id, around_.clock());
        ASSIGN_OR_RETURN(const std::optional<AccountRow> saved,
                         store::FindAccount(tx, OwnerOf(request), id));
        RETURN_IF_ERROR(NoteFact(tx, request.user_id(), "social.account.connected", "ok"));
        RETURN_IF_ERROR(
            events::Publish(tx, AboutAccount<events::v1::SocialAccountConnected>(*saved)));
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
                     return store::ListAccounts(tx, OwnerOf(request));
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
                         store::FindAccount(tx, OwnerOf(request), request.account_id()));
        if (!account.has_value()) return response;
        ASSIGN_OR_RETURN(const bool forgotten, ForgetAccount(tx, *account));
        if (forgotten) {
          RETURN_IF_ERROR(NoteFact(tx, request.user_id(), "social.account.disconnected", "ok"));
        }
        response.set_disconnected(forgotten);
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
  CheckFollowing(request, bad);
  idempotency::CheckKey(request.idempotency_key(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const Following following = {request.thread(), request.first_comment()};
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
                             store::FindAccount(tx, OwnerOf(request), account_id));
            if (!account.has_value()) return NoAccount();
            const PostCheck check =
                CheckPost(static_cast<v1::Platform>(account->platform),
                          ToCheck(request.text(), request.media_size(), following),
                          static_cast<int>(account->max_text));
            if (!check.issues.empty()) {
              return absl::FailedPreconditionError(absl::StrJoin(check.issues, "; "));
            }
            const PublicationRow row = {.user_id = request.user_id(),
                                        .account_id = account_id,
                                        .platform = account->platform,
                                        .text = request.text(),
                                        .state = std::string(store::kPending),
                                        .created_at = now,
                                        .publish_at = at,
                                        .media = store::PackMedia(request.media())};
            ASSIGN_OR_RETURN(
                const std::optional<PublicationRow> added,
                AddThread(tx, row, absl::StrCat("own:", request.idempotency_key()), following));
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
                         store::FindPublication(tx, OwnerOf(request), request.publication_id(),
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
                     return store::ListPublications(tx, OwnerOf(request), request.post_id(), before,
                                                    page.limit());
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
                   around_.publishing.Settle(call, OwnerOf(request), request.publication_id(),
                                             request.published(), request.url()));
  v1::SettlePublicationResponse response;
  *response.mutable_publication() = store::ToProto(row);
  return response;
}

absl::StatusOr<v1::RemovePublicationResponse> SocialService::RemovePublication(
    const Call& call, const v1::RemovePublicationRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const PublicationRow row,
                   around_.publishing.Remove(call, OwnerOf(request), request.publication_id()));
  v1::RemovePublicationResponse response;
  *response.mutable_publication() = store::ToProto(row);
  return response;
}

absl::StatusOr<v1::EditPublicationResponse> SocialService::EditPublication(
    const Call& call, const v1::EditPublicationRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (text::Trim(request.text()).empty() || text::Characters(request.text()) > kMaxText) {
    bad.Add("text", absl::StrCat("must be 1 to ", kMaxText, " characters"));
  }
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(
      const PublicationRow row,
      around_.publishing.Edit(call, OwnerOf(request), request.publication_id(), request.text()));
  v1::EditPublicationResponse response;
  *response.mutable_publication() = store::ToProto(row);
  return response;
}

}  // namespace selfology::social
