// The file service in a process of the mesh, over a folder of its own.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "selfology/file/v1/file_service_client.h"
#include "services/platform/file/module.h"
#include "services/platform/file/settings.h"
#include "testing/mesh_test.h"

namespace selfology::file {

inline constexpr int64_t kUser = 123456;

class FileFixture : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override { Start({}); }
  void TearDown() override {
    StopMesh();
    std::filesystem::remove_all(folder_);
  }

  void Start(FileSettings settings) {
    if (folder_.empty()) {
      folder_ = absl::StrCat(::testing::TempDir(), "/files_XXXXXX");
      ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    }
    settings.folder = folder_;
    settings.works_jobs = false;
    settings.listening = [this](uint16_t port) {
      absl::MutexLock lock(&mutex_);
      port_ = port;
    };
    StartMesh(::selfology::testing::Modules(MakeModule(settings)),
              [this](service::Settings& kernel) {
                kernel.clock = [this] { return absl::Now() + skew_; };
              });
    client_.emplace(Peer("file"));
    Await("files to be served over HTTP", [&] { return Port() != 0; });
  }

  void Restart(FileSettings settings) {
    StopMesh();
    {
      absl::MutexLock lock(&mutex_);
      port_ = 0;
    }
    Start(std::move(settings));
  }

  uint16_t Port() {
    absl::MutexLock lock(&mutex_);
    return port_;
  }

  absl::StatusOr<v1::File> Store(const std::string& content, const std::string& key,
                                 int64_t user_id = kUser) {
    v1::StoreFileRequest request;
    request.set_user_id(user_id);
    request.set_name("a.bin");
    request.set_content(content);
    request.set_purpose("test");
    request.set_idempotency_key(key);
    auto response = client_->StoreFile(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->file();
  }

  absl::StatusOr<v1::File> Get(const std::string& id, int64_t user_id = kUser) {
    v1::GetFileRequest request;
    request.set_user_id(user_id);
    request.set_file_id(id);
    auto response = client_->GetFile(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->file();
  }

  absl::StatusOr<std::string> Read(const std::string& id, const std::string& variant = "") {
    v1::ReadFileRequest request;
    request.set_user_id(kUser);
    request.set_file_id(id);
    request.set_variant(variant);
    auto response = client_->ReadFile(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->content();
  }

  v1::GetUsageResponse Usage(int64_t user_id = kUser) {
    v1::GetUsageRequest request;
    request.set_user_id(user_id);
    const auto response = client_->GetUsage(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(v1::GetUsageResponse());
  }

  bool Delete(const std::string& id) {
    v1::DeleteFileRequest request;
    request.set_user_id(kUser);
    request.set_file_id(id);
    const auto response = client_->DeleteFile(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() && response->deleted();
  }

  // Objects in the store.
  int Objects() {
    int count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
      if (entry.is_regular_file()) ++count;
    }
    return count;
  }

  std::optional<v1::FileServiceClient> client_;
  std::string folder_;
  absl::Duration skew_;  // Set it before the service is asked.

 private:
  absl::Mutex mutex_;
  uint16_t port_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace selfology::file
