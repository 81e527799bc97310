#include "services/edge/telegram_gateway/media/media_store.h"

#include <openssl/sha.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "common/enums/word.h"
#include "common/idempotency/once.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/uuid/uuid.h"
#include "services/edge/telegram_gateway/delivery/pieces.h"
#include "services/edge/telegram_gateway/gateway_store.h"

namespace selfology::telegram_gateway {
namespace {

using postgres::Transaction;
using status::FieldViolations;

constexpr int64_t kLargestChunk = 1 << 20;
constexpr int kLongestName = 255;
constexpr size_t kLongestType = 127;
constexpr absl::Duration kUnfinished = absl::Hours(1);
constexpr absl::Duration kSweep = absl::Hours(1);
constexpr absl::Duration kDatabase = absl::Seconds(5);
constexpr size_t kIdsPerLook = 1000;

v1::ContentKind KindOf(Content content) {
  switch (content) {
    case Content::kPicture:
      return v1::CONTENT_KIND_PHOTO;
    case Content::kVoice:
      return v1::CONTENT_KIND_VOICE;
    case Content::kSticker:
      return v1::CONTENT_KIND_STICKER;
    default:
      return v1::CONTENT_KIND_DOCUMENT;
  }
}

MediaRow RowOf(int64_t bot_id, int64_t user_id, const File& file) {
  return {.media_id = MediaIdOf(bot_id, user_id, file),
          .user_id = user_id,
          .kind = enums::LowerWord(KindOf(file.content)),
          .file_name = file.file_name,
          .mime_type = file.mime_type,
          .size = file.size,
          .width = file.width,
          .height = file.height,
          .duration_ms = absl::ToInt64Milliseconds(file.duration),
          .emoji = file.emoji,
          .bot_id = bot_id,
          .telegram_file_id = file.file_id};
}

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

absl::Status Check(const v1::CreateMediaRequest& request) {
  FieldViolations bad;
  if (request.user_id() < 0) bad.Add("user_id", "must be above 0, or 0 for nobody");
  idempotency::CheckKey(request.idempotency_key(), bad);
  if (!enums::IsNamed(request.kind())) bad.Add("kind", "must be a known one");
  if (text::Characters(request.file_name()) > kLongestName) {
    bad.Add("file_name", "must be up to 255 characters");
  }
  if (request.mime_type().size() > kLongestType || !IsPrintable(request.mime_type())) {
    bad.Add("mime_type", "must be up to 127 printable ASCII characters");
  }
  if (request.kind() == v1::CONTENT_KIND_PHOTO && request.size() > kMostPhotoBytes) {
    bad.Add("size", "must be 1 to 10 MB for a photo");
  } else if (request.size() < 1 || request.size() > kMostSentBytes) {
    bad.Add("size", "must be 1 byte to 50 MB");
  }
  return bad.ToStatus();
}

void CheckPlace(std::string_view media_id, int64_t offset, FieldViolations& bad) {
  if (!IsMediaId(media_id)) bad.Add("media_id", "must be 1 to 64 of a to z, 0 to 9 and _");
  if (offset < 0) bad.Add("offset", "must be 0 or above");
}

absl::Status Gone() { return absl::NotFoundError("no such media"); }

}  // namespace

std::string MediaIdOf(int64_t bot_id, int64_t user_id, const File& file) {
  const std::string name =
      absl::StrCat(bot_id, " ", user_id, " ", file.unique_id.empty() ? "f" : "u",
                   file.unique_id.empty() ? file.file_id : file.unique_id);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(name.data()), name.size(), digest);
  constexpr size_t kBytes = 20;
  return absl::StrCat("t_", absl::BytesToHexString(
                                absl::string_view(reinterpret_cast<const char*>(digest), kBytes)));
}

MediaStore::MediaStore(postgres::Database& database, std::vector<BotApi*> telegrams,
                       std::string folder, Clock clock, int64_t most_bytes)
    : database_(database),
      telegrams_(std::move(telegrams)),
      files_(std::move(folder)),
      clock_(std::move(clock)),
      most_bytes_(most_bytes) {}

