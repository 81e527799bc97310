#include "services/coaching/coaching_dialog/conversation_cache.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::coaching_dialog {
namespace {

// What Redis may cost an update; spec 000 aims at 50 ms.
constexpr absl::Duration kRedisTimeout = absl::Milliseconds(250);
// People whose conversations are kept here while Redis is down.
constexpr size_t kMaxRemembered = 100'000;
// Between the clock of erasures and this process's. A conversation that is lost is worked out anew.
constexpr absl::Duration kClockSkew = absl::Minutes(1);
constexpr char kVersion[] = "version";
constexpr char kAnyVersion[] = "*";

std::string StateKey(int64_t user_id) { return absl::StrCat("fsm:state:", user_id); }
std::string DataKey(int64_t user_id) { return absl::StrCat("fsm:data:", user_id); }

// KEYS: state, data. ARGV: the version expected, seconds to live, the state's word, then the hash.
const redis::Script& Store() {
  static const auto& script = *new redis::Script(R"lua(
    local version = redis.call('HGET', KEYS[2], 'version') or ''
    if ARGV[1] ~= '*' and version ~= ARGV[1] then return 0 end
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

std::optional<Kept> ConversationCache::Get(const Call& call, int64_t user_id) {
  if (std::optional<Kept> remembered = Remembered(call, user_id)) return remembered;
  absl::StatusOr<std::optional<Kept>> kept = Read(call.WithTimeout(kRedisTimeout), user_id);
  if (kept.ok()) return *std::move(kept);
  observe::Warning("conversation cache read failed", {{"status", kept.status()}});
  return std::nullopt;
}

bool ConversationCache::Put(const Call& call, Kept& kept) {
  kept.conversation.updated_at = clock_();
  const int64_t user_id = kept.conversation.user_id;
  const std::string next_version = NewVersion();
  const std::optional<Kept> in_memory = Remembered(call, user_id);
  if (in_memory.has_value() && in_memory->version != kept.version) return false;
  const absl::StatusOr<bool> stored =
      Write(call.WithTimeout(kRedisTimeout), kept,
            in_memory.has_value() ? kAnyVersion : kept.version, next_version);
  if (!stored.ok()) {
    observe::Warning("conversation cache write failed; kept in memory",
                     {{"status", stored.status()}});
    return Remember(kept, next_version);
  }
  if (!*stored) return false;
  {
    absl::MutexLock lock(&mutex_);
    if (const auto found = memory_.find(user_id);
        found != memory_.end() && found->second.version == kept.version) {
      memory_.erase(found);
    }
  }
  kept.version = next_version;
  return true;
}

absl::StatusOr<int64_t> ConversationCache::Delete(const Call& call, int64_t user_id) {
  {
    absl::MutexLock lock(&mutex_);
    memory_.erase(user_id);
  }
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
                                              const std::string& expected_version,
                                              const std::string& next_version) {
  const Conversation& conversation = kept.conversation;
  redis::Args args{expected_version, absl::ToInt64Seconds(kRemembered),
                   enums::LowerWord(conversation.state), kVersion, next_version};
  for (const auto& [name, value] : ToFields(conversation)) args.Add(name).Add(value);
  ASSIGN_OR_RETURN(
      const redis::Reply reply,
      redis_.Eval(call, Store(), {StateKey(conversation.user_id), DataKey(conversation.user_id)},
                  args));
  ASSIGN_OR_RETURN(const int64_t stored, reply.Integer());
  return stored == 1;
}

std::optional<Kept> ConversationCache::Remembered(const Call& call, int64_t user_id) {
  std::optional<Kept> kept;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = memory_.find(user_id);
    if (found == memory_.end()) return std::nullopt;
    kept = found->second;
  }
  const absl::Time updated_at = kept->conversation.updated_at;
  if (clock_() < updated_at + kRemembered) {
    const absl::StatusOr<absl::Time> erased_at = erased_at_(call, user_id);
    if (erased_at.ok() && *erased_at + kClockSkew < updated_at) return kept;
    // Better to work it out anew than to bring back what was erased.
    if (!erased_at.ok()) {
      observe::Warning("conversation in memory dropped", {{"status", erased_at.status()}});
    }
  }
  absl::MutexLock lock(&mutex_);
  const auto found = memory_.find(user_id);
  if (found != memory_.end() && found->second.version == kept->version) memory_.erase(found);
  return std::nullopt;
}

bool ConversationCache::Remember(Kept& kept, std::string next_version) {
  absl::MutexLock lock(&mutex_);
  const auto found = memory_.find(kept.conversation.user_id);
  if (found != memory_.end() && found->second.version != kept.version) return false;
  kept.version = std::move(next_version);
  // With a full memory the conversation is lost, and worked out anew when it is needed.
  if (found != memory_.end() || memory_.size() < kMaxRemembered) {
    memory_.insert_or_assign(kept.conversation.user_id, kept);
  }
  return true;
}

std::string ConversationCache::NewVersion() {
  absl::MutexLock lock(&mutex_);
  return absl::StrCat(absl::Hex(absl::Uniform<uint64_t>(random_), absl::kZeroPad16));
}

}  // namespace selfology::coaching_dialog
