#include "services/platform/file/file_service.h"

#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/idempotency/once.h"
#include "common/observe/log.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/file/digest.h"
#include "services/platform/file/links.h"
#include "services/platform/file/videos/video_commands.h"

namespace selfology::file {
namespace {

using postgres::Transaction;
using store::FileRow;

constexpr paging::Limits kFilesPage = {.default_size = 50, .max_size = 200};
constexpr paging::Limits kErasuresPage = {.default_size = 20, .max_size = 100};
constexpr int kDefaultLinkSeconds = 3600;
constexpr int kMaxLinkSeconds = 7 * 24 * 3600;
constexpr size_t kMaxVariantName = 100;

void CheckPieceSize(size_t size, status::FieldViolations& bad) {
  if (size == 0 || static_cast<int64_t>(size) > kMaxUnary) {
    bad.Add("content", absl::StrCat("must be 1 to ", kMaxUnary, " bytes"));
  }
}

absl::Status WhyRefused(const FileRow& row) { return absl::FailedPreconditionError(row.reason); }

void AddVariants(const std::vector<store::ObjectRow>& variants, int64_t content_id,
                 v1::File& file) {
  for (const store::ObjectRow& variant : variants) {
    if (variant.content_id == content_id) *file.add_variants() = store::ToVariant(variant);
  }
}

void CheckNotReserved(const Call& call, std::string_view purpose, status::FieldViolations& bad) {
  const identity::Caller::Kind kind = call.caller()->kind;
  const bool is_person =
      kind == identity::Caller::Kind::kPerson || kind == identity::Caller::Kind::kMachine;
  if (is_person && purpose == kReportPurpose) bad.Add("purpose", "is for services only");
}

}  // namespace

FileService::FileService(postgres::Database& database, Files& files, Cleaning& cleaning,
                         VideoJobs& videos, std::function<std::string()> base_url)
    : database_(database),
      files_(files),
      cleaning_(cleaning),
      videos_(videos),
      base_url_(std::move(base_url)) {}

absl::StatusOr<v1::File> FileService::Described(const Call& call, const FileRow& row) {
  v1::File file = store::ToProto(row);
  if (!row.content_id.has_value()) return file;
  ASSIGN_OR_RETURN(const std::vector<store::ObjectRow> variants,
                   database_.Write(call, [&](Transaction& tx) {
                     return store::ListVariants(tx, {*row.content_id});
                   }));
  AddVariants(variants, *row.content_id, file);
  return file;
}

absl::StatusOr<v1::StoreFileResponse> FileService::StoreFile(const Call& call,
                                                             const v1::StoreFileRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  CheckName(request.name(), bad);
  CheckPurpose(request.purpose(), bad);
  CheckNotReserved(call, request.purpose(), bad);
  CheckPieceSize(request.content().size(), bad);
  idempotency::CheckKey(request.idempotency_key(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(FileRow row,
                   files_.Begin(call, {.user_id = request.user_id(),
                                       .key = absl::StrCat("store:", request.idempotency_key()),
                                       .name = request.name(),
                                       .purpose = request.purpose(),
                                       .length = static_cast<int64_t>(request.content().size())}));
  // A key that was used for other bytes gives what it gave then.
  if (row.length == static_cast<int64_t>(request.content().size())) {
    ASSIGN_OR_RETURN(row, files_.Append(call, request.user_id(), row.id, 0, request.content()));
  }
  if (row.state == store::kRejected) return WhyRefused(row);
  v1::StoreFileResponse response;
  ASSIGN_OR_RETURN(*response.mutable_file(), Described(call, row));
  return response;
}

absl::StatusOr<v1::CreateUploadResponse> FileService::CreateUpload(
    const Call& call, const v1::CreateUploadRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  CheckName(request.name(), bad);
  CheckPurpose(request.purpose(), bad);
  CheckNotReserved(call, request.purpose(), bad);
  if (request.length_bytes() < 1) bad.Add("length_bytes", "must be 1 or more");
  idempotency::CheckKey(request.idempotency_key(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const FileRow row,
                   files_.Begin(call, {.user_id = request.user_id(),
                                       .key = absl::StrCat("upload:", request.idempotency_key()),
                                       .name = request.name(),
                                       .purpose = request.purpose(),
                                       .length = request.length_bytes()}));
  v1::CreateUploadResponse response;
  *response.mutable_upload() = store::ToUpload(row);
  return response;
}

absl::StatusOr<v1::AppendUploadResponse> FileService::AppendUpload(
    const Call& call, const v1::AppendUploadRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (request.offset_bytes() < 0) bad.Add("offset_bytes", "must be 0 or more");
  CheckPieceSize(request.content().size(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const uuid::Uuid id, ReadId("upload_id", request.upload_id()));
  ASSIGN_OR_RETURN(const FileRow row, files_.Append(call, request.user_id(), id,
                                                    request.offset_bytes(), request.content()));
  if (row.state == store::kRejected) return WhyRefused(row);
  v1::AppendUploadResponse response;
  *response.mutable_upload() = store::ToUpload(row);
  if (row.state != store::kUploading) {
    ASSIGN_OR_RETURN(*response.mutable_file(), Described(call, row));
  }
  return response;
}

absl::StatusOr<v1::GetUploadResponse> FileService::GetUpload(const Call& call,
                                                             const v1::GetUploadRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const uuid::Uuid id, ReadId("upload_id", request.upload_id()));
  ASSIGN_OR_RETURN(const FileRow row, files_.Find(call, request.user_id(), id));
  if (row.state != store::kUploading || row.expires_at <= files_.now()) return NoSuchFile();
  v1::GetUploadResponse response;
  *response.mutable_upload() = store::ToUpload(row);
  return response;
}

absl::StatusOr<v1::GetFileResponse> FileService::GetFile(const Call& call,
                                                         const v1::GetFileRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const uuid::Uuid id, ReadId("file_id", request.file_id()));
  ASSIGN_OR_RETURN(const FileRow row, files_.Find(call, request.user_id(), id));
  if (row.state == store::kUploading) return NoSuchFile();
  v1::GetFileResponse response;
  ASSIGN_OR_RETURN(*response.mutable_file(), Described(call, row));
  return response;
}

absl::StatusOr<v1::ListFilesResponse> FileService::ListFiles(const Call& call,
                                                             const v1::ListFilesRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  CheckPurpose(request.purpose(), bad);
  if (request.media_type_prefix().size() > 100) {
    bad.Add("media_type_prefix", "must be at most 100 bytes");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kFilesPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  v1::ListFilesResponse response;
  RETURN_IF_ERROR(database_.Read(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(std::vector<FileRow> rows,
                     store::ListFiles(tx, request.user_id(), request.media_type_prefix(),
                                      request.purpose(), before, page.limit()));
    response.Clear();
    response.set_next_page_token(page.Cut(rows, &FileRow::seq));
    std::vector<int64_t> contents;
    for (const FileRow& row : rows) {
      if (row.content_id.has_value()) contents.push_back(*row.content_id);
    }
    ASSIGN_OR_RETURN(const std::vector<store::ObjectRow> variants,
                     store::ListVariants(tx, contents));
    std::multimap<int64_t, const store::ObjectRow*> of_content;
    for (const store::ObjectRow& variant : variants) {
      of_content.emplace(variant.content_id, &variant);
    }
    for (const FileRow& row : rows) {
      v1::File& file = *response.add_files();
      file = store::ToProto(row);
      const auto [first, last] = of_content.equal_range(row.content_id.value_or(0));
      for (auto at = first; at != last; ++at) {
        *file.add_variants() = store::ToVariant(*at->second);
      }
    }
    return absl::OkStatus();
  }));
  return response;
}

absl::StatusOr<v1::GetUsageResponse> FileService::GetUsage(const Call& call,
                                                           const v1::GetUsageRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  return database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::GetUsageResponse> {
    ASSIGN_OR_RETURN(const store::Totals totals, store::ReadTotals(tx, request.user_id()));
    ASSIGN_OR_RETURN(const std::vector<store::KindTotal> kinds,
                     store::ReadKinds(tx, request.user_id()));
    v1::GetUsageResponse response;
    response.set_used_bytes(totals.used_bytes);
    response.set_quota_bytes(files_.limits().quota_bytes);
    response.set_uploads(totals.uploads);
    for (const store::KindTotal& kind : kinds) {
      response.set_files(response.files() + kind.files);
      v1::KindUsage& usage = *response.add_kinds();
      usage.set_kind(kind.kind);
      usage.set_files(kind.files);
      usage.set_bytes(kind.bytes);
    }
    return response;
  });
}

absl::StatusOr<v1::ReadFileResponse> FileService::ReadFile(const Call& call,
                                                           const v1::ReadFileRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (request.offset_bytes() < 0) bad.Add("offset_bytes", "must be 0 or more");
  if (request.limit_bytes() < 0 || request.limit_bytes() > kMaxUnary) {
    bad.Add("limit_bytes", absl::StrCat("must be 0 to ", kMaxUnary));
  }
  if (request.variant().size() > kMaxVariantName) bad.Add("variant", "must be at most 100 bytes");
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const uuid::Uuid id, ReadId("file_id", request.file_id()));
  ASSIGN_OR_RETURN(const FileRow row, files_.Find(call, request.user_id(), id));
  ASSIGN_OR_RETURN(const Files::Readable readable, files_.Open(call, row, request.variant()));
  if (request.offset_bytes() > readable.size) {
    return absl::OutOfRangeError("offset_bytes is behind the end");
  }
  v1::ReadFileResponse response;
  ASSIGN_OR_RETURN(*response.mutable_content(),
                   files_.Read(call, readable, request.offset_bytes(),
                               request.limit_bytes() == 0 ? kMaxUnary : request.limit_bytes()));
  response.set_size_bytes(readable.size);
  response.set_media_type(readable.media_type);
  files_.CountSent(static_cast<int64_t>(response.content().size()));
  return response;
}

absl::StatusOr<v1::ProcessFileResponse> FileService::ProcessFile(
    const Call& call, const v1::ProcessFileRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const uuid::Uuid id, ReadId("file_id", request.file_id()));
  RETURN_IF_ERROR(ReadSpec(request, "").status());
  ASSIGN_OR_RETURN(const FileRow row, files_.Find(call, request.user_id(), id));
  ASSIGN_OR_RETURN(const VariantSpec spec, ReadSpec(request, row.media_type));
  ASSIGN_OR_RETURN(const store::ObjectRow made, files_.MakeVariant(call, row, spec, spec.Name()));
  v1::ProcessFileResponse response;
  *response.mutable_variant() = store::ToVariant(made);
  return response;
}

