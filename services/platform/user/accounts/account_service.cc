#include "services/platform/user/accounts/account_service.h"

#include <optional>
#include <utility>
#include <vector>

#include "common/events/outbox.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/security.pb.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/user/accounts/profile_rules.h"
#include "services/platform/user/accounts/second_factor.h"
#include "services/platform/user/accounts/tries.h"
#include "services/platform/user/jobs/job_store.h"
#include "services/platform/user/secrets.h"

namespace selfology::user {
namespace {

using events::v1::LoginOutcome;
using postgres::Transaction;
using status::FieldViolations;
using store::Account;

constexpr size_t kMaxDeviceName = 128;

absl::Status LoginFailed() {
  return status::Error(mesh::v1::ERROR_CODE_LOGIN_FAILED, "no such account, or another password");
}

// Over REST some paths name nobody: the person whose token it is.
int64_t SubjectOf(const Call& call, int64_t user_id) {
  return user_id != 0 ? user_id : call.caller()->user_id;
}

absl::Status JobNotFound() {
  return status::Error(mesh::v1::ERROR_CODE_JOB_NOT_FOUND, "no such job, or it has no result");
}

LoginOutcome OutcomeOf(Factor factor) {
  // Who forgot the code and comes again with it has not tried a wrong one.
  return factor == Factor::kWrong ? events::v1::LOGIN_OUTCOME_WRONG_CODE
                                  : events::v1::LOGIN_OUTCOME_SUCCEEDED;
}

}  // namespace

absl::Status UserNotFound() {
  return status::Error(mesh::v1::ERROR_CODE_USER_NOT_FOUND, "no such person");
}

absl::StatusOr<Account> ReadLiveAccount(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(std::optional<Account> account, store::ReadAccount(tx, user_id));
  if (!account.has_value() || account->deleting) return UserNotFound();
  return *std::move(account);
}

AccountService::AccountService(Parts parts) : parts_(std::move(parts)) {}

absl::Time AccountService::Now() const { return timestamps::WholeMicroseconds(parts_.clock()); }

absl::StatusOr<v1::LoginResponse> AccountService::Login(const Call& call,
                                                        const v1::LoginRequest& request) {
  const std::string email = NormalEmail(request.email());
  FieldViolations bad;
  if (email.empty()) bad.Add("email", "must not be empty");
  if (request.password().empty()) bad.Add("password", "must not be empty");
  if (request.device_name().size() > kMaxDeviceName) {
    bad.Add("device_name", "must be at most 128 bytes");
  }
  RETURN_IF_ERROR(bad.ToStatus());

  const std::string name_hash = KeyedHash(parts_.pseudonym_key, email);
  struct Known {
    std::optional<Account> account;
    absl::Status may_try;
  };
  ASSIGN_OR_RETURN(const Known known,
                   parts_.database.Read(call,
                                        [&](Transaction& tx) -> absl::StatusOr<Known> {
                                          Known found;
                                          found.may_try = MayTry(tx, name_hash, Now());
                                          ASSIGN_OR_RETURN(found.account,
                                                           store::ReadAccountOfEmail(tx, email));
                                          return found;
                                        },
                                        {.newest = true}));
  const std::optional<Account>& account = known.account;
  const int64_t user_id = account.has_value() ? account->user.user_id() : 0;
  events::v1::LoginAttempted attempt =
      NewAttempt(parts_.pseudonym_key, email, user_id,
                 {.network_address = request.network_address(),
                  .country = parts_.country_of(call, request.network_address()),
                  .device_name = request.device_name()});
  if (!known.may_try.ok()) {
    if (status::ErrorCodeOf(known.may_try) != mesh::v1::ERROR_CODE_RATE_LIMITED)
      return known.may_try;
    attempt.set_outcome(events::v1::LOGIN_OUTCOME_BLOCKED);
    RETURN_IF_ERROR(
        parts_.database.Write(call, [&](Transaction& tx) { return events::Publish(tx, attempt); }));
    return known.may_try;
  }

  const bool may_try = account.has_value() && !account->deleting;
  ASSIGN_OR_RETURN(const auto checked,
                   parts_.workers->Check(call, request.password(),
                                         may_try ? account->password_hash : std::string()));
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, parts_.seal_key->Get(call));
  // A refused attempt commits, too: it is what threats are found in.
  ASSIGN_OR_RETURN(
      const Factor factor,
      parts_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<Factor> {
        Factor result = Factor::kNotNeeded;
        if (checked.matches) {
          ASSIGN_OR_RETURN(result, CheckSecondFactor(tx, sealer, user_id, request.code(), Now()));
        }
        if (checked.better_hash.has_value()) store::SaveHash(tx, user_id, *checked.better_hash);
        attempt.set_outcome(checked.matches ? OutcomeOf(result)
                                            : events::v1::LOGIN_OUTCOME_WRONG_PASSWORD);
        // Who is asked for a code has neither failed nor succeeded.
        if (result == Factor::kMissing) return result;
        if (attempt.outcome() == events::v1::LOGIN_OUTCOME_SUCCEEDED) {
          store::ForgetFailures(tx, name_hash);
        } else {
          RETURN_IF_ERROR(NoteFailure(tx, name_hash, Now()));
        }
        RETURN_IF_ERROR(events::Publish(tx, attempt));
        return result;
      }));
  if (!checked.matches) return LoginFailed();
  RETURN_IF_ERROR(ToStatus(factor));

  v1::LoginResponse response;
  response.set_user_id(user_id);
  ASSIGN_OR_RETURN(
      *response.mutable_tokens(),
      parts_.tokens->OpenSession(call, {.user_id = user_id,
                                        .device_name = request.device_name(),
                                        .method = "password",
                                        .network_address = request.network_address()}));
  return response;
}

