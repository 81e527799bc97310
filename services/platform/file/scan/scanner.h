// Asks clamd whether bytes are malware, as they come.
//
//   ASSIGN_OR_RETURN(Scan scan, Scan::Begin(call, "/run/clamav/clamd.ctl"));
//   RETURN_IF_ERROR(scan.Add(bytes)); ...
//   ASSIGN_OR_RETURN(ClamReply reply, scan.Finish());
//
// The bytes are sent to clamd's own socket (INSTREAM); it needs no access to files.
// Errors: INVALID_ARGUMENT: no such address; UNAVAILABLE: it cannot be reached, or says nothing;
// DEADLINE_EXCEEDED. Threads: one at a time.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "services/platform/file/scan/clam_reply.h"

namespace selfology::file {

class Scan {
 public:
  // address: the path of a socket, beginning with "/", or "host:port" with an IP address.
  static absl::StatusOr<Scan> Begin(const Call& call, const std::string& address);
  Scan(Scan&& other) noexcept
      : call_(other.call_), socket_(std::exchange(other.socket_, -1)), full_(other.full_) {}
  Scan& operator=(Scan&&) = delete;
  ~Scan();

  absl::Status Add(std::string_view bytes);
  absl::StatusOr<ClamReply> Finish();

 private:
  Scan(const Call& call, int socket) : call_(call), socket_(socket) {}
  // What: POLLIN or POLLOUT.
  absl::Status Await(short what) const;
  absl::Status Send(std::string_view bytes);

  Call call_;
  int socket_;
  bool full_ = false;  // clamd takes no more; it will say why.
};

}  // namespace selfology::file
