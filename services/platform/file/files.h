// What happens to people's files, whichever way they come: pieces are kept, contents are checked,
// pictures are made, files go.
//
//   ASSIGN_OR_RETURN(FileRow row, files.Begin(call, {.user_id = 1, .key = "k", .length = 5}));
//   ASSIGN_OR_RETURN(row, files.Append(call, 1, row.id, 0, "bytes"));     // checked at once if small
//
// What is written to the store is written in three steps: a row that says so, the object, and the
// row that makes it count. Whatever ends between them leaves a row that cleaning.h finds.
//
// Errors: NOT_FOUND, also for another person's; RESOURCE_EXHAUSTED over a quota; ABORTED
// (VERSION_CONFLICT, metadata "offset") for a piece that begins elsewhere; FAILED_PRECONDITION with a
// reason; the store's and the database's. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/uuid/uuid.h"
#include "services/platform/file/file_rules.h"
#include "services/platform/file/file_store.h"
#include "services/platform/file/object_row_store.h"
#include "services/platform/file/pictures/pictures.h"
#include "services/platform/file/storage/object_store.h"
#include "services/platform/file/videos/videos.h"

namespace selfology::file {

class Files {
 public:
  using Clock = std::function<absl::Time()>;

  struct Around {
    postgres::Database& database;
    ObjectStore& objects;
    Pictures& pictures;
    Videos& videos;
    observe::Metrics& metrics;
    Clock clock;
    Limits limits = {};
    std::string clamd = {};
  };
  // What `around` refers to outlives it.
  explicit Files(Around around);

  struct Beginning {
    int64_t user_id = 0;
    std::string key = {};
    std::string name = {};
    std::string purpose = {};
    int64_t length = 0;
    bool part = false;  // To become one with others.
  };
  // The same key again gives the same file, however far it is.
  absl::StatusOr<store::FileRow> Begin(const Call& call, const Beginning& beginning);

  // Gives the file as it is then: uploading, checking, ready or rejected.
  absl::StatusOr<store::FileRow> Append(const Call& call, int64_t user_id, const uuid::Uuid& id,
                                        int64_t offset, std::string_view bytes);

  // One file of complete parts, in their order, which are gone then.
  absl::StatusOr<store::FileRow> Concatenate(const Call& call, const Beginning& beginning,
                                             const std::vector<uuid::Uuid>& parts);

  // Checks one that is due; with an id: that one. False: there was none.
  absl::StatusOr<bool> CheckNext(const Call& call, std::optional<uuid::Uuid> id);

  absl::StatusOr<store::FileRow> Find(const Call& call, int64_t user_id, const uuid::Uuid& id);
  absl::StatusOr<store::FileRow> FindAny(const Call& call, const uuid::Uuid& id);

  // What can be read of a file that is ready: itself, or a variant of it.
  struct Readable {
    std::vector<Piece> pieces = {};
    int64_t size = 0;
    std::string media_type = {};
  };
  absl::StatusOr<Readable> Open(const Call& call, const store::FileRow& file,
                                std::string_view variant);
  absl::StatusOr<std::string> Read(const Call& call, const Readable& readable, int64_t offset,
                                   int64_t limit);

  // Of a picture, or a video's poster, that is ready. What was made before is given again.
  absl::StatusOr<store::ObjectRow> MakeVariant(const Call& call, const store::FileRow& file,
                                               const VariantSpec& spec, std::string_view name);

  // Of a video that is ready, its shorter side at most `lines` pixels; takes minutes. What was made
  // before is given again.
  absl::StatusOr<store::ObjectRow> MakeVideo(const Call& call, const store::FileRow& file,
                                             int lines);
  // Whether MakeVideo can; FAILED_PRECONDITION says why not.
  absl::Status CheckVideo(const store::FileRow& file) const;
  absl::StatusOr<std::optional<store::ObjectRow>> FindVariant(const Call& call,
                                                              const store::FileRow& file,
                                                              std::string_view name);

  // False: there was none.
  absl::StatusOr<bool> Delete(const Call& call, int64_t user_id, const uuid::Uuid& id);

  // 32 bytes that are the same in every replica, and new in every database.
  absl::StatusOr<std::string> SecretOf(const Call& call, const std::string& name);

  void CountSent(int64_t bytes) { sent_.Increment(static_cast<double>(bytes)); }

  const Limits& limits() const { return around_.limits; }
  ObjectStore& objects() { return around_.objects; }
  absl::Time now() const { return around_.clock(); }

 private:
  struct Inspection;
  // Gives so many bytes from there on.
  using Source = std::function<absl::StatusOr<std::string>(int64_t offset, int64_t size)>;

  absl::Status KeepPiece(const Call& call, const store::FileRow& row, int64_t offset,
                         std::string_view bytes);
  absl::StatusOr<Inspection> Inspect(const Call& call, const store::FileRow& row);
  absl::Status Accept(const Call& call, const store::FileRow& row, const Inspection& inspection);
  absl::Status Reject(const Call& call, const store::FileRow& row, std::string_view reason,
                      bool infected);
  absl::StatusOr<PictureBytes> Load(const Call& call, const Readable& readable);
  absl::Status LookAtPicture(const Call& call, const PictureBytes& picture, Inspection& found);
  absl::Status LookAtVideo(const Call& call, const WorkFile& video, Inspection& found);
  // What a check without ffmpeg left out.
  absl::Status CatchUp(const Call& call, const store::FileRow& row, const WorkFile& video);
  // The pictures that were made while it was checked. It is good without them.
  void KeepPictures(const Call& call, const store::FileRow& row, const Inspection& inspection);
  absl::StatusOr<store::ObjectRow> KeepPicture(const Call& call, const store::FileRow& file,
                                               std::string_view name, const VariantSpec& spec,
                                               const Made& made);
  // `whole` says what it is and how large; it becomes as many objects as it needs.
  absl::StatusOr<store::ObjectRow> KeepVariant(const Call& call, const store::FileRow& file,
                                               store::ObjectRow whole, const Source& source);

  const Around around_;
  observe::Counter received_;
  observe::Counter sent_;
  absl::Mutex mutex_;
  std::map<std::string, std::string> secrets_ ABSL_GUARDED_BY(mutex_);
};

inline constexpr int64_t kStep = 1 << 20;  // Bytes read from the store at once.

// A new object's name.
std::string NewKey();

// The error of a file that is not there, or is another person's.
absl::Status NoSuchFile();

}  // namespace selfology::file
