// Files in messages, by reference: dialogs and other services name them by media_id, and their
// bytes go through this alone, never through events or the tables of messages.
//
//   // One came with a message:
//   ASSIGN_OR_RETURN(v1::Media media, store.Remember(call, bot_id, user_id, update.files));
//   // Somebody wants its bytes; the first who does has it fetched from Telegram:
//   store.Read(call, request);
//   // Somebody makes one, and sends it:
//   store.Create(call, request);
//   store.Append(call, request);
//   ASSIGN_OR_RETURN(MediaStore::Found found, store.ForMessage(call, bot_id, chat_id, media_ids));
//
// A row tells of each (media_row_store.h), its bytes are in a file (media_files.h), and no row says that
// bytes are there before they are on disk. Rows go after 24 hours unless a waiting message needs
// them, and with the person whose they are; files without a row go after them (RemoveOrphans).
// Should a file be missing although its row has bytes, it is fetched from Telegram again, or counts
// as not written yet.
//
// There is a limit to all bytes together. Where it is reached, those that Telegram has as well go, the
// oldest first, to be fetched again when they are wanted; if that is not enough, nothing more is
// taken (RESOURCE_EXHAUSTED) until files are forgotten.
//
// Errors: the RPCs' as telegram_gateway_service.proto says; else the database's. Threads:
// thread-safe. Of several readers one fetches, the others wait for it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "common/service/stop_signal.h"
#include "selfology/telegram/v1/telegram_gateway_service.pb.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"
#include "services/edge/telegram_gateway/bot_api/piece_request.h"
#include "services/edge/telegram_gateway/bot_api/update.h"
#include "services/edge/telegram_gateway/media/media_files.h"
#include "services/edge/telegram_gateway/media/media_row_store.h"

namespace selfology::telegram_gateway {

inline constexpr int64_t kMostMediaBytes = 2'000'000'000;

class MediaStore {
 public:
  using Clock = std::function<absl::Time()>;

  // The references outlive it. telegrams: of all bots. most_bytes: in the folder, over all files. What
  // is written or fetched at the very same time may go beyond it.
  MediaStore(postgres::Database& database, std::vector<BotApi*> telegrams, std::string folder,
             Clock clock, int64_t most_bytes = kMostMediaBytes);

  // What came with a message of the person's to this bot, user_id 0: of nobody's. The same file of the same
  // person has the same media_id whenever it comes. One round trip, none without files.
  absl::StatusOr<std::vector<v1::Media>> Remember(const Call& call, int64_t bot_id, int64_t user_id,
                                                  const std::vector<File>& files);

  absl::StatusOr<v1::CreateMediaResponse> Create(const Call& call,
                                                 const v1::CreateMediaRequest& request);
  absl::StatusOr<v1::AppendMediaResponse> Append(const Call& call,
                                                 const v1::AppendMediaRequest& request);
  absl::StatusOr<v1::ReadMediaResponse> Read(const Call& call, const v1::ReadMediaRequest& request);

  // What this bot can send of these to the chat, in their order: those that are nobody's or the chat's own
  // person's (of all others it is as if they did not exist), complete, and go together with the
  // first. problem: what is wrong with the others, in constant words; empty: nothing.
  struct Found {
    std::vector<Attachment> files = {};
    std::string problem = {};
  };
  absl::StatusOr<Found> ForMessage(const Call& call, int64_t bot_id, int64_t chat_id,
                                   const std::vector<std::string>& media_ids);

  // A timer: forgets what is older than a day and not needed; how many.
  absl::StatusOr<int64_t> ForgetOld(const Call& call);
  // Files that no row has any more go, and what was never finished.
  absl::Status RemoveOrphans(const Call& call);
  // RemoveOrphans now and then, so that none stays whatever crashes.
  void Run(service::StopSignal& stop);

 private:
  absl::StatusOr<MediaRow> Find(const Call& call, std::string_view media_id);
  // Whether all bytes that the row has are in the folder.
  bool IsHere(const MediaRow& row) const;
  // Fetches it unless another does so already, and then waits for that.
  absl::Status Fetch(const Call& call, const MediaRow& row);
  absl::Status FetchNow(const Call& call, const MediaRow& row);
  // For so many bytes more; RESOURCE_EXHAUSTED: there is none.
  absl::Status MakeRoom(const Call& call, int64_t bytes);
  Attachment ToAttachment(const MediaRow& row, int64_t bot_id) const;
  // Of the bot that has its telegram_file_id; null: there is none.
  BotApi* TelegramOf(const MediaRow& row) const;

  postgres::Database& database_;
  const std::vector<BotApi*> telegrams_;
  const MediaFiles files_;
  const Clock clock_;
  const int64_t most_bytes_;

  absl::Mutex mutex_;
  absl::BitGen random_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<std::string> fetching_ ABSL_GUARDED_BY(mutex_);  // media_ids.
};

// The media_id of what came with a message: short, and nobody can guess it.
std::string MediaIdOf(int64_t bot_id, int64_t user_id, const File& file);

}  // namespace selfology::telegram_gateway
