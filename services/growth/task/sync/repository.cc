#include "services/growth/task/sync/repository.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/json/value.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/integration/v1/connection_service_client.h"

namespace selfology::task {
namespace {

using integration::v1::CallProviderRequest;
using integration::v1::CallProviderResponse;

void Add(google::protobuf::RepeatedPtrField<integration::v1::Pair>& pairs, std::string_view key,
         std::string value) {
  integration::v1::Pair& pair = *pairs.Add();
  pair.set_key(std::string(key));
  pair.set_value(std::move(value));
}

absl::Status Judge(const CallProviderRequest& request, int http_status) {
  const std::string said = absl::StrCat("the repository answered ", http_status);
  if (http_status >= 200 && http_status < 300) return absl::OkStatus();
  if (http_status == 404 || http_status == 410 || (http_status >= 300 && http_status < 400)) {
    return status::Error(absl::StatusCode::kNotFound, "SYNC_GONE", said);
  }
  if (http_status == 401 || http_status == 403) {
    return status::Error(absl::StatusCode::kPermissionDenied, "SYNC_REFUSED", said);
  }
  if (http_status < 500)
    return status::Error(absl::StatusCode::kInvalidArgument, "SYNC_INVALID", said);
  // It may have been done, and only the answer was lost on the way.
  if (request.method() == "POST") {
    return status::Error(absl::StatusCode::kAborted, "SYNC_UNKNOWN", said);
  }
  return absl::UnavailableError(said);
}

template <typename Value>
absl::StatusOr<Value> Understood(absl::StatusOr<Value> value) {
  if (value.ok()) return value;
  return status::Error(absl::StatusCode::kInternal, "SYNC_BAD_ANSWER", value.status().message());
}

bool IsNamePart(std::string_view part) {
  return !part.empty() && part.size() <= 100 && part != "." && part != ".." &&
         std::all_of(part.begin(), part.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
         });
}

}  // namespace

CallProviderRequest Repository::To(std::string_view method, std::string_view below) const {
  CallProviderRequest request;
  request.set_user_id(address_.owner);
  request.set_connection_id(address_.connection_id);
  request.set_method(std::string(method));
  request.set_path(absl::StrCat("/repos/", address_.name, below));
  // The same change twice is one change; making an issue twice makes two.
  request.set_idempotent(method != "POST");
  Add(*request.mutable_headers(), "X-GitHub-Api-Version", "2022-11-28");
  return request;
}

absl::StatusOr<std::string> Repository::Send(const Call& call, CallProviderRequest request) const {
  if (!request.body().empty()) {
    Add(*request.mutable_headers(), "Content-Type", "application/json");
  }
  const integration::v1::ProxyServiceClient proxy(integration_);
  ASSIGN_OR_RETURN(CallProviderResponse response, proxy.CallProvider(call.InOwnName(), request));
  RETURN_IF_ERROR(Judge(request, response.status()));
  return std::move(*response.mutable_body());
}

absl::StatusOr<std::string> Repository::FullName(const Call& call) const {
  ASSIGN_OR_RETURN(const std::string body, Send(call, To("GET", "")));
  ASSIGN_OR_RETURN(const nlohmann::json value, Understood(json::ParseValue(body)));
  const auto name = value.is_object() ? value.find("full_name") : value.end();
  if (name == value.end() || !name->is_string() || !IsRepositoryName(name->get<std::string>())) {
    return status::Error(absl::StatusCode::kInternal, "SYNC_BAD_ANSWER",
                         "a repository's full_name is not as documented");
  }
  return name->get<std::string>();
}

absl::StatusOr<std::vector<Issue>> Repository::ChangedSince(const Call& call,
                                                            std::optional<absl::Time> since,
                                                            int page) const {
  CallProviderRequest request = To("GET", "/issues");
  auto& query = *request.mutable_query();
  Add(query, "state", "all");
  Add(query, "sort", "updated");
  Add(query, "direction", "asc");
  Add(query, "per_page", absl::StrCat(kPage));
  Add(query, "page", absl::StrCat(page));
  if (since.has_value()) {
    Add(query, "since", absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", *since, absl::UTCTimeZone()));
  }
  ASSIGN_OR_RETURN(const std::string body, Send(call, std::move(request)));
  return Understood(ParseIssues(body));
}

absl::StatusOr<Issue> Repository::Get(const Call& call, int64_t number) const {
  ASSIGN_OR_RETURN(const std::string body, Send(call, To("GET", absl::StrCat("/issues/", number))));
  return Understood(ParseIssue(body));
}

absl::StatusOr<Issue> Repository::Make(const Call& call, std::string json) const {
  CallProviderRequest request = To("POST", "/issues");
  request.set_body(std::move(json));
  ASSIGN_OR_RETURN(const std::string body, Send(call, std::move(request)));
  return Understood(ParseIssue(body));
}

absl::StatusOr<Issue> Repository::Change(const Call& call, int64_t number, std::string json) const {
  CallProviderRequest request = To("PATCH", absl::StrCat("/issues/", number));
  request.set_body(std::move(json));
  ASSIGN_OR_RETURN(const std::string body, Send(call, std::move(request)));
  return Understood(ParseIssue(body));
}

bool IsRepositoryName(std::string_view name) {
  const std::vector<std::string_view> parts = absl::StrSplit(name, '/');
  return parts.size() == 2 && IsNamePart(parts[0]) && IsNamePart(parts[1]);
}

v1::TaskSyncFailure FailureOf(const absl::Status& error) {
  const std::string reason = status::Reason(error);
  if (reason == "SYNC_GONE") return v1::TASK_SYNC_FAILURE_GONE;
  if (reason == "SYNC_REFUSED" || reason == "SYNC_INVALID") return v1::TASK_SYNC_FAILURE_REFUSED;
  if (reason == "SYNC_BAD_ANSWER") return v1::TASK_SYNC_FAILURE_BAD_ANSWER;
  switch (error.code()) {
    case absl::StatusCode::kResourceExhausted:
      return v1::TASK_SYNC_FAILURE_BUSY;
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
      return v1::TASK_SYNC_FAILURE_DISCONNECTED;
    default:
      return v1::TASK_SYNC_FAILURE_AWAY;
  }
}

}  // namespace selfology::task
