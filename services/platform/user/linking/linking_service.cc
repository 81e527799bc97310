#include "services/platform/user/linking/linking_service.h"

#include <optional>
#include <string>
#include <utility>

#include "common/events/outbox.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/user.pb.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/user/accounts/account_service.h"
#include "services/platform/user/accounts/account_store.h"
#include "services/platform/user/accounts/profile_rules.h"
#include "services/platform/user/accounts/second_factor.h"
#include "services/platform/user/jobs/export_document.h"
#include "services/platform/user/jobs/job_store.h"
#include "services/platform/user/linking/link_rules.h"
#include "services/platform/user/secrets.h"

namespace selfology::user {
namespace {

using postgres::Transaction;
using status::FieldViolations;
using store::Account;
using store::LinkChoice;

constexpr absl::Duration kCodeLasts = absl::Minutes(10);
// 59 bits, for ten minutes, and not to be tried over REST without a token.
constexpr int kCodeLetters = 12;

absl::Status AlreadyLinked() {
  return status::Error(mesh::v1::ERROR_CODE_ACCOUNT_ALREADY_LINKED, "it is linked already");
}

void LockBoth(Transaction& tx, const LinkChoice& pair) {
  store::LockUser(tx, pair.telegram_id);  // The lower one: in one order, always.
  store::LockUser(tx, pair.web_id);
}

// Neither is linked to a third.
absl::Status CheckUnlinked(Transaction& tx, const LinkChoice& pair) {
  ASSIGN_OR_RETURN(const Account web, ReadLiveAccount(tx, pair.web_id));
  if (web.user.telegram_id() != 0) return AlreadyLinked();
  ASSIGN_OR_RETURN(const auto linked, store::AccountOfTelegram(tx, pair.telegram_id));
  if (linked.has_value() && *linked != pair.telegram_id) return AlreadyLinked();
  return absl::OkStatus();
}

}  // namespace

LinkingService::LinkingService(postgres::Database& database, Clock clock, ExportUser export_user)
    : database_(database), clock_(std::move(clock)), export_user_(std::move(export_user)) {}

absl::Time LinkingService::Now() const { return timestamps::WholeMicroseconds(clock_()); }

absl::StatusOr<bool> LinkingService::HasData(const Call& call, int64_t user_id) const {
  bool found = false;
  const absl::Status exported =
      export_user_(call, user_id, [&](const mesh::v1::ExportUserResponse& page) {
        found = page.service() != "user" && page.service() != "security" && HoldsData(page);
        return !found;
      });
  if (found) return true;
  RETURN_IF_ERROR(exported);
  return false;
}

absl::StatusOr<v1::BeginLinkResponse> LinkingService::BeginLink(
    const Call& call, const v1::BeginLinkRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  if (request.user_id() < kFirstWebId) return AlreadyLinked();
  const absl::Time now = Now();
  const std::string code = NewShortCode(kCodeLetters);
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::BeginLinkResponse> {
    store::LockUser(tx, request.user_id());
    ASSIGN_OR_RETURN(const Account account, ReadLiveAccount(tx, request.user_id()));
    if (account.user.telegram_id() != 0) return AlreadyLinked();
    store::SaveCode(tx, {.hash = HashOfCode(code),
                         .user_id = request.user_id(),
                         .purpose = store::Purpose::kLinkTelegram,
                         .created_at = now,
                         .expires_at = now + kCodeLasts});
    v1::BeginLinkResponse response;
    response.set_code(code);
    *response.mutable_expires_at() = timestamps::ToProto(now + kCodeLasts);
    return response;
  });
}

absl::StatusOr<v1::Job> LinkingService::Apply(Transaction& tx, const LinkChoice& pair,
                                              bool keep_telegram, bool exports) {
  const int64_t kept_id = keep_telegram ? pair.telegram_id : pair.web_id;
  const int64_t other_id = keep_telegram ? pair.web_id : pair.telegram_id;
  const absl::Time now = Now();
  ASSIGN_OR_RETURN(std::optional<Account> kept, store::ReadAccount(tx, kept_id));
  ASSIGN_OR_RETURN(const std::optional<Account> other, store::ReadAccount(tx, other_id));
  const bool is_new = !kept.has_value();
  if (is_new) {
    kept.emplace();
    kept->user.set_user_id(kept_id);
    *kept->user.mutable_created_at() = timestamps::ToProto(now);
  }
  if (other.has_value()) {
    const Credentials merged =
        Merged({kept->user, kept->password_hash}, {other->user, other->password_hash});
    kept->user = merged.user;
    kept->password_hash = merged.password_hash;
    store::FreeAccount(tx, other_id);
  }
  kept->user.set_telegram_id(pair.telegram_id);
  if (is_new) {
    ASSIGN_OR_RETURN(const bool inserted, store::InsertAccount(tx, *kept));
    if (!inserted) return absl::AbortedError("the account was made meanwhile");
  } else {
    store::SaveAccount(tx, *kept, now);
  }
  if (other.has_value()) store::MoveLogins(tx, other_id, kept_id);
  store::DeleteChoice(tx, pair);
  events::v1::UserAccountsLinked event;
  event.set_user_id(kept_id);
  event.set_telegram_id(pair.telegram_id);
  event.set_former_user_id(other_id);
  RETURN_IF_ERROR(events::Publish(tx, event));
  return store::AddJob(tx, {.job_id = NewJobId(),
                            .kind = v1::JOB_KIND_LINK,
                            .user_id = kept_id,
                            .subject_id = other_id,
                            .exports = exports,
                            .created_at = now});
}

