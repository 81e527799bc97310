// The part of Files that looks at what has come in: its type, its digest, the scanner's verdict.
#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/file.pb.h"
#include "services/platform/file/digest.h"
#include "services/platform/file/files.h"
#include "services/platform/file/media_types.h"
#include "services/platform/file/scan/scanner.h"

namespace selfology::file {

using postgres::Transaction;
using store::FileRow;

// What was found out about a content.
struct Files::Inspection {
  std::string sha256 = {};
  store::Checked checked = {};
  // Set: it is refused.
  std::string refused = {};
  bool infected = false;
  std::optional<Made> thumbnail = std::nullopt;
};

namespace {

constexpr absl::Duration kLease = absl::Minutes(15);  // Of a check.

// Keeps the last kTailBytes of what it is given.
class Tail {
 public:
  void Add(std::string_view bytes) {
    bytes_.append(bytes);
    if (bytes_.size() > kTailBytes) bytes_.erase(0, bytes_.size() - kTailBytes);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace

absl::StatusOr<Files::Inspection> Files::Inspect(const Call& call, const FileRow& row) {
  Inspection found;
  Readable readable{.size = row.length};
  ASSIGN_OR_RETURN(readable.pieces, around_.database.Write(call, [&](Transaction& tx) {
    return store::ReadPieces(tx, *row.content_id, "");
  }));
  std::optional<Scan> scan;
  if (!around_.clamd.empty()) {
    ASSIGN_OR_RETURN(Scan begun, Scan::Begin(call, around_.clamd));
    scan.emplace(std::move(begun));
  }
  Sha256 sha;
  std::string head;
  Tail tail;
  std::optional<PictureBytes> picture;
  for (int64_t offset = 0; offset < row.length;) {
    ASSIGN_OR_RETURN(const std::string bytes, Read(call, readable, offset, kStep));
    if (bytes.empty()) return absl::UnavailableError("a piece of a file is missing");
    if (offset == 0) {
      head = bytes.substr(0, kHeadBytes);
      found.checked.media_type = SniffMediaType(head);
      if (IsPicture(found.checked.media_type) && row.length <= kMaxPictureBytes) {
        ASSIGN_OR_RETURN(PictureBytes made, PictureBytes::Make());
        picture.emplace(std::move(made));
      }
    }
    sha.Add(bytes);
    tail.Add(bytes);
    if (scan.has_value()) RETURN_IF_ERROR(scan->Add(bytes));
    if (picture.has_value()) RETURN_IF_ERROR(picture->Add(bytes));
    offset += static_cast<int64_t>(bytes.size());
  }
  found.sha256 = sha.Finish();
  if (row.length == 0) found.checked.media_type = SniffMediaType("");
  found.checked.verdict = "not_scanned";
  if (scan.has_value()) {
    ASSIGN_OR_RETURN(const ClamReply reply, scan->Finish());
    switch (reply.verdict) {
      case ClamReply::Verdict::kClean:
        found.checked.verdict = "clean";
        break;
      case ClamReply::Verdict::kInfected:
        found.infected = true;
        found.refused = absl::StrCat("the scanner found malware: ", reply.what);
        return found;
      case ClamReply::Verdict::kTooLarge:
        found.refused = "the file is larger than the scanner takes";
        return found;
      case ClamReply::Verdict::kError:
        observe::Warning("the scanner failed", {{"answer", reply.what}});
        return absl::UnavailableError("the scanner failed");
    }
  }
  const absl::Status content = CheckContent(found.checked.media_type, head, tail.bytes());
  if (!content.ok()) {
    found.refused = content.message();
    return found;
  }
  if (!picture.has_value()) return found;
  const absl::StatusOr<Look> look = around_.pictures.LookAt(call, *picture);
  absl::StatusOr<Made> thumbnail = absl::UnknownError("not made");
  if (look.ok()) thumbnail = around_.pictures.Make(call, *picture, ThumbnailSpec());
  for (const absl::Status& status : {look.status(), thumbnail.status()}) {
    if (status.ok() || !look.ok()) continue;
    if (!absl::IsFailedPrecondition(status)) return status;
    found.refused = status.message();
  }
  if (!look.ok()) {
    if (!absl::IsFailedPrecondition(look.status())) return look.status();
    found.refused = look.status().message();
  }
  if (!found.refused.empty()) return found;
  found.checked.width = look->width;
  found.checked.height = look->height;
  found.thumbnail = *std::move(thumbnail);
  return found;
}

absl::StatusOr<bool> Files::CheckNext(const Call& call, std::optional<uuid::Uuid> id) {
  const absl::Time now = around_.clock();
  ASSIGN_OR_RETURN(const std::optional<FileRow> row,
                   around_.database.Write(call, [&](Transaction& tx) {
                     return store::ClaimCheck(tx, id, now, now + kLease);
                   }));
  if (!row.has_value()) return false;
  const absl::StatusOr<Inspection> inspection = Inspect(call, *row);
  absl::Status status = inspection.status();
  if (status.ok()) {
    status = inspection->refused.empty()
                 ? Accept(call, *row, *inspection)
                 : Reject(call, *row, inspection->refused, inspection->infected);
  }
  around_.metrics
      .Counter("file_checks_total", "Files checked, by outcome",
               {{"outcome", !status.ok()                  ? "failed"
                            : inspection->infected        ? "infected"
                            : inspection->refused.empty() ? "ready"
                                                          : "rejected"}})
      .Increment();
  if (status.ok()) return true;
  observe::Warning("file not checked yet",
                   {{"file_id", row->id.ToString()}, {"error", status.ToString()}});
  RETURN_IF_ERROR(around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    store::SetCheckAt(tx, row->id, around_.clock() + CheckAgainAfter(row->checks));
    return absl::OkStatus();
  }));
  return status;
}

absl::Status Files::Accept(const Call& call, const FileRow& row, const Inspection& inspection) {
  bool duplicate = false;
  RETURN_IF_ERROR(around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    duplicate = false;
    RETURN_IF_ERROR(store::LockPerson(tx, row.user_id).status());
    ASSIGN_OR_RETURN(const std::optional<FileRow> current,
                     store::FindFile(tx, row.user_id, row.id));
    // Deleted meanwhile, or checked by another whose lease was later.
    if (!current.has_value() || current->state != store::kChecking) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::optional<int64_t> same,
                     store::FindContent(tx, row.user_id, inspection.sha256));
    if (same.has_value() && *same != *row.content_id) {
      duplicate = true;
      store::SetContent(tx, row.id, *same);
      ASSIGN_OR_RETURN(const int64_t freed,
                       store::DoomContent(tx, *row.content_id, around_.clock()));
      store::AddUsage(tx, row.user_id, -freed);
    } else {
      store::SetDigest(tx, *row.content_id, inspection.sha256);
    }
    store::SetReady(tx, row.id, inspection.checked);
    events::v1::FileReady event;
    event.set_user_id(row.user_id);
    event.set_file_id(row.id.ToString());
    event.set_media_type(inspection.checked.media_type);
    event.set_size_bytes(row.length);
    event.set_purpose(row.purpose);
    event.set_width(inspection.checked.width);
    event.set_height(inspection.checked.height);
    event.set_scanned(inspection.checked.verdict == "clean");
    return events::Publish(tx, event);
  }));
  if (duplicate || !inspection.thumbnail.has_value()) return absl::OkStatus();
  // The file is good without it; who wants one gets it made then.
  const absl::Status kept =
      KeepVariant(call, row, kThumbnail, ThumbnailSpec(), *inspection.thumbnail).status();
  if (!kept.ok() && !absl::IsNotFound(kept)) {
    observe::Warning("thumbnail not kept",
                     {{"file_id", row.id.ToString()}, {"error", kept.ToString()}});
  }
  return absl::OkStatus();
}

absl::Status Files::Reject(const Call& call, const FileRow& row, std::string_view reason,
                           bool infected) {
  return around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(store::LockPerson(tx, row.user_id).status());
    ASSIGN_OR_RETURN(const std::optional<FileRow> current,
                     store::FindFile(tx, row.user_id, row.id));
    if (!current.has_value() || current->state != store::kChecking) return absl::OkStatus();
    store::SetRejected(tx, row.id, reason, infected ? "infected" : "");
    ASSIGN_OR_RETURN(const int64_t freed, store::DoomContent(tx, *row.content_id, around_.clock()));
    store::AddUsage(tx, row.user_id, -freed);
    events::v1::FileRejected event;
    event.set_user_id(row.user_id);
    event.set_file_id(row.id.ToString());
    event.set_reason(std::string(reason));
    event.set_infected(infected);
    event.set_purpose(row.purpose);
    return events::Publish(tx, event);
  });
}

}  // namespace selfology::file
