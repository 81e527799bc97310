// The body of a request with files, multipart/form-data, read from disk while it is sent.
//
//   MultipartBody body(random);
//   body.AddField("chat_id", "42");
//   body.AddFile({.field = "photo", .file_name = "a.png", .path = path, .size = 10'000});
//   request.headers = {{"Content-Type", body.content_type()}};
//   request.body_bytes = body.size();
//   request.read_body = [&](char* data, size_t size) { return body.Read(data, size); };
//
// Errors of Read: UNAVAILABLE: a file is not there, or shorter than it was said to be. Threads: one
// at a time. Source: RFC 7578.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/random/bit_gen_ref.h"
#include "absl/status/statusor.h"

namespace selfology::telegram_gateway {

struct Upload {
  std::string field = {};
  std::string file_name = {};
  std::string mime_type = {};  // Empty: bytes of any kind.
  std::string path = {};
  int64_t size = 0;  // Bytes.
};

class MultipartBody {
 public:
  // The boundary is random, so that it is in no file.
  explicit MultipartBody(absl::BitGenRef random);

  // Before the first Read.
  void AddField(std::string_view name, std::string_view value);
  void AddFile(const Upload& file);

  std::string content_type() const;
  size_t size() const;

  // The next bytes, up to `size`; 0 at the end.
  absl::StatusOr<size_t> Read(char* data, size_t size);

 private:
  struct Segment {
    std::string text = {};
    std::string path = {};  // Set: the bytes of this file in place of the text.
    size_t size = 0;
  };
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void AddText(std::string text);
  absl::StatusOr<size_t> ReadFile(const Segment& segment, char* data, size_t size);

  const std::string boundary_;
  std::vector<Segment> segments_;
  size_t at_ = 0;    // The segment that is being read,
  size_t read_ = 0;  // and how much of it was.
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace selfology::telegram_gateway
