#include "services/platform/file/tus/tus_server.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/file/links.h"
#include "services/platform/file/tus/protocol.h"

namespace selfology::file {
namespace {

using store::FileRow;

constexpr std::string_view kPermission = "platform.files.write";
constexpr std::string_view kPath = "/files/";
constexpr absl::Duration kPieceTimeout = absl::Minutes(2);
constexpr absl::Duration kDownloadTimeout = absl::Hours(1);
constexpr absl::Duration kRedirect = absl::Minutes(5);
constexpr int kUnprocessable = 422;

// An error with an HTTP status that its code does not give.
http::Response Refusal(const http::Request& request, int code, const absl::Status& error) {
  http::Response response = http::Response::Error(error, request.call.trace().trace_id.view());
  response.status = code;
  return response;
}

std::string_view Header(const http::Request& request, std::string_view name) {
  return request.headers.Get(name).value_or("");
}

absl::StatusOr<uuid::Uuid> IdOf(const http::Request& request) {
  std::string_view path = request.path;
  if (!TakePrefix(path, kPath)) return NoSuchFile();
  const absl::StatusOr<uuid::Uuid> id = uuid::Uuid::Parse(path);
  if (!id.ok()) return NoSuchFile();
  return id;
}

void SetExpiry(const FileRow& row, http::Response& response) {
  if (row.state == store::kUploading && row.expires_at.has_value()) {
    response.headers.Set("Upload-Expires", tus::HttpTime(*row.expires_at));
  }
}

// Of the two ways to fail, one is about the content, which another try does not change.
http::Response WhyRefused(const http::Request& request, const FileRow& row) {
  return Refusal(request, kUnprocessable, absl::FailedPreconditionError(row.reason));
}

int StatusOf(const absl::Status& error) {
  // Too much for the quota is no matter of how often one asks.
  if (absl::IsResourceExhausted(error)) return 413;
  if (absl::IsAborted(error)) return 409;
  return status::HttpCode(error.code());
}

}  // namespace

std::vector<http::Route> TusServer::Routes() {
  const auto answer = [this](const http::Request& request) -> absl::StatusOr<http::Response> {
    return Finish(request, Dispatch(request));
  };
  std::vector<http::Route> routes;
  for (const char* method : {"OPTIONS", "POST", "HEAD", "PATCH", "DELETE"}) {
    for (const char* path : {"/files", "/files/*"}) {
      routes.push_back({.method = method,
                        .path = path,
                        .handler = answer,
                        .max_body_bytes = kMaxPiece,
                        .timeout = kPieceTimeout});
    }
  }
  routes.push_back({.method = "GET",
                    .path = "/files/*",
                    .handler = answer,
                    .long_poll = true,
                    .timeout = kDownloadTimeout});
  return routes;
}

TusServer::Answer TusServer::Dispatch(const http::Request& request) {
  std::string_view method = request.method;
  if (method == "POST") {
    if (const auto other = request.headers.Get("X-HTTP-Method-Override")) method = *other;
  }
  if (method == "OPTIONS") return Options(request);
  if (method == "GET" || (method == "HEAD" && request.Parameter("signature").has_value())) {
    return Download(request);
  }
  if (Header(request, "Tus-Resumable") != tus::kVersion) {
    return Refusal(
        request, 412,
        absl::FailedPreconditionError("Tus-Resumable: must be " + std::string(tus::kVersion)));
  }
  if (method == "POST") return Create(request);
  if (method == "HEAD") return Head(request);
  if (method == "PATCH") return Patch(request);
  if (method == "DELETE") return Remove(request);
  return Refusal(request, 405, absl::UnimplementedError("no such method"));
}

http::Response TusServer::Finish(const http::Request& request, Answer answer) const {
  http::Response response = answer.ok()
                                ? *std::move(answer)
                                : Refusal(request, StatusOf(answer.status()), answer.status());
  response.headers.Set("Tus-Resumable", tus::kVersion);
  if (response.status == 412) response.headers.Set("Tus-Version", tus::kVersion);
  response.headers.Set("X-Content-Type-Options", "nosniff");
  const std::string_view origin = Header(request, "Origin");
  const bool allowed =
      std::any_of(around_.origins.begin(), around_.origins.end(),
                  [&](const std::string& known) { return known == "*" || known == origin; });
  if (!origin.empty() && allowed) {
    response.headers.Set("Access-Control-Allow-Origin", origin);
    response.headers.Set("Vary", "Origin");
    response.headers.Set("Access-Control-Expose-Headers",
                         "Location, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, "
                         "Upload-Offset, Upload-Length, Upload-Expires, Upload-Metadata, "
                         "Upload-Concat");
    if (request.method == "OPTIONS") {
      response.headers.Set("Access-Control-Allow-Methods", "POST, GET, HEAD, PATCH, DELETE");
      response.headers.Set("Access-Control-Allow-Headers",
                           "Authorization, Content-Type, Tus-Resumable, Upload-Length, "
                           "Upload-Metadata, Upload-Offset, Upload-Checksum, Upload-Concat, "
                           "X-User-Id, X-HTTP-Method-Override, X-Requested-With");
      response.headers.Set("Access-Control-Max-Age", "86400");
    }
  }
  return response;
}

absl::StatusOr<int64_t> TusServer::PersonOf(const http::Request& request) const {
  const std::string_view authorization = Header(request, "Authorization");
  if (!authorization.empty()) {
    ASSIGN_OR_RETURN(const std::shared_ptr<const identity::Caller> caller,
                     around_.authenticate(request.call, authorization));
    if (caller->user_id <= 0 ||
        (around_.enforce_access && !identity::Allows(*caller, kPermission))) {
      return status::Error(mesh::v1::ERROR_CODE_PERMISSION_DENIED,
                           "the token is not of a person who may keep files");
    }
    return caller->user_id;
  }
  int64_t user_id = 0;
  if (!around_.enforce_access && absl::SimpleAtoi(Header(request, "X-User-Id"), &user_id) &&
      user_id > 0) {
    return user_id;
  }
  return status::Error(mesh::v1::ERROR_CODE_UNAUTHENTICATED, "a token is required");
}

TusServer::Answer TusServer::Options(const http::Request&) const {
  return http::Response{
      .status = 204,
      .headers = {{"Tus-Version", std::string(tus::kVersion)},
                  {"Tus-Extension", std::string(tus::kExtensions)},
                  {"Tus-Checksum-Algorithm", std::string(tus::kChecksums)},
                  {"Tus-Max-Size", absl::StrCat(around_.files.limits().max_file_bytes)}}};
}

TusServer::Answer TusServer::Create(const http::Request& request) {
  ASSIGN_OR_RETURN(const int64_t user_id, PersonOf(request));
  if (request.headers.Get("Upload-Defer-Length").has_value()) {
    return absl::InvalidArgumentError("Upload-Length: is required, and may not be deferred");
  }
  ASSIGN_OR_RETURN(const tus::Concat concat, tus::ReadConcat(Header(request, "Upload-Concat")));
  ASSIGN_OR_RETURN(Files::Beginning beginning, BeginningOf(request, user_id));
  beginning.part = concat.is_partial;
  if (!concat.parts.empty()) return Join(request, beginning, concat.parts);
  ASSIGN_OR_RETURN(beginning.length,
                   tus::ReadBytes("Upload-Length", Header(request, "Upload-Length")));
  if (beginning.length > around_.files.limits().max_file_bytes) {
    return Refusal(request, 413,
                   absl::InvalidArgumentError(absl::StrCat("Upload-Length: must be at most ",
                                                           around_.files.limits().max_file_bytes)));
  }
  const bool has_piece = Header(request, "Content-Type") == tus::kPieceType;
  if (!has_piece && !request.body.empty()) {
    return Refusal(
        request, 415,
        absl::InvalidArgumentError("Content-Type: must be " + std::string(tus::kPieceType)));
  }
  if (const auto header = request.headers.Get("Upload-Checksum")) {
    ASSIGN_OR_RETURN(const tus::Checksum checksum, tus::ReadChecksum(*header));
    if (!tus::Matches(checksum, request.body)) {
      return Refusal(request, tus::kChecksumMismatch,
                     absl::InvalidArgumentError("Upload-Checksum: is not the body's"));
    }
  }
  ASSIGN_OR_RETURN(FileRow row, around_.files.Begin(request.call, beginning));
  http::Response response{.status = 201,
                          .headers = {{"Location", absl::StrCat(kPath, row.id.ToString())}}};
  if (has_piece || beginning.length == 0) {
    const absl::StatusOr<FileRow> appended =
        around_.files.Append(request.call, user_id, row.id, 0, request.body);
    // The upload is there, whatever became of its piece: the client goes on from its offset.
    if (appended.ok()) row = *appended;
    if (absl::IsInvalidArgument(appended.status())) return appended.status();
    if (row.state == store::kRejected) return WhyRefused(request, row);
    response.headers.Set("Upload-Offset", absl::StrCat(row.received));
  }
  SetExpiry(row, response);
  return response;
}

absl::StatusOr<Files::Beginning> TusServer::BeginningOf(const http::Request& request,
                                                        int64_t user_id) const {
  ASSIGN_OR_RETURN(tus::Metadata metadata, tus::ReadMetadata(Header(request, "Upload-Metadata")));
  std::string purpose = metadata["purpose"];
  status::FieldViolations bad;
  CheckPurpose(purpose, bad);
  if (purpose == kReportPurpose) bad.Add("purpose", "is for services only");
  RETURN_IF_ERROR(bad.ToStatus());
  std::string name = metadata["filename"];
  if (name.empty()) name = metadata["name"];
  // Each POST is another upload; who wants to go on with one has its address.
  absl::BitGen random;
  return Files::Beginning{
      .user_id = user_id,
      .key = absl::StrCat("tus:", uuid::V7(around_.files.now(), random).ToString()),
      .name = CleanName(name),
      .purpose = std::move(purpose)};
}

TusServer::Answer TusServer::Join(const http::Request& request, const Files::Beginning& beginning,
                                  const std::vector<std::string>& addresses) {
  std::vector<uuid::Uuid> parts;
  for (const std::string& address : addresses) {
    // Whole or without its beginning, as the client knows it.
    const size_t slash = address.rfind('/');
    const auto id =
        uuid::Uuid::Parse(slash == std::string::npos ? address : address.substr(slash + 1));
    if (!id.ok()) return NoSuchFile();
    parts.push_back(*id);
  }
  const absl::StatusOr<FileRow> joined = around_.files.Concatenate(request.call, beginning, parts);
  if (absl::IsFailedPrecondition(joined.status())) return Refusal(request, 409, joined.status());
  if (!joined.ok()) return joined.status();
  const FileRow& row = *joined;
  if (row.state == store::kRejected) return WhyRefused(request, row);
  return http::Response{.status = 201,
                        .headers = {{"Location", absl::StrCat(kPath, row.id.ToString())}}};
}

TusServer::Answer TusServer::Head(const http::Request& request) {
  ASSIGN_OR_RETURN(const int64_t user_id, PersonOf(request));
  ASSIGN_OR_RETURN(const uuid::Uuid id, IdOf(request));
  ASSIGN_OR_RETURN(const FileRow row, around_.files.Find(request.call, user_id, id));
  if (row.state == store::kUploading && row.expires_at <= around_.files.now()) {
    return Refusal(request, 410, absl::NotFoundError("the upload has expired"));
  }
  http::Response response{.headers = {{"Upload-Offset", absl::StrCat(row.received)},
                                      {"Upload-Length", absl::StrCat(row.length)},
                                      {"Cache-Control", "no-store"}}};
  if (row.part) response.headers.Set("Upload-Concat", "partial");
  SetExpiry(row, response);
  return response;
}

TusServer::Answer TusServer::Patch(const http::Request& request) {
  ASSIGN_OR_RETURN(const int64_t user_id, PersonOf(request));
  if (Header(request, "Content-Type") != tus::kPieceType) {
    return Refusal(
        request, 415,
        absl::InvalidArgumentError("Content-Type: must be " + std::string(tus::kPieceType)));
  }
  ASSIGN_OR_RETURN(const uuid::Uuid id, IdOf(request));
  ASSIGN_OR_RETURN(const int64_t offset,
                   tus::ReadBytes("Upload-Offset", Header(request, "Upload-Offset")));
  if (const auto header = request.headers.Get("Upload-Checksum")) {
    ASSIGN_OR_RETURN(const tus::Checksum checksum, tus::ReadChecksum(*header));
    if (!tus::Matches(checksum, request.body)) {
      return Refusal(request, tus::kChecksumMismatch,
                     absl::InvalidArgumentError("Upload-Checksum: is not the body's"));
    }
  }
  ASSIGN_OR_RETURN(FileRow row, around_.files.Find(request.call, user_id, id));
  if (row.received != offset) {
    return Refusal(request, 409,
                   absl::AbortedError(absl::StrCat("Upload-Offset: must be ", row.received)));
  }
  ASSIGN_OR_RETURN(row, around_.files.Append(request.call, user_id, id, offset, request.body));
  if (row.state == store::kRejected) return WhyRefused(request, row);
  http::Response response{.status = 204,
                          .headers = {{"Upload-Offset", absl::StrCat(row.received)}}};
  SetExpiry(row, response);
  return response;
}

TusServer::Answer TusServer::Remove(const http::Request& request) {
  ASSIGN_OR_RETURN(const int64_t user_id, PersonOf(request));
  ASSIGN_OR_RETURN(const uuid::Uuid id, IdOf(request));
  ASSIGN_OR_RETURN(const bool deleted, around_.files.Delete(request.call, user_id, id));
  if (!deleted) return NoSuchFile();
  around_.cleaning.DeleteDoomed(request.call).IgnoreError();  // Else with the next round.
  return http::Response{.status = 204};
}

TusServer::Answer TusServer::Download(const http::Request& request) {
  ASSIGN_OR_RETURN(const uuid::Uuid id, IdOf(request));
  ASSIGN_OR_RETURN(const std::string secret, around_.files.SecretOf(request.call, "links"));
  ASSIGN_OR_RETURN(const Link link,
                   ReadLink(secret, id.ToString(), request.Parameter("variant").value_or(""),
                            request.Parameter("expires").value_or(""),
                            request.Parameter("signature").value_or(""), around_.files.now()));
  ASSIGN_OR_RETURN(const FileRow row, around_.files.FindAny(request.call, id));
  ASSIGN_OR_RETURN(Files::Readable readable, around_.files.Open(request.call, row, link.variant));
  const bool is_page_of_ours =
      row.purpose == kReportPurpose && link.variant.empty() && readable.media_type == "text/html";
  const std::string disposition =
      DispositionOf(readable.media_type, link.variant.empty() ? row.name : "", is_page_of_ours);
  // What a store sends has no policy, which a page needs.
  if (readable.pieces.size() == 1 && !is_page_of_ours) {
    const auto lifetime =
        std::min<absl::Duration>(link.expires_at - around_.files.now(), kRedirect);
    const auto elsewhere = around_.files.objects().Presign(readable.pieces[0].key,
                                                           std::max(lifetime, absl::Seconds(1)),
                                                           readable.media_type, disposition);
    if (elsewhere.has_value()) {
      around_.files.CountSent(readable.size);
      return http::Response{.status = 302,
                            .headers = {{"Location", *elsewhere}, {"Cache-Control", "no-store"}}};
    }
  }
  http::Response response{
      .headers = {{"Content-Type", readable.media_type},
                  {"Content-Disposition", disposition},
                  {"Content-Security-Policy",
                   is_page_of_ours ? "sandbox; default-src 'none'; style-src 'unsafe-inline'"
                                   : "sandbox; default-src 'none'"},
                  {"Cache-Control", "private, max-age=3600"},
                  {"Accept-Ranges", "bytes"}}};
  const ByteRange range = ReadRange(Header(request, "Range"), readable.size);
  if (range.kind == ByteRange::Kind::kUnsatisfiable) {
    response.status = 416;
    response.headers.Set("Content-Range", absl::StrCat("bytes */", readable.size));
    return response;
  }
  // A long range is answered by its beginning, as RFC 9110, 15.3.7 allows; players ask again.
  const bool whole = range.kind == ByteRange::Kind::kWhole;
  const int64_t length = whole ? range.length : std::min(range.length, kMaxPiece);
  if (!whole) {
    response.status = 206;
    response.headers.Set(
        "Content-Range",
        absl::StrCat("bytes ", range.offset, "-", range.offset + length - 1, "/", readable.size));
  }
  if (length <= kMaxPiece) {
    ASSIGN_OR_RETURN(response.body,
                     around_.files.Read(request.call, readable, range.offset, length));
    around_.files.CountSent(length);
    return response;
  }
  response.stream = [this, call = request.call,
                     readable = std::move(readable)](std::shared_ptr<http::Stream> stream) {
    for (int64_t offset = 0; offset < readable.size; offset += kStep) {
      const absl::StatusOr<std::string> bytes = around_.files.Read(call, readable, offset, kStep);
      // Ends short of the last chunk, which the client takes for what it is.
      if (!bytes.ok() || !stream->Write(*bytes).ok()) return;
      around_.files.CountSent(static_cast<int64_t>(bytes->size()));
    }
  };
  return response;
}

}  // namespace selfology::file
