#include "services/growth/gamification/boards/board_cache.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/status/status_macros.h"
#include "services/growth/gamification/boards/score_store.h"

namespace selfology::gamification {
namespace {

// One hash slot for all, so that scripts may use several keys in a cluster.
constexpr char kPrefix[] = "{selfology:gamification:boards}:";
constexpr absl::Duration kOverlap = absl::Seconds(10);
constexpr int64_t kPage = 10'000;
constexpr int kMadeAtOnce = 4;

// KEYS: the board, its mark, those asked for. ARGV: the board's name, a member or empty, the first
// place from 0 or how many neighbours, how many. Gives false when the board is not there; else the
// number of members, and for each: the id, the score, how many are better.
constexpr char kAsk[] = R"(
if redis.call('GET', KEYS[2]) ~= 'ready' then
  redis.call('SADD', KEYS[3], ARGV[1])
  return false
end
local answer = {redis.call('ZCARD', KEYS[1])}
local first = tonumber(ARGV[3])
local last = first + tonumber(ARGV[4]) - 1
if ARGV[2] ~= '' then
  local at = redis.call('ZRANK', KEYS[1], ARGV[2])
  if not at then return answer end
  last = at + first
  first = math.max(0, at - first)
end
local rows = redis.call('ZRANGE', KEYS[1], first, last, 'WITHSCORES')
local score, better = nil, 0
for i = 1, #rows, 2 do
  if rows[i + 1] ~= score then
    score = rows[i + 1]
    better = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. score)
  end
  answer[#answer + 1] = rows[i]
  answer[#answer + 1] = score
  answer[#answer + 1] = better
end
return answer
)";

// KEYS: the board, its mark. ARGV: score and member in turn; a score of "gone" removes.
constexpr char kTake[] = R"(
if redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
for i = 1, #ARGV, 2 do
  if ARGV[i] == 'gone' then
    redis.call('ZREM', KEYS[1], ARGV[i + 1])
  else
    redis.call('ZADD', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
return 1
)";

std::string NameOf(std::string_view board, std::string_view period) {
  return absl::StrCat(board, "|", period);
}
std::string KeyOf(std::string_view name) { return absl::StrCat(kPrefix, "b:", name); }
std::string MarkOf(std::string_view name) { return absl::StrCat(kPrefix, "m:", name); }
std::string Asked() { return absl::StrCat(kPrefix, "asked"); }
std::string Since() { return absl::StrCat(kPrefix, "since"); }
// The names of the boards that were made.
std::string Made() { return absl::StrCat(kPrefix, "made"); }
// Who was erased, and when.
std::string Erased() { return absl::StrCat(kPrefix, "erased"); }

// Of one length, so that their order as text is that of the ids.
std::string MemberOf(int64_t user_id) { return absl::StrFormat("%019d", user_id); }

}  // namespace

BoardCache::BoardCache(redis::Client& redis, postgres::Database& database)
    : redis_(redis), database_(database) {}

absl::StatusOr<std::optional<Slice>> BoardCache::Around(const Call& call, std::string_view board,
                                                        std::string_view period, int64_t user_id,
                                                        int neighbours) {
  return Ask(call, board, period, user_id, neighbours, 0);
}

absl::StatusOr<std::optional<Slice>> BoardCache::From(const Call& call, std::string_view board,
                                                      std::string_view period, int64_t place,
                                                      int count) {
  return Ask(call, board, period, 0, place - 1, count);
}

absl::StatusOr<std::optional<Slice>> BoardCache::Ask(const Call& call, std::string_view board,
                                                     std::string_view period, int64_t user_id,
                                                     int64_t first, int64_t count) {
  static const auto& script = *new redis::Script(kAsk);
  const std::string name = NameOf(board, period);
  ASSIGN_OR_RETURN(const redis::Reply reply,
                   redis_.Eval(call, script, {KeyOf(name), MarkOf(name), Asked()},
                               {name, user_id == 0 ? std::string() : MemberOf(user_id),
                                absl::StrCat(first), absl::StrCat(count)}));
  if (reply.is_nil()) return std::nullopt;
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> parts, reply.Array());
  if (parts.empty()) return absl::InternalError("a board's answer is empty");
  Slice slice;
  ASSIGN_OR_RETURN(slice.members, parts[0].Integer());
  for (size_t i = 1; i + 2 < parts.size(); i += 3) {
    ASSIGN_OR_RETURN(const std::string_view member, parts[i].String());
    ASSIGN_OR_RETURN(const std::string_view negative, parts[i + 1].String());
    ASSIGN_OR_RETURN(const int64_t better, parts[i + 2].Integer());
    int64_t id = 0;
    double score = 0;
    if (!absl::SimpleAtoi(member, &id) || !absl::SimpleAtod(negative, &score)) {
      return absl::InternalError("a board's member is malformed");
    }
    v1::Standing& standing = slice.standings.emplace_back();
    standing.set_member_id(id);
    standing.set_score(static_cast<int64_t>(-score));
    standing.set_rank(better + 1);
  }
  return slice;
}

absl::Status BoardCache::Forget(const Call& call, int64_t user_id, absl::Time now) {
  return redis_
      .Command(call, {"ZADD", Erased(), absl::StrCat(absl::ToUnixMicros(now)), MemberOf(user_id)})
      .status();
}

absl::Status BoardCache::Refresh(const Call& call, absl::Time now) {
  RETURN_IF_ERROR(TakeChanges(call, now));
  RETURN_IF_ERROR(TakeErased(call, now));
  ASSIGN_OR_RETURN(const redis::Reply asked,
                   redis_.Command(call, {"SPOP", Asked(), absl::StrCat(kMadeAtOnce)}));
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> names, asked.Array());
  for (const redis::Reply& reply : names) {
    ASSIGN_OR_RETURN(const std::string_view name, reply.String());
    RETURN_IF_ERROR(Make(call, std::string(name)));
  }
  return absl::OkStatus();
}