absl::StatusOr<v1::ProcessVideoResponse> FileService::ProcessVideo(
    const Call& call, const v1::ProcessVideoRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const uuid::Uuid id, ReadId("file_id", request.file_id()));
  ASSIGN_OR_RETURN(const int lines, ReadLines(request.height()));
  ASSIGN_OR_RETURN(const FileRow row, files_.Find(call, request.user_id(), id));
  RETURN_IF_ERROR(files_.CheckVideo(row));
  ASSIGN_OR_RETURN(const std::optional<store::ObjectRow> made,
                   files_.FindVariant(call, row, TranscodedName(lines)));
  v1::ProcessVideoResponse response;
  if (made.has_value()) {
    *response.mutable_variant() = store::ToVariant(*made);
    return response;
  }
  ASSIGN_OR_RETURN(const int64_t job_id, videos_.Enqueue(call, row, lines));
  response.set_job_id(job_id);
  return response;
}

absl::StatusOr<v1::CreateLinkResponse> FileService::CreateLink(
    const Call& call, const v1::CreateLinkRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (request.lifetime_seconds() < 0 || request.lifetime_seconds() > kMaxLinkSeconds) {
    bad.Add("lifetime_seconds", absl::StrCat("must be 0 to ", kMaxLinkSeconds));
  }
  if (request.variant().size() > kMaxVariantName) bad.Add("variant", "must be at most 100 bytes");
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const uuid::Uuid id, ReadId("file_id", request.file_id()));
  ASSIGN_OR_RETURN(const FileRow row, files_.Find(call, request.user_id(), id));
  RETURN_IF_ERROR(files_.Open(call, row, request.variant()).status());
  ASSIGN_OR_RETURN(const std::string secret, files_.SecretOf(call, "links"));
  const std::string base = base_url_();
  if (base.empty()) return absl::UnavailableError("nobody serves files over HTTP yet");
  const int seconds =
      request.lifetime_seconds() == 0 ? kDefaultLinkSeconds : request.lifetime_seconds();
  const Link link = {
      .file_id = id.ToString(),
      .variant = request.variant(),
      .expires_at = absl::FromUnixSeconds(absl::ToUnixSeconds(files_.now()) + seconds)};
  v1::CreateLinkResponse response;
  response.set_url(LinkTo(base, secret, link));
  *response.mutable_expires_at() = timestamps::ToProto(link.expires_at);
  return response;
}

