#include "services/coaching/coaching_dialog/conversation_cache.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::coaching_dialog {
namespace {

// How long an update waits for Redis; the target is 50 ms (R000-34).
constexpr absl::Duration kRedisTimeout = absl::Milliseconds(250);
// People whom Redis may know too little of, while it is down.
constexpr size_t kMostDoubted = 100'000;
constexpr char kVersion[] = "version";

std::string StateKey(int64_t user_id) { return absl::StrCat("fsm:state:", user_id); }
std::string DataKey(int64_t user_id) { return absl::StrCat("fsm:data:", user_id); }

// KEYS: state, data. ARGV: the version expected, seconds to live, the state's word, then the hash.
const redis::Script& Store() {
  static const auto& script = *new redis::Script(R"lua(
    local version = redis.call('HGET', KEYS[2], 'version') or ''
    if version ~= ARGV[1] then return 0 end
    if ARGV[3] == '' then
      redis.call('DEL', KEYS[1])
    else
      redis.call('SET', KEYS[1], ARGV[3], 'EX', ARGV[2])
    end
    redis.call('HSET', KEYS[2], unpack(ARGV, 4))
    redis.call('EXPIRE', KEYS[2], ARGV[2])
    return 1
  )lua");
  return script;
}

absl::StatusOr<Fields> ToMap(const redis::Reply& hash) {
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> elements, hash.Array());
  Fields fields;
  for (size_t i = 0; i + 1 < elements.size(); i += 2) {
    ASSIGN_OR_RETURN(const std::string_view name, elements[i].String());
    ASSIGN_OR_RETURN(const std::string_view value, elements[i + 1].String());
    fields.emplace(name, value);
  }
  return fields;
}

}  // namespace

absl::StatusOr<std::optional<Kept>> ConversationCache::Get(const Call& call, int64_t user_id) {
  const std::optional<absl::Time> doubted_since = DoubtedSince(user_id);
  ASSIGN_OR_RETURN(std::optional<Kept> kept, Read(call.WithTimeout(kRedisTimeout), user_id));
  if (kept.has_value() && doubted_since.has_value()) {
    kept->doubted_since = doubted_since;
    Forget(kept->conversation);
  }
  return kept;
}

absl::StatusOr<bool> ConversationCache::Put(const Call& call, Kept& kept) {
  kept.conversation.updated_at = clock_();
  const int64_t user_id = kept.conversation.user_id;
  std::string next_version = NewVersion();
  const absl::StatusOr<bool> stored = Write(call.WithTimeout(kRedisTimeout), kept, next_version);
  if (!stored.ok()) {
    Doubt(user_id);
    return stored.status();
  }
  if (!*stored) return false;
  Settle(user_id, kept.doubted_since);
  kept.version = std::move(next_version);
  return true;
}

void ConversationCache::Doubt(int64_t user_id) {
  const absl::Time now = clock_();
  absl::MutexLock lock(&mutex_);
  if (doubted_.size() >= kMostDoubted) {
    // By then Redis has forgotten what it has now.
    all_doubted_until_ = now + kRemembered;
    doubted_.clear();
  }
  doubted_.insert_or_assign(user_id, now);
}

std::optional<absl::Time> ConversationCache::DoubtedSince(int64_t user_id) {
  const absl::Time now = clock_();
  absl::MutexLock lock(&mutex_);
  const auto found = doubted_.find(user_id);
  if (found != doubted_.end()) return found->second;
  if (now < all_doubted_until_) return all_doubted_until_;
  return std::nullopt;
}

void ConversationCache::Settle(int64_t user_id, std::optional<absl::Time> doubted_since) {
  if (!doubted_since.has_value()) return;
  absl::MutexLock lock(&mutex_);
  const auto found = doubted_.find(user_id);
  if (found != doubted_.end() && found->second == *doubted_since) doubted_.erase(found);
}

absl::StatusOr<int64_t> ConversationCache::Delete(const Call& call, int64_t user_id) {
  ASSIGN_OR_RETURN(const redis::Reply reply,
                   redis_.Command(call.WithTimeout(kRedisTimeout),
                                  {"DEL", StateKey(user_id), DataKey(user_id)}));
  return reply.Integer();
}

absl::StatusOr<std::optional<Kept>> ConversationCache::Read(const Call& call, int64_t user_id) {
  redis::Batch batch;
  batch.Add({"GET", StateKey(user_id)}).Add({"HGETALL", DataKey(user_id)});
  ASSIGN_OR_RETURN(const redis::Replies replies, redis_.Pipeline(call, batch));
  RETURN_IF_ERROR(replies[0]);
  RETURN_IF_ERROR(replies[1]);
  ASSIGN_OR_RETURN(const Fields fields, ToMap(*replies[1]));
  const auto version = fields.find(kVersion);
  if (version == fields.end()) return std::nullopt;
  std::string state;
  if (!replies[0]->is_nil()) {
    ASSIGN_OR_RETURN(const std::string_view word, replies[0]->String());
    state = std::string(word);
  }
  return Kept{.conversation = FromFields(user_id, state, fields), .version = version->second};
}

absl::StatusOr<bool> ConversationCache::Write(const Call& call, const Kept& kept,
                                              const std::string& next_version) {
  const Conversation& conversation = kept.conversation;
  redis::Args args{kept.version, absl::ToInt64Seconds(kRemembered),
                   enums::LowerWord(conversation.state), kVersion, next_version};
  for (const auto& [name, value] : ToFields(conversation)) args.Add(name).Add(value);
  ASSIGN_OR_RETURN(
      const redis::Reply reply,
      redis_.Eval(call, Store(), {StateKey(conversation.user_id), DataKey(conversation.user_id)},
                  args));
  ASSIGN_OR_RETURN(const int64_t stored, reply.Integer());
  return stored == 1;
}

std::string ConversationCache::NewVersion() {
  absl::MutexLock lock(&mutex_);
  return absl::StrCat(absl::Hex(absl::Uniform<uint64_t>(random_), absl::kZeroPad16));
}

}  // namespace selfology::coaching_dialog