absl::Status BoardCache::TakeChanges(const Call& call, absl::Time now) {
  static const auto& script = *new redis::Script(kTake);
  ASSIGN_OR_RETURN(const redis::Reply since, redis_.Command(call, {"GET", Since()}));
  int64_t micros = 0;
  // Where nothing is known of it, no board is there either, or it was made before this looked.
  absl::Time from = now - kOverlap;
  if (!since.is_nil() && absl::SimpleAtoi(since.String().value_or(""), &micros)) {
    from = absl::FromUnixMicros(micros) - kOverlap;
  }
  absl::Time newest = from + kOverlap;
  for (;;) {
    ASSIGN_OR_RETURN(
        const std::vector<store::Changed> changed,
        database_.Read(
            call, [&](postgres::Transaction& tx) { return store::ReadChanged(tx, from, kPage); },
            {.newest = true}));
    std::map<std::string, redis::Args> boards;
    for (const store::Changed& one : changed) {
      redis::Args& args = boards[NameOf(one.board, one.period)];
      args.Add(one.gone ? std::string("gone") : absl::StrCat(-one.score));
      args.Add(MemberOf(one.user_id));
      newest = std::max(newest, one.at);
    }
    for (const auto& [name, args] : boards) {
      RETURN_IF_ERROR(redis_.Eval(call, script, {KeyOf(name), MarkOf(name)}, args).status());
    }
    if (static_cast<int64_t>(changed.size()) < kPage || changed.back().at == from) break;
    from = changed.back().at;
  }
  return redis_.Command(call, {"SET", Since(), absl::StrCat(absl::ToUnixMicros(newest))}).status();
}

absl::Status BoardCache::TakeErased(const Call& call, absl::Time now) {
  static const auto& script = *new redis::Script(kTake);
  ASSIGN_OR_RETURN(const redis::Reply erased,
                   redis_.Command(call, {"ZRANGE", Erased(), "0", "-1"}));
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> members, erased.Array());
  std::vector<int64_t> users;
  for (const redis::Reply& reply : members) {
    ASSIGN_OR_RETURN(const std::string_view member, reply.String());
    if (!absl::SimpleAtoi(member, &users.emplace_back())) users.pop_back();
  }
  if (users.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const redis::Reply made, redis_.Command(call, {"SMEMBERS", Made()}));
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> names, made.Array());
  for (const redis::Reply& reply : names) {
    ASSIGN_OR_RETURN(const std::string_view name, reply.String());
    const std::pair<std::string, std::string> parts = absl::StrSplit(name, absl::MaxSplits('|', 1));
    // Whoever has come back since has scores again.
    ASSIGN_OR_RETURN(const std::vector<store::Scored> back,
                     database_.Read(call,
                                    [&](postgres::Transaction& tx) {
                                      return store::ReadScores(tx, parts.first, parts.second,
                                                               users);
                                    },
                                    {.newest = true}));
    std::map<int64_t, std::string> scores;
    for (const int64_t user : users) scores[user] = "gone";
    for (const store::Scored& one : back) scores[one.user_id] = absl::StrCat(-one.score);
    redis::Args args;
    for (const auto& [user, score] : scores) {
      args.Add(score);
      args.Add(MemberOf(user));
    }
    ASSIGN_OR_RETURN(const redis::Reply taken,
                     redis_.Eval(call, script, {KeyOf(name), MarkOf(name)}, args));
    if (taken.Integer().value_or(0) == 1) continue;
    // Nobody has asked for it for days; it is made anew when somebody does.
    RETURN_IF_ERROR(redis_.Command(call, {"DEL", KeyOf(name)}).status());
    RETURN_IF_ERROR(redis_.Command(call, {"SREM", Made(), std::string(name)}).status());
  }
  // What was read before the erasure may have been written after it: those of the last seconds are
  // looked for again.
  return redis_
      .Command(call, {"ZREMRANGEBYSCORE", Erased(), "-inf",
                      absl::StrCat(absl::ToUnixMicros(now - kOverlap))})
      .status();
}

absl::Status BoardCache::Make(const Call& call, const std::string& name) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(name, absl::MaxSplits('|', 1));
  RETURN_IF_ERROR(redis_.Command(call, {"SADD", Made(), name}).status());
  RETURN_IF_ERROR(redis_.Command(call, {"DEL", KeyOf(name)}).status());
  // From here on changes are taken over as well: what a page read before them is set right when the
  // next Refresh looks at the seconds before again.
  RETURN_IF_ERROR(redis_.Command(call, {"SET", MarkOf(name), "under way"}).status());
  int64_t after = 0;
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<store::Scored> page,
                     database_.Read(call,
                                    [&](postgres::Transaction& tx) {
                                      return store::ReadAfter(tx, parts.first, parts.second, after,
                                                              kPage);
                                    },
                                    {.newest = true}));
    if (page.empty()) break;
    redis::Args add = {"ZADD", KeyOf(name)};
    for (const store::Scored& one : page) {
      add.Add(absl::StrCat(-one.score));
      add.Add(MemberOf(one.user_id));
    }
    RETURN_IF_ERROR(redis_.Command(call, add).status());
    after = page.back().user_id;
  }
  return redis_.Command(call, {"SET", MarkOf(name), "ready", "EX", "172800"}).status();
}

}  // namespace selfology::gamification
