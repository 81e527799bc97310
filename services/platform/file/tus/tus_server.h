// Files over HTTP: tus 1.0.0 for what comes in, links for what goes out. The paths:
//
//   OPTIONS /files/           what the server can do
//   POST    /files/           begins an upload, perhaps with its first piece
//   HEAD    /files/<id>       where it is
//   PATCH   /files/<id>       a piece, at most 8 MiB
//   DELETE  /files/<id>       ends it, or removes the file
//   GET     /files/<id>?expires=…&signature=…   what CreateLink links to; with ranges
//
//   TusServer tus({.files = files, ...});
//   http::Server::Start(options, tus.Routes());
//
// Who uploads is told by the token (Authorization). Where access is not enforced, the header
// X-User-Id does as well. Threads: thread-safe.
// Source: https://tus.io/protocols/resumable-upload, version 1.0.0.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/http/server.h"
#include "common/identity/caller.h"
#include "services/platform/file/cleaning.h"
#include "services/platform/file/files.h"

namespace selfology::file {

class TusServer {
 public:
  struct Around {
    Files& files;
    Cleaning& cleaning;
    std::function<absl::StatusOr<std::shared_ptr<const identity::Caller>>(const Call&,
                                                                          std::string_view)>
        authenticate;
    bool enforce_access = true;
    std::vector<std::string> origins = {};  // Whose pages may use it; "*": all.
  };
  explicit TusServer(Around around) : around_(std::move(around)) {}

  // Use them while this lives.
  std::vector<http::Route> Routes();

 private:
  using Answer = absl::StatusOr<http::Response>;

  absl::StatusOr<int64_t> PersonOf(const http::Request& request) const;
  // Adds what every answer has, and makes answers of errors.
  http::Response Finish(const http::Request& request, Answer answer) const;
  Answer Options(const http::Request& request) const;
  Answer Create(const http::Request& request);
  absl::StatusOr<Files::Beginning> BeginningOf(const http::Request& request, int64_t user_id) const;
  // One file of parts that were uploaded each by itself.
  Answer Join(const http::Request& request, const Files::Beginning& beginning,
              const std::vector<std::string>& addresses);
  Answer Head(const http::Request& request);
  Answer Patch(const http::Request& request);
  Answer Remove(const http::Request& request);
  Answer Download(const http::Request& request);
  // By the method, or X-HTTP-Method-Override.
  Answer Dispatch(const http::Request& request);

  const Around around_;
};

}  // namespace selfology::file
