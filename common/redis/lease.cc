#include "common/redis/lease.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::redis {
namespace {

const Script& KeepScript() {
  static const auto& script =
      *new Script(absl::StrCat(Lease::kLua, "return keep_lease(KEYS[1], ARGV[1], ARGV[2])"));
  return script;
}

const Script& ReleaseScript() {
  static const auto& script =
      *new Script(absl::StrCat(Lease::kLua, "return release_lease(KEYS[1], ARGV[1])"));
  return script;
}

absl::StatusOr<bool> IsOne(const absl::StatusOr<Reply>& reply) {
  RETURN_IF_ERROR(reply.status());
  ASSIGN_OR_RETURN(const int64_t number, reply->Integer());
  return number == 1;
}

}  // namespace

Lease::Lease(Client& redis, std::string key, std::string holder, absl::Duration length)
    : redis_(redis),
      key_(std::move(key)),
      holder_(std::move(holder)),
      milliseconds_(std::max<int64_t>(1, absl::ToInt64Milliseconds(length))) {}

absl::StatusOr<bool> Lease::Take(const Call& call) const {
  ASSIGN_OR_RETURN(const Reply reply,
                   redis_.Command(call, {"SET", key_, holder_, "NX", "PX", milliseconds_}));
  return !reply.is_nil();
}

absl::StatusOr<bool> Lease::Keep(const Call& call) const {
  return IsOne(redis_.Eval(call, KeepScript(), {key_}, {holder_, milliseconds_}));
}

absl::StatusOr<bool> Lease::Release(const Call& call) const {
  return IsOne(redis_.Eval(call, ReleaseScript(), {key_}, {holder_}));
}

}  // namespace selfology::redis