absl::StatusOr<std::vector<v1::Media>> MediaStore::Remember(const Call& call, int64_t bot_id,
                                                            int64_t user_id,
                                                            const std::vector<File>& files) {
  std::vector<v1::Media> media;
  if (files.empty()) return media;
  std::vector<MediaRow> rows;
  for (const File& file : files) {
    rows.push_back(RowOf(bot_id, user_id, file));
    media.push_back(ToProto(rows.back()));
  }
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
    if (user_id != 0) store::LockOrder(tx, user_id);
    for (const MediaRow& row : rows) store::RememberMedia(tx, row, clock_());
    return absl::OkStatus();
  }));
  return media;
}

absl::StatusOr<v1::CreateMediaResponse> MediaStore::Create(const Call& call,
                                                           const v1::CreateMediaRequest& request) {
  RETURN_IF_ERROR(Check(request));
  MediaRow row{.user_id = request.user_id(),
               .kind = enums::LowerWord(request.kind()),
               .file_name = request.file_name(),
               .mime_type = request.mime_type(),
               .size = request.size()};
  {
    absl::MutexLock lock(&mutex_);
    row.media_id = absl::StrCat(
        "m_", absl::StrReplaceAll(uuid::V7(clock_(), random_).ToString(), {{"-", ""}}));
  }
  ASSIGN_OR_RETURN(const MediaRow made, database_.Write(call, [&](Transaction& tx) {
    if (row.user_id != 0) store::LockOrder(tx, row.user_id);
    const absl::Time now = clock_();
    return store::CreateMedia(tx, row, request.idempotency_key(), now, now - store::kMemory);
  }));
  v1::CreateMediaResponse response;
  *response.mutable_media() = ToProto(made);
  response.set_stored(std::min(made.stored, files_.Size(made.media_id)));
  return response;
}

absl::StatusOr<v1::AppendMediaResponse> MediaStore::Append(const Call& call,
                                                           const v1::AppendMediaRequest& request) {
  FieldViolations bad;
  CheckPlace(request.media_id(), request.offset(), bad);
  const auto bytes = static_cast<int64_t>(request.data().size());
  if (bytes < 1 || bytes > kLargestChunk) bad.Add("data", "must be 1 to 1048576 bytes");
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const MediaRow row, Find(call, request.media_id()));
  // Telegram's own are not written by anybody.
  if (row.media_id.front() != 'm') return Gone();
  if (request.offset() > row.size - bytes) {
    return status::InvalidField("data", "must not go beyond the media's size");
  }
  if (request.offset() > row.stored) {
    return absl::OutOfRangeError("something is missing before the offset");
  }
  v1::AppendMediaResponse response;
  response.set_stored(row.stored);
  const int64_t end = request.offset() + bytes;
  if (end <= row.stored && IsHere(row)) return response;
  RETURN_IF_ERROR(MakeRoom(call, end - std::min(row.stored, files_.Size(row.media_id))));
  const absl::Status written = files_.Write(row.media_id, request.offset(), request.data());
  if (absl::IsOutOfRange(written)) {
    RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
      store::NoteLost(tx, row.media_id, files_.Size(row.media_id));
      return absl::OkStatus();
    }));
  }
  RETURN_IF_ERROR(written);
  ASSIGN_OR_RETURN(const std::optional<int64_t> stored, database_.Write(call, [&](Transaction& tx) {
    return store::NoteStored(tx, row.media_id, end);
  }));
  if (!stored.has_value()) {
    // Erased meanwhile.
    RETURN_IF_ERROR(files_.Remove(row.media_id));
    return Gone();
  }
  response.set_stored(std::min(*stored, files_.Size(row.media_id)));
  return response;
}

