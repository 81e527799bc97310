#include "services/studio/social/platforms/answer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/json/value.h"
#include "common/status/status.h"

namespace selfology::social {
namespace {

using Kind = Outcome::Kind;

constexpr absl::Duration kAfter429 = absl::Minutes(1);
constexpr absl::Duration kLongestWait = absl::Hours(6);

absl::Duration WaitOf(const http::ClientResponse& response) {
  int64_t seconds = 0;
  if (!absl::SimpleAtoi(response.headers.Get("Retry-After").value_or(""), &seconds) ||
      seconds <= 0) {
    return kAfter429;
  }
  return std::min(absl::Seconds(seconds), kLongestWait);
}

Outcome OfNoAnswer(const absl::Status& error, std::string_view platform) {
  const std::string reason = status::Reason(error);
  if (reason == "CONNECT_FAILED") {
    return {.kind = Kind::kLater,
            .reason = absl::StrCat(platform, " cannot be reached; it is tried again"),
            .evidence = "not connected"};
  }
  if (reason == "TLS_NOT_TRUSTED" || reason == "ADDRESS_NOT_ALLOWED" ||
      absl::IsInvalidArgument(error)) {
    return {.kind = Kind::kRefused,
            .reason = "the server's address or certificate is not good: check it",
            .evidence = absl::StrCat("not sent: ", reason)};
  }
  return {.kind = Kind::kUnknown,
          .reason = absl::StrCat(platform, " did not answer; whether it has the post is looked up"),
          .evidence = absl::StrCat("no answer: ", reason)};
}

}  // namespace

std::optional<Outcome> FailureOf(const absl::StatusOr<http::ClientResponse>& response,
                                 std::string_view platform) {
  if (!response.ok()) return OfNoAnswer(response.status(), platform);
  const int status = response->status;
  if (status / 100 == 2) return std::nullopt;
  Outcome outcome{.evidence = absl::StrCat("HTTP ", status)};
  if (status == 401 || status == 403) {
    outcome.kind = Kind::kTokenRefused;
    outcome.reason = absl::StrCat(platform, " refuses the token: connect the account again");
  } else if (status == 429) {
    outcome.kind = Kind::kLater;
    outcome.reason = absl::StrCat(platform, " wants us to wait; it is tried again");
    outcome.retry_after = WaitOf(*response);
  } else if (status == 408 || status / 100 == 5 || status / 100 == 3) {
    outcome.kind = Kind::kUnknown;
    outcome.reason =
        absl::StrCat(platform, " answered ", status, "; whether it has the post is looked up");
  } else {
    outcome.kind = Kind::kRefused;
    outcome.reason = absl::StrCat(platform, " refuses the post (", status, "): change it");
  }
  return outcome;
}

Outcome NothingPublished(Outcome failed) {
  if (failed.kind == Kind::kUnknown) {
    failed.kind = Kind::kLater;
    failed.reason = "a picture could not be brought there; it is tried again";
  }
  return failed;
}

absl::Status ErrorOf(const absl::StatusOr<http::ClientResponse>& response,
                     std::string_view platform) {
  if (response.ok() && response->status == 404) {
    return absl::NotFoundError(absl::StrCat(platform, " has no such thing"));
  }
  const std::optional<Outcome> failed = FailureOf(response, platform);
  if (!failed.has_value()) return absl::OkStatus();
  if (failed->kind == Kind::kLater || failed->kind == Kind::kUnknown) {
    return absl::UnavailableError(absl::StrCat(platform, " cannot be asked now"));
  }
  return absl::FailedPreconditionError(
      failed->kind == Kind::kTokenRefused
          ? absl::StrCat(platform, " refuses the token: make another one there")
          : absl::StrCat(platform, " refuses: ", failed->evidence));
}

nlohmann::json JsonOf(const http::ClientResponse& response) {
  absl::StatusOr<nlohmann::json> value = json::ParseValue(response.body);
  if (!value.ok() || !(value->is_object() || value->is_array())) return nlohmann::json::object();
  return *std::move(value);
}

std::string TextAt(const nlohmann::json& object, const char* name) {
  if (!object.is_object()) return "";
  const auto at = object.find(name);
  if (at == object.end()) return "";
  if (at->is_string()) return at->get<std::string>();
  if (at->is_number_integer()) return absl::StrCat(at->get<int64_t>());
  return "";
}

nlohmann::json ObjectAt(const nlohmann::json& object, const char* name) {
  if (object.is_object()) {
    const auto at = object.find(name);
    if (at != object.end() && at->is_object()) return *at;
  }
  return nlohmann::json::object();
}

int64_t NumberAt(const nlohmann::json& object, const char* name) {
  if (!object.is_object()) return 0;
  const auto at = object.find(name);
  return at != object.end() && at->is_number_integer() ? std::max<int64_t>(at->get<int64_t>(), 0)
                                                       : 0;
}

}  // namespace selfology::social
