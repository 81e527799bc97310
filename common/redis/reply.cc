#include "common/redis/reply.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace selfology::redis {
namespace {

// Not a type.googleapis.com URL, so it stays in this process.
constexpr std::string_view kErrorKindUrl = "selfology/redis.error_kind";
constexpr std::string_view kOutageUrl = "selfology/redis.outage";

std::string_view Name(Reply::Kind kind) {
  switch (kind) {
    case Reply::Kind::kNil:
      return "nil";
    case Reply::Kind::kInteger:
      return "an integer";
    case Reply::Kind::kString:
      return "a string";
    case Reply::Kind::kArray:
      return "an array";
    case Reply::Kind::kError:
      return "an error";
  }
  return "?";
}

absl::Status Unexpected(Reply::Kind wanted, const Reply& reply) {
  if (reply.is_error()) return reply.status();
  return absl::InternalError(
      absl::StrCat("redis replied ", Name(reply.kind()), " instead of ", Name(wanted)));
}

absl::StatusCode CodeOf(std::string_view kind, std::string_view message) {
  using absl::StatusCode;
  // The only way to tell, in Redis 7, that a stream already holds this or a later entry.
  if (message.starts_with("ERR The ID specified in XADD is equal or smaller")) {
    return StatusCode::kAlreadyExists;
  }
  static const auto* const codes = new absl::flat_hash_map<std::string_view, StatusCode>{
      {"LOADING", StatusCode::kUnavailable},
      {"READONLY", StatusCode::kUnavailable},
      {"OOM", StatusCode::kUnavailable},
      {"MASTERDOWN", StatusCode::kUnavailable},
      {"CLUSTERDOWN", StatusCode::kUnavailable},
      {"TRYAGAIN", StatusCode::kUnavailable},
      {"BUSY", StatusCode::kUnavailable},
      {"NOREPLICAS", StatusCode::kUnavailable},
      {"MISCONF", StatusCode::kUnavailable},
      {"NOAUTH", StatusCode::kUnauthenticated},
      {"WRONGPASS", StatusCode::kUnauthenticated},
      {"NOPERM", StatusCode::kPermissionDenied},
      {"NOSCRIPT", StatusCode::kNotFound},
      {"BUSYGROUP", StatusCode::kAlreadyExists},
      {"BUSYKEY", StatusCode::kAlreadyExists},
      {"WRONGTYPE", StatusCode::kFailedPrecondition},
      {"NOGROUP", StatusCode::kFailedPrecondition},
      {"EXECABORT", StatusCode::kFailedPrecondition},
      {"MOVED", StatusCode::kFailedPrecondition},
      {"ASK", StatusCode::kFailedPrecondition},
      {"CROSSSLOT", StatusCode::kFailedPrecondition},
      {"NOTBUSY", StatusCode::kFailedPrecondition},
      {"INPROG", StatusCode::kFailedPrecondition},
      {"UNBLOCKED", StatusCode::kAborted},
  };
  const auto found = codes->find(kind);
  return found == codes->end() ? StatusCode::kInternal : found->second;
}

}  // namespace

Reply Reply::OfInteger(int64_t value) {
  Reply reply;
  reply.kind_ = Kind::kInteger;
  reply.integer_ = value;
  return reply;
}

Reply Reply::OfString(std::string value) {
  Reply reply;
  reply.kind_ = Kind::kString;
  reply.string_ = std::move(value);
  return reply;
}

Reply Reply::OfArray(std::vector<Reply> elements) {
  Reply reply;
  reply.kind_ = Kind::kArray;
  reply.elements_ = std::move(elements);
  return reply;
}

Reply Reply::OfError(std::string message) {
  Reply reply;
  reply.kind_ = Kind::kError;
  reply.string_ = std::move(message);
  return reply;
}

absl::StatusOr<int64_t> Reply::Integer() const {
  if (kind_ != Kind::kInteger) return Unexpected(Kind::kInteger, *this);
  return integer_;
}

absl::StatusOr<std::string_view> Reply::String() const {
  if (kind_ != Kind::kString) return Unexpected(Kind::kString, *this);
  return std::string_view(string_);
}

absl::StatusOr<absl::Span<const Reply>> Reply::Array() const {
  if (kind_ != Kind::kArray) return Unexpected(Kind::kArray, *this);
  return absl::MakeConstSpan(elements_);
}

absl::StatusOr<std::string> Reply::TakeString() && {
  if (kind_ != Kind::kString) return Unexpected(Kind::kString, *this);
  return std::move(string_);
}

absl::Status Reply::status() const { return is_error() ? ErrorStatus(string_) : absl::OkStatus(); }

std::string Reply::DebugString() const {
  switch (kind_) {
    case Kind::kNil:
      return "nil";
    case Kind::kInteger:
      return absl::StrCat(integer_);
    case Kind::kString:
      return absl::StrCat("\"", absl::CHexEscape(string_), "\"");
    case Kind::kError:
      return absl::StrCat("error(", string_, ")");
    case Kind::kArray:
      return absl::StrCat("[",
                          absl::StrJoin(elements_, ", ",
                                        [](std::string* out, const Reply& element) {
                                          out->append(element.DebugString());
                                        }),
                          "]");
  }
  return "?";
}

absl::Status ErrorStatus(std::string_view message) {
  const std::string_view kind = message.substr(0, message.find(' '));
  // Redis quotes the arguments of a command it does not know, and those may be somebody's words.
  const std::string_view told = message.substr(0, message.find(", with args beginning"));
  absl::Status status(CodeOf(kind, message), absl::StrCat("redis: ", told));
  if (absl::IsUnavailable(status)) status = Outage(status.message());
  status.SetPayload(kErrorKindUrl, absl::Cord(kind));
  return status;
}

absl::Status Outage(std::string_view message) {
  absl::Status status = absl::UnavailableError(message);
  status.SetPayload(kOutageUrl, absl::Cord());
  return status;
}

bool IsOutage(const absl::Status& status) { return status.GetPayload(kOutageUrl).has_value(); }

std::string ErrorKind(const absl::Status& status) {
  const auto kind = status.GetPayload(kErrorKindUrl);
  return kind.has_value() ? std::string(*kind) : std::string();
}

}  // namespace selfology::redis