absl::StatusOr<v1::ReadMediaResponse> MediaStore::Read(const Call& call,
                                                       const v1::ReadMediaRequest& request) {
  FieldViolations bad;
  CheckPlace(request.media_id(), request.offset(), bad);
  if (request.limit() < 0 || request.limit() > kLargestChunk) {
    bad.Add("limit", "must be 1 to 1048576, or 0 for 1048576");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(MediaRow row, Find(call, request.media_id()));
  const bool is_complete = row.stored > 0 && row.stored == row.size && IsHere(row);
  if (!is_complete && TelegramOf(row) != nullptr) {
    RETURN_IF_ERROR(Fetch(call, row));
    ASSIGN_OR_RETURN(row, Find(call, request.media_id()));
  }
  v1::ReadMediaResponse response;
  *response.mutable_media() = ToProto(row);
  const int64_t limit = request.limit() == 0 ? kLargestChunk : request.limit();
  // What is behind `stored` may be half written.
  const int64_t bytes = std::min(limit, row.stored - request.offset());
  if (bytes <= 0) return response;
  absl::StatusOr<std::string> data =
      files_.Read(row.media_id, request.offset(), static_cast<size_t>(bytes));
  if (absl::IsNotFound(data.status()) && TelegramOf(row) != nullptr) {
    return absl::UnavailableError("the file just made room for others");
  }
  RETURN_IF_ERROR(data);
  response.set_data(*std::move(data));
  return response;
}

absl::StatusOr<MediaRow> MediaStore::Find(const Call& call, std::string_view media_id) {
  ASSIGN_OR_RETURN(
      std::optional<MediaRow> row,
      database_.Read(call, [&](Transaction& tx) { return store::ReadMedia(tx, media_id); },
                     {.newest = true}));
  if (!row.has_value()) return Gone();
  return *std::move(row);
}

bool MediaStore::IsHere(const MediaRow& row) const {
  return files_.Size(row.media_id) >= row.stored;
}

absl::Status MediaStore::Fetch(const Call& call, const MediaRow& row) {
  RETURN_IF_ERROR(call.MayWait());
  {
    absl::MutexLock lock(&mutex_);
    if (!fetching_.insert(row.media_id).second) {
      const auto ended = [this, &row]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return !fetching_.contains(row.media_id);
      };
      if (!mutex_.AwaitWithDeadline(absl::Condition(&ended), call.deadline())) {
        return absl::DeadlineExceededError("the file is still being fetched");
      }
      fetching_.insert(row.media_id);
    }
  }
  const absl::Cleanup done = [this, &row] {
    absl::MutexLock lock(&mutex_);
    fetching_.erase(row.media_id);
  };
  // Whoever fetched it before us may have succeeded.
  ASSIGN_OR_RETURN(const MediaRow now, Find(call, row.media_id));
  if (now.stored > 0 && now.stored == now.size && IsHere(now)) return absl::OkStatus();
  return FetchNow(call, now);
}

absl::Status MediaStore::FetchNow(const Call& call, const MediaRow& row) {
  RETURN_IF_ERROR(MakeRoom(call, row.size));
  BotApi* const telegram = TelegramOf(row);
  if (telegram == nullptr) return Gone();
  ASSIGN_OR_RETURN(const std::string path, telegram->GetFilePath(call, row.telegram_file_id));
  ASSIGN_OR_RETURN(MediaFiles::Incoming file, files_.Receive(row.media_id));
  RETURN_IF_ERROR(
      telegram->Download(call, path, [&file](std::string_view bytes) { return file.Add(bytes); }));
  RETURN_IF_ERROR(file.Finish());
  ASSIGN_OR_RETURN(const bool noted, database_.Write(call, [&](Transaction& tx) {
    return store::NoteFetched(tx, row.media_id, file.size());
  }));
  if (noted) return absl::OkStatus();
  // Erased meanwhile.
  RETURN_IF_ERROR(files_.Remove(row.media_id));
  return Gone();
}

absl::Status MediaStore::MakeRoom(const Call& call, int64_t bytes) {
  ASSIGN_OR_RETURN(const int64_t stored,
                   database_.Read(call, &store::StoredMedia, {.newest = true}));
  int64_t missing = stored + bytes - most_bytes_;
  if (missing <= 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<MediaRow> dropped, database_.Write(call, [&](Transaction& tx) {
    return store::DropFetched(tx, missing);
  }));
  for (const MediaRow& row : dropped) {
    missing -= row.stored;
    RETURN_IF_ERROR(files_.Remove(row.media_id));
  }
  if (missing <= 0) return absl::OkStatus();
  observe::Error("media folder is full; file rejected",
                 {{"bytes", stored}, {"limit", most_bytes_}});
  return absl::ResourceExhaustedError("there is no room for more files");
}

