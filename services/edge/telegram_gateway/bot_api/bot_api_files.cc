// The Bot API's methods that send and fetch: messages with and without files, and files alone.
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"

namespace selfology::telegram_gateway {
namespace {

// https://core.telegram.org/bots/api#getfile: 20 MB, however they are counted.
constexpr size_t kMostDownloaded = 21 << 20;

}  // namespace

absl::StatusOr<Json> BotApi::PostFiles(const Call& call, const PieceRequest& request) {
  if (bot_id_ == 0) return absl::UnauthenticatedError("no telegram_bot_token is set");
  const auto begin = [this] {
    absl::MutexLock lock(&mutex_);
    return MultipartBody(random_);
  };
  MultipartBody body = begin();
  for (const auto& [name, value] : request.parameters.items()) {
    body.AddField(name, value.is_string() ? value.get<std::string>() : Dump(value));
  }
  for (const Upload& upload : request.uploads) body.AddFile(upload);
  return breaker_.Run([&]() -> absl::StatusOr<Json> {
    ASSIGN_OR_RETURN(
        const http::ClientResponse response,
        http_.Send(call,
                   {.method = "POST",
                    .url = absl::StrCat(url_, request.method),
                    .headers = {{"Content-Type", body.content_type()}},
                    .read_body = [&](char* data, size_t size) { return body.Read(data, size); },
                    .body_bytes = body.size(),
                    .target = absl::StrCat("telegram ", request.method)}));
    return ReadAnswer(response.status, response.body);
  });
}

absl::StatusOr<std::vector<Json>> BotApi::Send(const Call& call, const PieceRequest& request) {
  ASSIGN_OR_RETURN(Json sent, request.uploads.empty()
                                  ? Ask(call, request.method, request.parameters)
                                  : PostFiles(call, request));
  if (!sent.is_array()) return std::vector<Json>{std::move(sent)};
  return std::vector<Json>(sent.begin(), sent.end());
}

absl::StatusOr<std::string> BotApi::GetFilePath(const Call& call, std::string_view file_id) {
  const absl::StatusOr<Json> file = AskUntilDone(call, "getFile", {{"file_id", file_id}});
  if (absl::IsInvalidArgument(file.status()) &&
      absl::StrContains(std::string_view(file.status().message()), "too big")) {
    return status::Error(absl::StatusCode::kFailedPrecondition, "FILE_TOO_BIG",
                         "Telegram gives bots no file above 20 MB");
  }
  RETURN_IF_ERROR(file);
  std::string path = TextIn(*file, "file_path");
  if (path.empty()) return absl::UnavailableError("Telegram does not say where the file is");
  return path;
}

absl::Status BotApi::Download(const Call& call, std::string_view file_path,
                              const std::function<absl::Status(std::string_view)>& take) {
  return breaker_.Run([&]() -> absl::Status {
    ASSIGN_OR_RETURN(const http::ClientResponse response,
                     http_.Send(call, {.url = absl::StrCat(file_url_, file_path),
                                       .target = "telegram download",
                                       .on_data = take,
                                       .max_response_bytes = kMostDownloaded}));
    if (response.status == 200) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat("Telegram answers ", response.status));
  });
}

}  // namespace selfology::telegram_gateway