absl::StatusOr<v1::DeleteFileResponse> FileService::DeleteFile(
    const Call& call, const v1::DeleteFileRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const uuid::Uuid id, ReadId("file_id", request.file_id()));
  v1::DeleteFileResponse response;
  ASSIGN_OR_RETURN(const bool deleted, files_.Delete(call, request.user_id(), id));
  response.set_deleted(deleted);
  // What the store does not let go of now goes with the next round of cleaning.
  if (const auto gone = cleaning_.DeleteDoomed(call); !gone.ok()) {
    observe::Warning("objects not deleted yet", {{"error", gone.status().ToString()}});
  }
  return response;
}

absl::StatusOr<v1::CheckErasuresResponse> FileService::CheckErasures(
    const Call& call, const v1::CheckErasuresRequest& request) {
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kErasuresPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<store::ErasureRow> rows, database_.Read(call, [&](Transaction& tx) {
    return store::ListErasures(tx, before, page.limit());
  }));
  v1::CheckErasuresResponse response;
  response.set_next_page_token(page.Cut(rows, &store::ErasureRow::id));
  for (const store::ErasureRow& row : rows) {
    ASSIGN_OR_RETURN(
        const std::vector<store::ErasedObject> objects,
        database_.Read(call, [&](Transaction& tx) { return store::ListErased(tx, row.id); }));
    v1::Erasure& erasure = *response.add_erasures();
    erasure.set_erasure_id(row.id);
    erasure.set_person(row.person);
    *erasure.mutable_erased_at() = timestamps::ToProto(row.erased_at);
    erasure.set_objects(static_cast<int32_t>(objects.size()));
    for (const store::ErasedObject& object : objects) {
      erasure.add_sha256(ToHex(object.sha256.value));
      ASSIGN_OR_RETURN(const bool there, files_.objects().Exists(call, object.key));
      if (there) erasure.set_still_there(erasure.still_there() + 1);
    }
  }
  return response;
}

}  // namespace selfology::file