absl::StatusOr<v1::ConfirmLinkResponse> LinkingService::ConfirmLink(
    const Call& call, const v1::ConfirmLinkRequest& request) {
  const std::string hash = HashOfCode(TypedCode(request.code()));
  FieldViolations bad;
  bad.CheckUserId(request.telegram_id(), "telegram_id");
  if (request.telegram_id() >= kFirstWebId) bad.Add("telegram_id", "must be an id of Telegram");
  if (request.code().empty()) bad.Add("code", "must not be empty");
  RETURN_IF_ERROR(bad.ToStatus());

  ASSIGN_OR_RETURN(
      const std::optional<int64_t> web_id,
      database_.Read(call, [&](Transaction& tx) { return store::OwnerOfLinkCode(tx, hash, Now()); },
                     {.newest = true}));
  if (!web_id.has_value()) return InvalidCode();
  const LinkChoice pair = {*web_id, request.telegram_id()};
  // Asks the whole mesh: outside of the transaction.
  ASSIGN_OR_RETURN(const bool web_has_data, HasData(call, pair.web_id));
  ASSIGN_OR_RETURN(const bool telegram_has_data, HasData(call, pair.telegram_id));
  const LinkDecision decision = DecideLink(web_has_data, telegram_has_data);

  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::ConfirmLinkResponse> {
    LockBoth(tx, pair);
    ASSIGN_OR_RETURN(const auto code,
                     store::TakeCode(tx, hash, store::Purpose::kLinkTelegram, Now()));
    if (!code.has_value()) return InvalidCode();
    RETURN_IF_ERROR(CheckUnlinked(tx, pair));
    v1::ConfirmLinkResponse response;
    if (decision == LinkDecision::kAsk) {
      store::SaveChoice(tx, pair, Now());
      response.set_outcome(v1::LINK_OUTCOME_CHOICE_REQUIRED);
      return response;
    }
    const bool keep_telegram = decision == LinkDecision::kKeepTelegram;
    ASSIGN_OR_RETURN(*response.mutable_job(), Apply(tx, pair, keep_telegram, /*exports=*/false));
    response.set_outcome(v1::LINK_OUTCOME_LINKED);
    response.set_kept_user_id(keep_telegram ? pair.telegram_id : pair.web_id);
    return response;
  });
}

absl::StatusOr<v1::ChooseLinkedIdResponse> LinkingService::ChooseLinkedId(
    const Call& call, const v1::ChooseLinkedIdRequest& request) {
  FieldViolations bad = status::CheckUser(request);
  const bool keep_telegram = request.keep() == v1::KEPT_ACCOUNT_TELEGRAM;
  if (!keep_telegram && request.keep() != v1::KEPT_ACCOUNT_WEB) {
    bad.Add("keep", "must be WEB or TELEGRAM");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::ChooseLinkedIdResponse> {
    ASSIGN_OR_RETURN(const std::optional<LinkChoice> seen,
                     store::ReadChoice(tx, request.user_id()));
    if (!seen.has_value()) return InvalidCode();
    LockBoth(tx, *seen);
    // Of two choices at the same time only one finds it.
    ASSIGN_OR_RETURN(const std::optional<LinkChoice> pair,
                     store::ReadChoice(tx, request.user_id()));
    if (!pair.has_value()) return InvalidCode();
    RETURN_IF_ERROR(CheckUnlinked(tx, *pair));
    v1::ChooseLinkedIdResponse response;
    ASSIGN_OR_RETURN(*response.mutable_job(), Apply(tx, *pair, keep_telegram, /*exports=*/true));
    response.set_kept_user_id(keep_telegram ? pair->telegram_id : pair->web_id);
    return response;
  });
}

absl::StatusOr<v1::GetLinkResponse> LinkingService::GetLink(const Call& call,
                                                            const v1::GetLinkRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  return database_.Read(
      call,
      [&](Transaction& tx) -> absl::StatusOr<v1::GetLinkResponse> {
        v1::GetLinkResponse response;
        ASSIGN_OR_RETURN(const auto choice, store::ReadChoice(tx, request.user_id()));
        if (choice.has_value()) {
          response.set_telegram_id(choice->telegram_id);
          response.set_choice_required(true);
          return response;
        }
        ASSIGN_OR_RETURN(const Account account, ReadLiveAccount(tx, request.user_id()));
        response.set_telegram_id(account.user.telegram_id());
        return response;
      },
      {.newest = true});
}

absl::StatusOr<v1::ResolveTelegramIdResponse> LinkingService::ResolveTelegramId(
    const Call& call, const v1::ResolveTelegramIdRequest& request) {
  FieldViolations bad;
  bad.CheckUserId(request.telegram_id(), "telegram_id");
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const std::optional<int64_t> account,
                   database_.Read(call,
                                  [&](Transaction& tx) {
                                    return store::AccountOfTelegram(tx, request.telegram_id());
                                  },
                                  {.newest = true}));
  v1::ResolveTelegramIdResponse response;
  response.set_kept_user_id(account.value_or(request.telegram_id()));
  return response;
}

}  // namespace selfology::user
