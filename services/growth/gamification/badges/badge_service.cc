#include "services/growth/gamification/badges/badge_service.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/reseal.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "openssl/rand.h"
#include "services/growth/gamification/badges/award_store.h"
#include "services/growth/gamification/ledger/requests.h"
#include "services/growth/gamification/rules/rule_store.h"

namespace selfology::gamification {
namespace {

using postgres::Transaction;

constexpr paging::Limits kBadgesPage = {.default_size = 50, .max_size = 200};
constexpr paging::Limits kAwardsPage = {.default_size = 50, .max_size = 200};
constexpr paging::Limits kRevokedPage = {.default_size = 500, .max_size = 1000};

// The word in the language, or in that without its region ("ru" for "ru-RU"), or the English one.
std::string In(const google::protobuf::Map<std::string, std::string>& words,
               const std::string& language, const std::string& english) {
  for (const std::string& tag : {language, language.substr(0, language.find('-'))}) {
    const auto found = words.find(tag);
    if (found != words.end()) return found->second;
  }
  return english;
}

constexpr std::string_view kSeedPurpose = "issuer key";

}  // namespace

BadgeService::BadgeService(postgres::Database& database, Options options)
    : database_(database),
      options_(std::move(options)),
      seal_key_(database, "gamification_seal_key", options_.seal_keys) {}

absl::StatusOr<v1::ListBadgesResponse> BadgeService::ListBadges(
    const Call& call, const v1::ListBadgesRequest& request) {
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kBadgesPage));
  std::vector<v1::Badge> badges;
  RETURN_IF_ERROR(database_.Read(call, [&](Transaction& tx) -> absl::Status {
    badges.clear();
    ASSIGN_OR_RETURN(const std::vector<v1::Rule> rules, store::ReadLive(tx));
    ASSIGN_OR_RETURN(const auto holders, store::CountHolders(tx));
    for (const v1::Rule& rule : rules) {
      if (!rule.definition().has_badge()) continue;
      const v1::BadgeGrant& grant = rule.definition().badge();
      if (grant.badge_id() <= page.after) continue;
      v1::Badge& badge = badges.emplace_back();
      badge.set_badge_id(grant.badge_id());
      badge.set_called(In(grant.titles(), request.language(), grant.title()));
      badge.set_criteria(In(grant.descriptions(), request.language(), grant.description()));
      badge.set_coins(grant.coins());
      badge.set_rule_id(rule.definition().rule_id());
      const auto count = holders.find(grant.badge_id());
      if (count != holders.end()) badge.set_holders(count->second);
    }
    return absl::OkStatus();
  }));
  std::sort(badges.begin(), badges.end(),
            [](const v1::Badge& a, const v1::Badge& b) { return a.badge_id() < b.badge_id(); });
  v1::ListBadgesResponse response;
  response.set_next_page_token(page.Cut(badges, &v1::Badge::badge_id));
  for (v1::Badge& badge : badges) *response.add_badges() = std::move(badge);
  return response;
}

absl::StatusOr<v1::ListAwardsResponse> BadgeService::ListAwards(
    const Call& call, const v1::ListAwardsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kAwardsPage));
  ASSIGN_OR_RETURN(const std::optional<uuid::Uuid> after, ReadPlace(page.after));
  ASSIGN_OR_RETURN(std::vector<store::AwardRow> rows, database_.Read(call, [&](Transaction& tx) {
    return store::ListAwards(tx, request.user_id(), request.with_revoked(), after, page.limit());
  }));
  v1::ListAwardsResponse response;
  response.set_next_page_token(
      page.Cut(rows, [](const store::AwardRow& row) { return row.award_id.ToString(); }));
  for (const store::AwardRow& row : rows) *response.add_awards() = store::ToProto(row);
  return response;
}

