#include "services/coaching/coach/growing_reply.h"

#include "absl/strings/str_cat.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::coach {
namespace {

// Long enough for whoever joins late; then the database has it.
constexpr int kSecondsKept = 600;
constexpr absl::Duration kDeleteTimeout = absl::Seconds(5);
// The reply must not wait for a slow Redis.
constexpr absl::Duration kMostDelay = absl::Milliseconds(100);

std::string Key(int64_t message_id) { return absl::StrCat("coach:reply:", message_id); }

}  // namespace

void GrowingReplies::Push(const Call& call, int64_t message_id, const std::string& piece) {
  redis::Batch batch;
  batch.Add({"RPUSH", Key(message_id), piece});
  batch.Add({"EXPIRE", Key(message_id), kSecondsKept});
  const auto replies = redis_.Pipeline(call.WithTimeout(kMostDelay), batch);
  if (!replies.ok())
    observe::Warning("partial coach reply not streamed", {{"status", replies.status()}});
}

void GrowingReplies::Append(const Call& call, int64_t message_id, std::string_view text) {
  if (!text.empty()) Push(call, message_id, absl::StrCat("+", text));
}

void GrowingReplies::Restart(const Call& call, int64_t message_id) { Push(call, message_id, "!"); }

void GrowingReplies::Delete(const std::vector<int64_t>& message_ids) {
  if (message_ids.empty()) return;
  redis::Args command{"DEL"};
  for (const int64_t id : message_ids) command.Add(Key(id));
  const auto deleted = redis_.Command(Call::Background(kDeleteTimeout), command);
  if (!deleted.ok()) {
    observe::Warning("partial coach replies not deleted", {{"status", deleted.status()}});
  }
}

absl::StatusOr<std::vector<GrowingReplies::Piece>> GrowingReplies::Read(const Call& call,
                                                                        int64_t message_id,
                                                                        size_t from) {
  ASSIGN_OR_RETURN(const redis::Reply reply,
                   redis_.Command(call, {"LRANGE", Key(message_id), from, -1}));
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> elements, reply.Array());
  std::vector<Piece> pieces;
  for (const redis::Reply& element : elements) {
    ASSIGN_OR_RETURN(const std::string_view text, element.String());
    if (text == "!") {
      pieces.push_back({.restart = true, .text = ""});
    } else {
      pieces.push_back({.restart = false, .text = std::string(text.substr(text.empty() ? 0 : 1))});
    }
  }
  return pieces;
}

}  // namespace selfology::coach
