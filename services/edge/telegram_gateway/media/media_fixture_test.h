// The gateway with files: making, reading and comparing them.
//
//   class MediaJourneyTest : public MediaTest {};
//   const std::string id = Make(v1::CONTENT_KIND_PHOTO, Png(3, 2));
//   EXPECT_TRUE(Bytes(id) == Png(3, 2));
#pragma once

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/http/client.h"
#include "common/observe/metrics.h"
#include "services/edge/telegram_gateway/gateway_fixture_test.h"
#include "services/edge/telegram_gateway/media/media_store.h"
#include "tools/telegram_emulator/test_files.h"

namespace selfology::telegram_gateway {

class MediaTest : public GatewayTest {
 protected:
  static constexpr size_t kChunk = 1 << 20;

  v1::CreateMediaRequest Creation(v1::ContentKind kind, size_t size, std::string key = "") {
    v1::CreateMediaRequest request;
    request.set_user_id(ann());
    request.set_idempotency_key(key.empty() ? absl::StrCat("key-", ++keys_) : std::move(key));
    request.set_kind(kind);
    request.set_size(static_cast<int64_t>(size));
    return request;
  }

  absl::StatusOr<int64_t> Append(const std::string& media_id, int64_t offset,
                                 std::string_view bytes) {
    v1::AppendMediaRequest request;
    request.set_media_id(media_id);
    request.set_offset(offset);
    request.set_data(std::string(bytes));
    const auto response = gateway().AppendMedia(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->stored();
  }

  // A file with these bytes; its media_id.
  std::string Make(const v1::CreateMediaRequest& request, std::string_view bytes) {
    const auto made = gateway().CreateMedia(Deadline(), request);
    EXPECT_TRUE(made.ok()) << made.status();
    if (!made.ok()) return "";
    const std::string& id = made->media().media_id();
    for (size_t at = 0; at < bytes.size(); at += kChunk) {
      const auto stored = Append(id, static_cast<int64_t>(at), bytes.substr(at, kChunk));
      EXPECT_TRUE(stored.ok()) << stored.status();
    }
    return id;
  }
  std::string Make(v1::ContentKind kind, std::string_view bytes) {
    return Make(Creation(kind, bytes.size()), bytes);
  }

  absl::StatusOr<v1::ReadMediaResponse> Read(const std::string& media_id, int64_t offset = 0,
                                             int32_t limit = 0) {
    v1::ReadMediaRequest request;
    request.set_media_id(media_id);
    request.set_offset(offset);
    request.set_limit(limit);
    return gateway().ReadMedia(Deadline(), request);
  }

  // All of it.
  std::string Bytes(const std::string& media_id) {
    std::string bytes;
    while (true) {
      const auto read = Read(media_id, static_cast<int64_t>(bytes.size()));
      EXPECT_TRUE(read.ok()) << read.status();
      if (!read.ok() || read->data().empty()) return bytes;
      bytes += read->data();
    }
  }

  v1::SendMessageRequest Sending(std::string text, const std::vector<std::string>& media_ids) {
    v1::SendMessageRequest request;
    request.set_user_id(ann());
    request.set_idempotency_key(absl::StrCat("send-", ++keys_));
    request.set_message_text(std::move(text));
    request.mutable_media_ids()->Assign(media_ids.begin(), media_ids.end());
    return request;
  }
  // Telegram's numbers of what was sent.
  std::vector<int64_t> Send(const v1::SendMessageRequest& request) {
    const auto sent = gateway().SendMessage(Deadline(), request);
    EXPECT_TRUE(sent.ok()) << sent.status();
    if (!sent.ok()) return {};
    return {sent->telegram_message_ids().begin(), sent->telegram_message_ids().end()};
  }

  Message MessageOf(int64_t id) {
    for (Message& m : telegram().Messages(ann())) {
      if (m.id == id) return std::move(m);
    }
    ADD_FAILURE() << "no message " << id << " in:\n" << Transcript();
    return {};
  }
  // What Ann has of it.
  std::string Shown(const Message& message) {
    return telegram().Download(message.media.file_id).value_or("nothing");
  }
  int Calls(std::string_view method) {
    const std::vector<ApiCall> log = telegram().Log();
    return static_cast<int>(std::count_if(
        log.begin(), log.end(), [&](const ApiCall& call) { return call.method == method; }));
  }
  int64_t FilesOnDisk() {
    std::error_code none;
    const std::filesystem::directory_iterator files(media_folder(), none);
    return std::distance(begin(files), end(files));
  }

  // One as the gateway has it, on the same folder and rows.
  MediaStore& store() {
    if (!store_.has_value()) {
      api_.emplace(BotApi::Options{.base = telegram().base_url(), .token = kToken}, &http_,
                   &metrics_);
      store_.emplace(OfGateway(), std::vector<BotApi*>{&*api_}, media_folder(), Clock());
    }
    return *store_;
  }

 private:
  int keys_ = 0;
  observe::Metrics metrics_;
  http::Client http_{{}};
  std::optional<BotApi> api_;
  std::optional<MediaStore> store_;
};

}  // namespace selfology::telegram_gateway