absl::StatusOr<v1::ExportAwardResponse> BadgeService::ExportAward(
    const Call& call, const v1::ExportAwardRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  const auto id = ReadId(request.award_id(), "award_id", bad);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const std::shared_ptr<const CredentialSigner> signer, Signer(call));
  ASSIGN_OR_RETURN(
      const Credential credential,
      database_.Read(call,
                     [&](Transaction& tx) -> absl::StatusOr<Credential> {
                       ASSIGN_OR_RETURN(const std::optional<store::AwardRow> award,
                                        store::ReadAward(tx, request.user_id(), *id));
                       if (!award.has_value() || award->revoked_at.has_value()) {
                         return absl::NotFoundError("there is no such award");
                       }
                       ASSIGN_OR_RETURN(const std::optional<v1::Rule> rule,
                                        store::ReadRule(tx, award->rule_id, award->rule_version));
                       if (!rule.has_value()) return absl::InternalError("the rule is gone");
                       const v1::BadgeGrant& badge = rule->definition().badge();
                       // The award's id is random enough for a salt, and the same each time.
                       const std::string salt = award->award_id.ToString();
                       return Credential{
                           .issuer_id = options_.issuer_id,
                           .award_id = award->award_id.ToString(),
                           .badge_id = award->badge_id,
                           .title = badge.title(),
                           .criteria = badge.description(),
                           .subject_hash = IdentityHash(absl::StrCat(request.user_id()), salt),
                           .salt = salt,
                           .awarded_at = award->awarded_at};
                     },
                     {.newest = true}));
  v1::ExportAwardResponse response;
  ASSIGN_OR_RETURN(*response.mutable_credential_jwt(),
                   signer->Sign(DescribeCredential(credential)));
  return response;
}

absl::StatusOr<v1::GetIssuerResponse> BadgeService::GetIssuer(const Call& call,
                                                              const v1::GetIssuerRequest&) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const CredentialSigner> signer, Signer(call));
  v1::GetIssuerResponse response;
  response.set_issuer_id(options_.issuer_id);
  response.set_public_jwk(signer->public_jwk());
  return response;
}

absl::StatusOr<v1::ListRevokedCredentialsResponse> BadgeService::ListRevokedCredentials(
    const Call& call, const v1::ListRevokedCredentialsRequest& request) {
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kRevokedPage));
  ASSIGN_OR_RETURN(const int64_t skip, page.AfterId(0));
  ASSIGN_OR_RETURN(std::vector<std::string> ids, database_.Read(call, [&](Transaction& tx) {
    return store::ListRevoked(tx, skip, page.limit());
  }));
  v1::ListRevokedCredentialsResponse response;
  response.set_next_page_token(page.Cut(ids, [&](const std::string&) { return skip + page.size; }));
  for (std::string& id : ids) response.add_credential_ids(std::move(id));
  return response;
}

absl::Status BadgeService::Reseal(const Call& call) {
  constexpr crypto::SealedColumn kSealed[] = {{.table = "gamification_issuer_key",
                                               .column = "seed",
                                               .purpose = "'issuer key'",
                                               .plain_bytes = CredentialSigner::kSeedBytes}};
  return crypto::Reseal(call, database_, seal_key_, kSealed).status();
}

absl::StatusOr<std::shared_ptr<const CredentialSigner>> BadgeService::Signer(const Call& call) {
  {
    absl::MutexLock lock(&mutex_);
    if (signer_ != nullptr) return signer_;
  }
  std::string seed = options_.seed;
  if (seed.empty()) {
    std::string fresh(CredentialSigner::kSeedBytes, '\0');
    if (RAND_bytes(reinterpret_cast<uint8_t*>(fresh.data()), static_cast<int>(fresh.size())) != 1) {
      return absl::InternalError("no random bytes");
    }
    ASSIGN_OR_RETURN(const crypto::Sealer sealer, seal_key_.Get(call));
    ASSIGN_OR_RETURN(seed, database_.Write(call, [&](Transaction& tx) {
      return store::KeepIssuerSeed(tx, sealer.Seal(kSeedPurpose, fresh));
    }));
    // One of before it was sealed.
    if (seed.size() != CredentialSigner::kSeedBytes) {
      ASSIGN_OR_RETURN(seed, sealer.Open(kSeedPurpose, seed));
    }
  }
  ASSIGN_OR_RETURN(CredentialSigner signer, CredentialSigner::Of(seed));
  absl::MutexLock lock(&mutex_);
  if (signer_ == nullptr) signer_ = std::make_shared<const CredentialSigner>(std::move(signer));
  return signer_;
}

}  // namespace selfology::gamification
