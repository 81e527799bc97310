// A reply while it is being written, shared through Redis between the process that makes it and
// those that stream it.
//
// A list of pieces under coach:reply:{message_id}, each "+text", or "!" where the text begins anew.
// Optional: without Redis the complete reply comes from the database when it is done. Threads:
// thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/redis/client.h"

namespace selfology::coach {

class GrowingReplies {
 public:
  struct Piece {
    bool restart = false;
    std::string text;
  };

  // redis must outlive it.
  explicit GrowingReplies(redis::Client& redis) : redis_(redis) {}

  void Append(const Call& call, int64_t message_id, std::string_view text);
  // Forget the text so far. Harmless when there is none.
  void Restart(const Call& call, int64_t message_id);

  // For people who are erased. What cannot be deleted is gone within ten minutes.
  void Delete(const std::vector<int64_t>& message_ids);

  // Pieces from the `from`th on, 0 being the first.
  absl::StatusOr<std::vector<Piece>> Read(const Call& call, int64_t message_id, size_t from);

 private:
  void Push(const Call& call, int64_t message_id, const std::string& piece);

  redis::Client& redis_;
};

}  // namespace selfology::coach
