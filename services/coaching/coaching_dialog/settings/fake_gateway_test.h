// A stand-in for the gateway where the dialog calls it: it takes messages and files, and shows them
// to the test.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "selfology/telegram/v1/telegram_gateway_service_endpoints.h"

namespace selfology::coaching_dialog {

class FakeGateway final : public telegram::v1::TelegramGatewayServiceEndpoints {
 public:
  struct File {
    std::string name = {};
    int64_t size = 0;
    std::string bytes = {};
  };

  // Each key once.
  std::vector<telegram::v1::SendMessageRequest> sent() {
    absl::MutexLock lock(&mutex_);
    return sent_;
  }
  std::map<std::string, File> files() {
    absl::MutexLock lock(&mutex_);
    return files_;
  }
  // All calls end like this from now on.
  void FailWith(absl::Status failure) {
    absl::MutexLock lock(&mutex_);
    failure_ = std::move(failure);
  }
  int calls() {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }

  absl::StatusOr<telegram::v1::SendMessageResponse> SendMessage(
      const Call&, const telegram::v1::SendMessageRequest& request) override {
    absl::MutexLock lock(&mutex_);
    ++calls_;
    if (!failure_.ok()) return failure_;
    if (keys_.insert(request.idempotency_key()).second) sent_.push_back(request);
    return telegram::v1::SendMessageResponse();
  }
  absl::StatusOr<telegram::v1::CreateMediaResponse> CreateMedia(
      const Call&, const telegram::v1::CreateMediaRequest& request) override {
    absl::MutexLock lock(&mutex_);
    if (!failure_.ok()) return failure_;
    const std::string id = absl::StrCat("media", files_.size() + 1);
    files_[id] = {.name = request.file_name(), .size = request.size()};
    telegram::v1::CreateMediaResponse response;
    response.mutable_media()->set_media_id(id);
    return response;
  }
  absl::StatusOr<telegram::v1::AppendMediaResponse> AppendMedia(
      const Call&, const telegram::v1::AppendMediaRequest& request) override {
    absl::MutexLock lock(&mutex_);
    if (!failure_.ok()) return failure_;
    File& file = files_[request.media_id()];
    if (request.offset() != static_cast<int64_t>(file.bytes.size())) {
      return absl::OutOfRangeError("something is missing");
    }
    file.bytes += request.data();
    return telegram::v1::AppendMediaResponse();
  }

#define NOT_CALLED(Method)                                          \
  absl::StatusOr<telegram::v1::Method##Response> Method(            \
      const Call&, const telegram::v1::Method##Request&) override { \
    return absl::UnimplementedError(#Method);                       \
  }
  NOT_CALLED(GetConversationState)
  NOT_CALLED(SetConversationState)
  NOT_CALLED(HandleUpdate)
  NOT_CALLED(GetBotInfo)
  NOT_CALLED(ListChatMessages)
  NOT_CALLED(GetLatestChatMessage)
  NOT_CALLED(ClearChatMessages)
  NOT_CALLED(ReadMedia)
  NOT_CALLED(ListHeldUpdates)
  NOT_CALLED(ReplayHeldUpdates)
  NOT_CALLED(DiscardHeldUpdates)
#undef NOT_CALLED

 private:
  absl::Mutex mutex_;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
  std::set<std::string> keys_ ABSL_GUARDED_BY(mutex_);
  std::vector<telegram::v1::SendMessageRequest> sent_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, File> files_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::coaching_dialog
