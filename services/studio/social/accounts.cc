#include "services/studio/social/accounts.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/crypto/reseal.h"
#include "common/status/status_macros.h"

namespace selfology::social {
namespace {

// What is sealed for one person opens for nobody else.
std::string PurposeOf(int64_t user_id) { return absl::StrCat("social token of ", user_id); }
std::string RenewalPurpose(int64_t user_id) { return absl::StrCat("social renewal of ", user_id); }

bool IsChannel(std::string_view target) {
  if (target.starts_with('@')) {
    target.remove_prefix(1);
    return target.size() >= 4 && target.size() <= 32 &&
           std::all_of(target.begin(), target.end(),
                       [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
  }
  if (target.starts_with('-')) target.remove_prefix(1);
  return !target.empty() && target.size() <= 20 &&
         std::all_of(target.begin(), target.end(), absl::ascii_isdigit);
}

bool IsCompany(std::string_view target) {
  constexpr std::string_view kPrefix = "urn:li:organization:";
  if (!target.starts_with(kPrefix)) return false;
  target.remove_prefix(kPrefix.size());
  return !target.empty() && target.size() <= 20 &&
         std::all_of(target.begin(), target.end(), absl::ascii_isdigit);
}

}  // namespace

Accounts::Accounts(postgres::Database& database, crypto::SealKeys seal_keys)
    : database_(database), seal_key_(database, "social_seal_key", std::move(seal_keys)) {}

absl::StatusOr<std::string> Accounts::Seal(const Call& call, int64_t user_id,
                                           std::string_view secret) {
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, seal_key_.Get(call));
  return sealer.Seal(PurposeOf(user_id), secret);
}

absl::StatusOr<Login> Accounts::Open(const Call& call, const store::AccountRow& row) {
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, seal_key_.Get(call));
  Login login = {.platform = static_cast<v1::Platform>(row.platform),
                 .server = row.server,
                 .login = row.login,
                 .target = row.target,
                 .remote_id = row.remote_id};
  ASSIGN_OR_RETURN(login.secret, sealer.Open(PurposeOf(row.user_id), row.sealed.value));
  return login;
}

// A line each: none of the three has a line break.
absl::StatusOr<postgres::Bytes> Accounts::SealRenewal(const Call& call, int64_t user_id,
                                                      const Renewal& renewal) {
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, seal_key_.Get(call));
  return postgres::Bytes{sealer.Seal(
      RenewalPurpose(user_id),
      absl::StrCat(renewal.refresh_token, "\n", renewal.client_id, "\n", renewal.client_secret))};
}

absl::StatusOr<Renewal> Accounts::OpenRenewal(const Call& call, const store::AccountRow& row) {
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, seal_key_.Get(call));
  ASSIGN_OR_RETURN(const std::string text,
                   sealer.Open(RenewalPurpose(row.user_id), row.refresh->value));
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  if (lines.size() != 3) return absl::DataLossError("a renewal that is none");
  return Renewal{.refresh_token = lines[0], .client_id = lines[1], .client_secret = lines[2]};
}

absl::Status Accounts::Reseal(const Call& call) {
  constexpr crypto::SealedColumn kSealed[] = {
      {.table = "social_accounts", .column = "sealed", .purpose = "'social token of ' || user_id"},
      {.table = "social_accounts",
       .column = "refresh",
       .purpose = "'social renewal of ' || user_id"}};
  return crypto::Reseal(call, database_, seal_key_, kSealed).status();
}

absl::StatusOr<std::string> ReadServer(std::string_view text) {
  while (text.ends_with('/')) text.remove_suffix(1);
  const size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  const std::string_view rest = text.substr(scheme);
  const bool good = scheme > 0 && !rest.empty() && text.size() <= 255 &&
                    std::all_of(rest.begin(), rest.end(), [](char c) {
                      return absl::ascii_isalnum(c) || absl::StrContains("-.:[]/_~", c);
                    });
  if (!good) return status::InvalidField("server", "must be https://host, perhaps with a path");
  return std::string(text);
}

void CheckTarget(v1::Platform platform, std::string_view target, status::FieldViolations& bad) {
  if (platform == v1::PLATFORM_TELEGRAM) {
    if (!IsChannel(target)) bad.Add("target", "must be a channel, \"@name\" or its number");
  } else if (platform == v1::PLATFORM_LINKEDIN) {
    if (!target.empty() && !IsCompany(target)) {
      bad.Add("target", "must be empty or a company, \"urn:li:organization:\" and its number");
    }
  } else if (!target.empty()) {
    bad.Add("target", "must be empty");
  }
}

}  // namespace selfology::social
