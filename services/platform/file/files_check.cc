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
#include "services/platform/file/videos/video_commands.h"

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
  struct Picture {
    std::string_view name;
    VariantSpec spec;
    Made made;
  };
  std::vector<Picture> pictures = {};
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
  std::optional<WorkFile> video;
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
      if (IsVideo(found.checked.media_type) && around_.videos.available()) {
        if (const absl::Status size = CheckVideoSize(row.length); !size.ok()) {
          found.refused = size.message();
          return found;
        }
        ASSIGN_OR_RETURN(WorkFile made, around_.videos.NewFile());
        video.emplace(std::move(made));
      }
    }
    sha.Add(bytes);
    tail.Add(bytes);
    if (scan.has_value()) RETURN_IF_ERROR(scan->Add(bytes));
    if (picture.has_value()) RETURN_IF_ERROR(picture->Add(bytes));
    if (video.has_value()) RETURN_IF_ERROR(video->Add(bytes));
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
  absl::Status looked;
  if (picture.has_value()) looked = LookAtPicture(call, *picture, found);
  if (video.has_value()) looked = LookAtVideo(call, *video, found);
  if (absl::IsFailedPrecondition(looked)) {
    found.refused = looked.message();
  } else {
    RETURN_IF_ERROR(looked);
  }
  return found;
}

absl::Status Files::LookAtPicture(const Call& call, const PictureBytes& picture,
                                  Inspection& found) {
  ASSIGN_OR_RETURN(const Look look, around_.pictures.LookAt(call, picture));
  const VariantSpec spec = ThumbnailSpec();
  ASSIGN_OR_RETURN(Made thumbnail, around_.pictures.Make(call, picture, spec));
  found.checked.width = look.width;
  found.checked.height = look.height;
  found.pictures.push_back({.name = kThumbnail, .spec = spec, .made = std::move(thumbnail)});
  return absl::OkStatus();
}

absl::Status Files::LookAtVideo(const Call& call, const WorkFile& video, Inspection& found) {
  ASSIGN_OR_RETURN(const VideoLook look, around_.videos.LookAt(call, video));
  if (look.width == 0) return absl::OkStatus();  // It is only heard.
  ASSIGN_OR_RETURN(const std::string png, around_.videos.Poster(call, video, look));
  ASSIGN_OR_RETURN(PictureBytes frame, PictureBytes::Make());
  RETURN_IF_ERROR(frame.Add(png));
  for (const auto& [name, spec] :
       {std::pair(kPoster, PosterSpec()), std::pair(kThumbnail, ThumbnailSpec())}) {
    ASSIGN_OR_RETURN(Made made, around_.pictures.Make(call, frame, spec));
    found.pictures.push_back({.name = name, .spec = spec, .made = std::move(made)});
  }
  found.checked.width = look.width;
  found.checked.height = look.height;
  found.checked.duration_ms = static_cast<int32_t>(absl::ToInt64Milliseconds(look.length));
  return absl::OkStatus();
}

absl::Status Files::CatchUp(const Call& call, const FileRow& row, const WorkFile& video) {
  Inspection found;
  RETURN_IF_ERROR(LookAtVideo(call, video, found));
  RETURN_IF_ERROR(around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    store::SetMeasures(tx, row.id, found.checked);
    return absl::OkStatus();
  }));
  KeepPictures(call, row, found);
  return absl::OkStatus();
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
    event.set_duration_ms(inspection.checked.duration_ms);
    event.set_scanned(inspection.checked.verdict == "clean");
    return events::Publish(tx, event);
  }));
  if (!duplicate) KeepPictures(call, row, inspection);
  return absl::OkStatus();
}

// Who wants one that is missing gets it made then.
void Files::KeepPictures(const Call& call, const FileRow& row, const Inspection& inspection) {
  for (const Inspection::Picture& picture : inspection.pictures) {
    const absl::Status kept =
        KeepPicture(call, row, picture.name, picture.spec, picture.made).status();
    if (!kept.ok() && !absl::IsNotFound(kept)) {
      observe::Warning("picture not kept",
                       {{"file_id", row.id.ToString()}, {"error", kept.ToString()}});
    }
  }
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
