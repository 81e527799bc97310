// In place of the user service: accounts, and Telegram accounts that are linked to them.
//
//   auto people = std::make_shared<FakePeople>();
//   StartMesh(Modules(MakeModule(), std::make_unique<FakeUserModule>(people)));
//   people->Link(telegram_id, user_id);
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/service/mesh.h"
#include "common/service/module.h"
#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/user/v1/account_service_endpoints.h"
#include "selfology/user/v1/linking_service_endpoints.h"

namespace selfology::security {

class FakePeople {
 public:
  void Link(int64_t telegram_id, int64_t user_id) {
    absl::MutexLock lock(&mutex_);
    kept_[telegram_id] = user_id;
  }
  int64_t KeptOf(int64_t telegram_id) {
    absl::MutexLock lock(&mutex_);
    const auto kept = kept_.find(telegram_id);
    return kept == kept_.end() ? telegram_id : kept->second;
  }
  void Add(user::v1::User user) {
    absl::MutexLock lock(&mutex_);
    const int64_t user_id = user.user_id();
    users_[user_id] = std::move(user);
  }
  absl::StatusOr<user::v1::User> Find(int64_t user_id) {
    absl::MutexLock lock(&mutex_);
    const auto found = users_.find(user_id);
    if (found != users_.end()) return found->second;
    return status::Error(mesh::v1::ERROR_CODE_USER_NOT_FOUND, "there is no such account");
  }

 private:
  absl::Mutex mutex_;
  std::map<int64_t, int64_t> kept_ ABSL_GUARDED_BY(mutex_);
  std::map<int64_t, user::v1::User> users_ ABSL_GUARDED_BY(mutex_);
};

#define USER_NOT_CALLED(Method)                                                                    \
  absl::StatusOr<user::v1::Method##Response> Method(const Call&, const user::v1::Method##Request&) \
      override {                                                                                   \
    return absl::UnimplementedError(#Method);                                                      \
  }

class FakeLinks final : public user::v1::LinkingServiceEndpoints {
 public:
  explicit FakeLinks(std::shared_ptr<FakePeople> people) : people_(std::move(people)) {}

  absl::StatusOr<user::v1::ResolveTelegramIdResponse> ResolveTelegramId(
      const Call&, const user::v1::ResolveTelegramIdRequest& request) override {
    user::v1::ResolveTelegramIdResponse response;
    response.set_kept_user_id(people_->KeptOf(request.telegram_id()));
    return response;
  }
  USER_NOT_CALLED(BeginLink)
  USER_NOT_CALLED(ConfirmLink)
  USER_NOT_CALLED(ChooseLinkedId)
  USER_NOT_CALLED(GetLink)

 private:
  const std::shared_ptr<FakePeople> people_;
};

class FakeAccounts final : public user::v1::AccountServiceEndpoints {
 public:
  explicit FakeAccounts(std::shared_ptr<FakePeople> people) : people_(std::move(people)) {}

  absl::StatusOr<user::v1::GetUserResponse> GetUser(
      const Call&, const user::v1::GetUserRequest& request) override {
    absl::StatusOr<user::v1::User> user = people_->Find(request.user_id());
    if (!user.ok()) return user.status();
    user::v1::GetUserResponse response;
    *response.mutable_user() = *std::move(user);
    return response;
  }
  absl::StatusOr<mesh::v1::HttpResponse> DownloadExport(
      const Call&, const user::v1::DownloadExportRequest&) override {
    return absl::UnimplementedError("DownloadExport");
  }
  USER_NOT_CALLED(Register)
  USER_NOT_CALLED(Login)
  USER_NOT_CALLED(VerifyEmail)
  USER_NOT_CALLED(RequestVerification)
  USER_NOT_CALLED(RequestRecovery)
  USER_NOT_CALLED(RecoverPassword)
  USER_NOT_CALLED(ChangePassword)
  USER_NOT_CALLED(UpdateUser)
  USER_NOT_CALLED(PatchUser)
  USER_NOT_CALLED(DeleteUser)
  USER_NOT_CALLED(ExportUser)
  USER_NOT_CALLED(GetJob)

 private:
  const std::shared_ptr<FakePeople> people_;
};

#undef USER_NOT_CALLED

class FakeUserModule final : public service::Module {
 public:
  explicit FakeUserModule(std::shared_ptr<FakePeople> people) : people_(std::move(people)) {}

  service::ModuleInfo info() const override { return {.name = "user", .group = "user_accounts"}; }
  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<FakeLinks>(people_));
    mesh.Serve(std::make_shared<FakeAccounts>(people_));
    return absl::OkStatus();
  }

 private:
  const std::shared_ptr<FakePeople> people_;
};

}  // namespace selfology::security