BotApi* MediaStore::TelegramOf(const MediaRow& row) const {
  if (row.telegram_file_id.empty() || row.bot_id == 0) return nullptr;
  const auto found =
      std::find_if(telegrams_.begin(), telegrams_.end(),
                   [&row](const BotApi* telegram) { return telegram->bot_id() == row.bot_id; });
  return found == telegrams_.end() ? nullptr : *found;
}

Attachment MediaStore::ToAttachment(const MediaRow& row, int64_t bot_id) const {
  const bool is_known = row.bot_id == bot_id && row.bot_id != 0;
  const bool is_here = row.size > 0 && row.stored == row.size && IsHere(row);
  return {.media_id = row.media_id,
          .kind = telegram_gateway::KindOf(row),
          .file_name = row.file_name,
          .mime_type = row.mime_type,
          .size = row.size,
          .duration = absl::Milliseconds(row.duration_ms),
          .emoji = row.emoji,
          .file_id = is_known ? row.telegram_file_id : "",
          .path = is_here ? files_.PathOf(row.media_id) : ""};
}

absl::StatusOr<MediaStore::Found> MediaStore::ForMessage(
    const Call& call, int64_t bot_id, int64_t chat_id, const std::vector<std::string>& media_ids) {
  Found found;
  if (media_ids.empty()) return found;
  ASSIGN_OR_RETURN(
      const std::vector<MediaRow> rows,
      database_.Read(call, [&](Transaction& tx) { return store::ReadMedia(tx, media_ids); },
                     {.newest = true}));
  for (const std::string& media_id : media_ids) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const MediaRow& candidate) {
      const bool may_go_there = candidate.user_id == 0 || candidate.user_id == chat_id;
      return candidate.media_id == media_id && may_go_there;
    });
    if (row == rows.end()) {
      found.problem = "must all exist";
      continue;
    }
    Attachment file = ToAttachment(*row, bot_id);
    if (file.file_id.empty() && file.path.empty()) {
      found.problem = "must all be complete";
    } else if (!found.files.empty() && !GoesWith(found.files.front(), file)) {
      found.problem = "must be one, or all photos or all documents";
    } else if (found.files.size() == kMostInAlbum) {
      found.problem = "must be at most 10";
    } else {
      found.files.push_back(std::move(file));
    }
  }
  return found;
}

absl::StatusOr<int64_t> MediaStore::ForgetOld(const Call& call) {
  ASSIGN_OR_RETURN(const int64_t forgotten, database_.Write(call, [&](Transaction& tx) {
    return store::ForgetMedia(tx, clock_() - store::kMemory);
  }));
  RETURN_IF_ERROR(RemoveOrphans(call));
  return forgotten;
}

absl::Status MediaStore::RemoveOrphans(const Call& call) {
  RETURN_IF_ERROR(files_.RemoveUnfinished(kUnfinished));
  // Rows are written before their files: a file of now without a row has lost it.
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, files_.List());
  for (size_t at = 0; at < ids.size(); at += kIdsPerLook) {
    const std::vector<std::string> some(
        ids.begin() + static_cast<std::ptrdiff_t>(at),
        ids.begin() + static_cast<std::ptrdiff_t>(std::min(at + kIdsPerLook, ids.size())));
    ASSIGN_OR_RETURN(
        const std::vector<MediaRow> rows,
        database_.Read(call, [&](Transaction& tx) { return store::ReadMedia(tx, some); },
                       {.newest = true}));
    std::set<std::string> known;
    for (const MediaRow& row : rows) known.insert(row.media_id);
    for (const std::string& id : some) {
      if (!known.contains(id)) RETURN_IF_ERROR(files_.Remove(id));
    }
  }
  return absl::OkStatus();
}

void MediaStore::Run(service::StopSignal& stop) {
  do {
    const absl::Status swept = RemoveOrphans(Call::Background(kDatabase));
    if (!swept.ok()) observe::Warning("media folder could not be scanned", {{"status", swept}});
  } while (!stop.WaitFor(kSweep));
}

}  // namespace selfology::telegram_gateway
