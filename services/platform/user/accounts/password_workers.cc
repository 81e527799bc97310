#include "services/platform/user/accounts/password_workers.h"

#include <memory>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/user/secrets.h"

namespace selfology::user {
namespace {

absl::Status NoMemory() {
  return status::Error(mesh::v1::ERROR_CODE_SERVICE_UNAVAILABLE, "no memory to hash a password");
}

}  // namespace

PasswordWorkers::PasswordWorkers(Options options)
    : options_(options), pool_(executor::WorkerPool::Options{.max_threads = options.threads}) {}

absl::Status PasswordWorkers::Run(const Call& call, std::function<void()> work) {
  {
    absl::MutexLock lock(&mutex_);
    if (pending_ >= options_.threads + options_.max_waiting) {
      return status::WithRetryAfter(
          status::Error(mesh::v1::ERROR_CODE_RATE_LIMITED, "too many passwords to check"),
          absl::Seconds(1));
    }
    ++pending_;
  }
  // The work may outlive this call, which has a deadline: it owns all that it touches.
  auto done = std::make_shared<absl::Notification>();
  const bool taken = pool_.Submit([this, done, work = std::move(work), deadline = call.deadline()] {
    // Nobody waits for it any more.
    if (absl::Now() < deadline) work();
    {
      absl::MutexLock lock(&mutex_);
      --pending_;
    }
    done->Notify();
  });
  if (!taken) return absl::UnavailableError("stopping");
  if (!done->WaitForNotificationWithDeadline(call.deadline()) || absl::Now() >= call.deadline()) {
    return absl::DeadlineExceededError("no time left to check a password");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> PasswordWorkers::Hash(const Call& call, std::string_view password) {
  auto hash = std::make_shared<std::string>();
  RETURN_IF_ERROR(Run(call, [hash, password = std::string(password), salt = RandomBytes(kSaltBytes),
                             parameters = options_.parameters] {
    *hash = HashPassword(password, salt, parameters);
  }));
  if (hash->empty()) return NoMemory();
  return *hash;
}

const std::string& PasswordWorkers::Decoy() {
  absl::MutexLock lock(&mutex_);
  if (decoy_.empty()) {
    decoy_ = HashPassword(RandomBytes(32), RandomBytes(kSaltBytes), options_.parameters);
  }
  return decoy_;
}

absl::StatusOr<PasswordWorkers::Checked> PasswordWorkers::Check(const Call& call,
                                                                std::string_view password,
                                                                const std::string& hash) {
  auto checked = std::make_shared<Checked>();
  RETURN_IF_ERROR(Run(call, [checked, password = std::string(password), hash, decoy = Decoy(),
                             salt = RandomBytes(kSaltBytes), parameters = options_.parameters] {
    const bool matches = MatchesHash(password, hash.empty() ? decoy : hash);
    checked->matches = matches && !hash.empty();
    if (checked->matches && NeedsRehash(hash, parameters)) {
      std::string better = HashPassword(password, salt, parameters);
      if (!better.empty()) checked->better_hash = std::move(better);
    }
  }));
  return *checked;
}

std::function<void()> PasswordWorkers::HoldThreadForTest() {
  auto release = std::make_shared<absl::Notification>();
  auto begun = std::make_shared<absl::Notification>();
  {
    absl::MutexLock lock(&mutex_);
    ++pending_;
  }
  pool_.Submit([this, release, begun] {
    begun->Notify();
    release->WaitForNotification();
    absl::MutexLock lock(&mutex_);
    --pending_;
  });
  begun->WaitForNotification();
  return [release] { release->Notify(); };
}

}  // namespace selfology::user
