#include "services/edge/telegram_gateway/bot_api/multipart.h"

#include <algorithm>
#include <utility>

#include "absl/random/distributions.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_gateway {
namespace {

std::string RandomBoundary(absl::BitGenRef random) {
  std::string boundary = "selfology-";
  for (int i = 0; i < 2; ++i) {
    absl::StrAppend(&boundary, absl::Hex(absl::Uniform<uint64_t>(random), absl::kZeroPad16));
  }
  return boundary;
}

// A name within quotes, on one line.
std::string Quoted(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += absl::ascii_iscntrl(static_cast<unsigned char>(c)) ? '_' : c;
  }
  return quoted + '"';
}

std::string HeaderValue(std::string_view text) {
  std::string value(text);
  std::erase_if(value, [](char c) { return !absl::ascii_isprint(static_cast<unsigned char>(c)); });
  return value.empty() ? "application/octet-stream" : value;
}

}  // namespace

MultipartBody::MultipartBody(absl::BitGenRef random)
    : boundary_(RandomBoundary(random)),
      segments_({{.text = absl::StrCat("--", boundary_, "--\r\n")}}) {
  segments_.back().size = segments_.back().text.size();
}

void MultipartBody::AddText(std::string text) {
  const size_t size = text.size();
  // In front of the end.
  segments_.insert(segments_.end() - 1, {.text = std::move(text), .size = size});
}

void MultipartBody::AddField(std::string_view name, std::string_view value) {
  AddText(absl::StrCat("--", boundary_, "\r\nContent-Disposition: form-data; name=", Quoted(name),
                       "\r\n\r\n", value, "\r\n"));
}

void MultipartBody::AddFile(const Upload& file) {
  AddText(absl::StrCat("--", boundary_, "\r\nContent-Disposition: form-data; name=",
                       Quoted(file.field), "; filename=", Quoted(file.file_name),
                       "\r\nContent-Type: ", HeaderValue(file.mime_type), "\r\n\r\n"));
  segments_.insert(segments_.end() - 1,
                   {.path = file.path, .size = static_cast<size_t>(file.size)});
  AddText("\r\n");
}

std::string MultipartBody::content_type() const {
  return absl::StrCat("multipart/form-data; boundary=", boundary_);
}

size_t MultipartBody::size() const {
  size_t size = 0;
  for (const Segment& segment : segments_) size += segment.size;
  return size;
}

absl::StatusOr<size_t> MultipartBody::Read(char* data, size_t size) {
  while (at_ < segments_.size() && read_ == segments_[at_].size) {
    ++at_;
    read_ = 0;
    file_.reset();
  }
  if (at_ == segments_.size()) return 0;
  const Segment& segment = segments_[at_];
  size_t given = 0;
  if (segment.path.empty()) {
    given = std::string_view(segment.text).substr(read_).copy(data, size);
  } else {
    ASSIGN_OR_RETURN(given, ReadFile(segment, data, std::min(size, segment.size - read_)));
  }
  read_ += given;
  return given;
}

absl::StatusOr<size_t> MultipartBody::ReadFile(const Segment& segment, char* data, size_t size) {
  if (file_ == nullptr) file_.reset(std::fopen(segment.path.c_str(), "rbe"));
  if (file_ == nullptr) return absl::UnavailableError("a file to send is not there");
  const size_t given = std::fread(data, 1, size, file_.get());
  if (given == 0) return absl::UnavailableError("a file to send is shorter than it was");
  return given;
}

}  // namespace selfology::telegram_gateway
