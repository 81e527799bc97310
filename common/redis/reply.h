// What Redis answered, as an owned tree of values, and what its errors mean to us.
//
//   ASSIGN_OR_RETURN(redis::Reply reply, client.Command(call, {"ZCARD", key}));
//   ASSIGN_OR_RETURN(int64_t members, reply.Integer());
//
// The typed accessors give INTERNAL when the reply is of another kind, since then the code, not the
// data, is wrong. An error that is a command's whole reply never gets this far: it is that
// command's Status. Inside an array (EXEC) it stays an element of kind kError.
//
// Which code an error reply becomes (the first word of Redis's message decides, see redis.io's
// protocol page; "kind" below):
//   LOADING READONLY OOM MASTERDOWN CLUSTERDOWN TRYAGAIN BUSY
//   NOREPLICAS MISCONF                                  UNAVAILABLE: the same may succeed later
//   NOAUTH WRONGPASS                                    UNAUTHENTICATED
//   NOPERM                                              PERMISSION_DENIED
//   NOSCRIPT                                            NOT_FOUND
//   BUSYGROUP BUSYKEY, an XADD id that is not new       ALREADY_EXISTS
//   WRONGTYPE NOGROUP EXECABORT MOVED ASK CROSSSLOT ... FAILED_PRECONDITION
//   UNBLOCKED                                           ABORTED
//   ERR and unknown kinds                               INTERNAL
//
// Threads: a Reply is a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace selfology::redis {

class Reply {
 public:
  enum class Kind { kNil, kInteger, kString, kArray, kError };

  Reply() = default;  // Nil.
  static Reply OfInteger(int64_t value);
  static Reply OfString(std::string value);  // Bulk strings and statuses such as "OK".
  static Reply OfArray(std::vector<Reply> elements);
  static Reply OfError(std::string message);

  Kind kind() const { return kind_; }
  bool is_nil() const { return kind_ == Kind::kNil; }
  bool is_error() const { return kind_ == Kind::kError; }

  absl::StatusOr<int64_t> Integer() const;
  // The views are valid while this Reply lives.
  absl::StatusOr<std::string_view> String() const;
  absl::StatusOr<absl::Span<const Reply>> Array() const;
  // The string moved out of a reply that is no longer needed.
  absl::StatusOr<std::string> TakeString() &&;

  // What the error reply means; OK for any other kind.
  absl::Status status() const;

  // "[1, \"text\", nil]": for test failures. Holds the data, so never for logs.
  std::string DebugString() const;

  friend bool operator==(const Reply&, const Reply&) = default;

 private:
  friend struct ReplyBuilder;

  Kind kind_ = Kind::kNil;
  int64_t integer_ = 0;
  std::string string_;
  std::vector<Reply> elements_;
};

// The Status for an error reply's text.
absl::Status ErrorStatus(std::string_view message);

// The first word of the error reply behind a Status ("NOGROUP", "WRONGTYPE", "ERR"); empty when the
// Status did not come from an error reply, as when the connection was lost.
std::string ErrorKind(const absl::Status& status);

// An UNAVAILABLE of Redis's own: it is away, starting, full or read-only, whatever it was asked.
absl::Status Outage(std::string_view message);
bool IsOutage(const absl::Status& status);

}  // namespace selfology::redis