absl::StatusOr<v1::GetUserResponse> AccountService::GetUser(const Call& call,
                                                            const v1::GetUserRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(
      Account account,
      parts_.database.Read(call,
                           [&](Transaction& tx) { return ReadLiveAccount(tx, request.user_id()); },
                           {.newest = true}));
  v1::GetUserResponse response;
  *response.mutable_user() = std::move(account.user);
  return response;
}

absl::StatusOr<v1::User> AccountService::SetProfile(const Call& call, const v1::User& wished,
                                                    const std::vector<std::string>& paths) {
  const int64_t user_id = SubjectOf(call, wished.user_id());
  FieldViolations bad;
  bad.CheckUserId(user_id, "user.user_id");
  CheckProfile(wished, paths, "user.", bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return parts_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::User> {
    store::LockUser(tx, user_id);
    ASSIGN_OR_RETURN(Account account, ReadLiveAccount(tx, user_id));
    if (wished.version() != 0 && wished.version() != account.user.version()) {
      return status::Error(mesh::v1::ERROR_CODE_VERSION_CONFLICT, "the account was changed");
    }
    const absl::Time now = Now();
    CopyProfile(wished, paths, account.user);
    store::SaveAccount(tx, account, now);
    account.user.set_version(account.user.version() + 1);
    *account.user.mutable_updated_at() = timestamps::ToProto(now);
    return account.user;
  });
}

absl::StatusOr<v1::UpdateUserResponse> AccountService::UpdateUser(
    const Call& call, const v1::UpdateUserRequest& request) {
  v1::UpdateUserResponse response;
  ASSIGN_OR_RETURN(*response.mutable_user(), SetProfile(call, request.user(), ProfilePaths()));
  return response;
}

absl::StatusOr<v1::PatchUserResponse> AccountService::PatchUser(
    const Call& call, const v1::PatchUserRequest& request) {
  const auto& paths = request.update_mask().paths();
  if (paths.empty()) return status::InvalidField("update_mask", "must name a field");
  v1::PatchUserResponse response;
  ASSIGN_OR_RETURN(*response.mutable_user(),
                   SetProfile(call, request.user(), {paths.begin(), paths.end()}));
  return response;
}

absl::StatusOr<v1::DeleteUserResponse> AccountService::DeleteUser(
    const Call& call, const v1::DeleteUserRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  const int64_t user_id = request.user_id();
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::DeleteUserResponse> {
        v1::DeleteUserResponse response;
        store::LockUser(tx, user_id);
        ASSIGN_OR_RETURN(const auto account, store::ReadAccount(tx, user_id));
        // Who only wrote to the bot has no account, and yet data.
        if (!account.has_value() && user_id >= kFirstWebId) return UserNotFound();
        ASSIGN_OR_RETURN(*response.mutable_job(), store::AddJob(tx, {.job_id = NewJobId(),
                                                                     .kind = v1::JOB_KIND_DELETE,
                                                                     .user_id = user_id,
                                                                     .subject_id = user_id,
                                                                     .created_at = Now()}));
        store::MarkDeleting(tx, user_id);
        return response;
      });
}

absl::StatusOr<v1::ExportUserResponse> AccountService::ExportUser(
    const Call& call, const v1::ExportUserRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::ExportUserResponse> {
        v1::ExportUserResponse response;
        ASSIGN_OR_RETURN(*response.mutable_job(),
                         store::AddJob(tx, {.job_id = NewJobId(),
                                            .kind = v1::JOB_KIND_EXPORT,
                                            .user_id = request.user_id(),
                                            .subject_id = request.user_id(),
                                            .created_at = Now()}));
        return response;
      });
}

absl::StatusOr<v1::GetJobResponse> AccountService::GetJob(const Call& call,
                                                          const v1::GetJobRequest& request) {
  if (request.job_id().empty()) return status::InvalidField("job_id", "must not be empty");
  ASSIGN_OR_RETURN(std::optional<v1::Job> job,
                   parts_.database.Read(
                       call, [&](Transaction& tx) { return store::ReadJob(tx, request.job_id()); },
                       {.newest = true}));
  if (!job.has_value()) return JobNotFound();
  v1::GetJobResponse response;
  *response.mutable_job() = *std::move(job);
  return response;
}

absl::StatusOr<mesh::v1::HttpResponse> AccountService::DownloadExport(
    const Call& call, const v1::DownloadExportRequest& request) {
  FieldViolations bad = status::CheckUser(request);
  if (request.job_id().empty()) bad.Add("job_id", "must not be empty");
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(std::optional<std::string> file,
                   parts_.database.Read(call,
                                        [&](Transaction& tx) {
                                          return store::ReadExport(tx, request.user_id(),
                                                                   request.job_id(), Now());
                                        },
                                        {.newest = true}));
  if (!file.has_value()) return JobNotFound();
  mesh::v1::HttpResponse response;
  response.set_content_type("application/zip");
  mesh::v1::HttpHeader& disposition = *response.add_headers();
  disposition.set_name("Content-Disposition");
  disposition.set_value("attachment; filename=\"selfology.zip\"");
  mesh::v1::HttpHeader& cache = *response.add_headers();
  cache.set_name("Cache-Control");
  cache.set_value("no-store");
  response.set_body(*std::move(file));
  return response;
}

}  // namespace selfology::user
