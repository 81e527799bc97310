#include "tests/growth/issue_tracker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace selfology {
namespace {

using Json = nlohmann::json;

std::string Told(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

Json ToJson(const IssueTracker::Issue& issue) {
  Json json = {{"number", issue.number},
               {"title", issue.title},
               {"body", issue.body.empty() ? Json() : Json(issue.body)},
               {"state", issue.is_closed ? "closed" : "open"},
               {"state_reason", Json()},
               {"labels", Json::array()},
               {"updated_at", Told(issue.updated_at)},
               {"closed_at", Json()}};
  if (issue.is_closed) {
    json["state_reason"] = issue.is_dropped ? "not_planned" : "completed";
    json["closed_at"] = Told(issue.closed_at);
  }
  for (const std::string& label : issue.labels) json["labels"].push_back({{"name", label}});
  if (issue.is_pull_request) json["pull_request"] = {{"url", "https://example.org/pulls"}};
  return json;
}

int Number(const http::Request& request, std::string_view name, int otherwise) {
  int number = otherwise;
  const auto value = request.Parameter(name);
  return value.has_value() && absl::SimpleAtoi(*value, &number) ? number : otherwise;
}

http::Response NotFound() { return http::Response::Json(R"({"message":"Not Found"})", 404); }

}  // namespace

absl::Time IssueTracker::Now() const {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(clock_()));
}

http::Response IssueTracker::Answer(const http::Request& request) {
  absl::MutexLock lock(&mutex_);
  ++requests_;
  const auto fault = std::find_if(faults_.begin(), faults_.end(), [&](const Fault& one) {
    return one.method.empty() || one.method == request.method;
  });
  if (fault == faults_.end()) return Do(request);
  const Fault failing = *fault;
  faults_.erase(fault);
  if (failing.after_doing_it) Do(request);
  http::Response response =
      http::Response::Json(R"({"message":"as was asked for"})", failing.status);
  response.drop = failing.status == 0;
  if (failing.retry_after.has_value()) {
    response.headers.Set("Retry-After", absl::StrCat(absl::ToInt64Seconds(*failing.retry_after)));
  }
  return response;
}

http::Response IssueTracker::Do(const http::Request& request) {
  std::string_view path = request.path;
  const std::string root = absl::StrCat("/api/repos/", repository_);
  if (!absl::StartsWith(path, root)) return NotFound();
  path.remove_prefix(root.size());
  if (path.empty()) return http::Response::Json(Json{{"full_name", repository_}}.dump());
  if (path == "/issues" && request.method == "GET") return List(request);
  if (path == "/issues" && request.method == "POST") {
    Issue issue = {.number = static_cast<int64_t>(issues_.size()) + 1};
    Issue& made = issues_[issue.number] = issue;
    http::Response response = Write(request, made);
    response.status = response.status == 200 ? 201 : response.status;
    return response;
  }
  int64_t number = 0;
  if (!absl::StartsWith(path, "/issues/") || !absl::SimpleAtoi(path.substr(8), &number)) {
    return NotFound();
  }
  const auto found = issues_.find(number);
  if (found == issues_.end()) return NotFound();
  if (found->second.is_gone) return http::Response::Json(R"({"message":"Gone"})", 410);
  if (request.method == "GET") return http::Response::Json(ToJson(found->second).dump());
  if (request.method == "PATCH") return Write(request, found->second);
  return http::Response::Json("{}", 405);
}

http::Response IssueTracker::List(const http::Request& request) const {
  absl::Time since = absl::InfinitePast();
  const auto asked = request.Parameter("since");
  std::string error;
  if (asked.has_value() && !absl::ParseTime(absl::RFC3339_full, *asked, &since, &error)) {
    return http::Response::Json("{}", 422);
  }
  std::vector<Issue> found;
  for (const auto& [number, issue] : issues_) {
    if (!issue.is_gone && issue.updated_at >= since) found.push_back(issue);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Issue& a, const Issue& b) { return a.updated_at < b.updated_at; });
  const int size = Number(request, "per_page", 30), page = Number(request, "page", 1);
  Json answer = Json::array();
  for (int i = (page - 1) * size; i < std::min<int>(page * size, static_cast<int>(found.size()));
       ++i) {
    answer.push_back(ToJson(found[i]));
  }
  return http::Response::Json(answer.dump());
}

http::Response IssueTracker::Write(const http::Request& request, Issue& issue) {
  const Json json = Json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return http::Response::Json("{}", 422);
  if (json.contains("title")) issue.title = json["title"];
  if (json.contains("body")) issue.body = json["body"];
  if (json.contains("labels")) issue.labels = json["labels"].get<std::vector<std::string>>();
  if (json.contains("state")) {
    issue.is_closed = json["state"] == "closed";
    issue.is_dropped = issue.is_closed && json.value("state_reason", "") == "not_planned";
    issue.closed_at = Now();
  }
  issue.updated_at = Now();
  ++writes_;
  return http::Response::Json(ToJson(issue).dump());
}

int64_t IssueTracker::Open(Issue issue) {
  absl::MutexLock lock(&mutex_);
  issue.number = static_cast<int64_t>(issues_.size()) + 1;
  issue.updated_at = Now();
  issues_[issue.number] = issue;
  return issue.number;
}

void IssueTracker::Edit(int64_t number, const std::function<void(Issue&)>& change) {
  absl::MutexLock lock(&mutex_);
  Issue& issue = issues_.at(number);
  const bool was_closed = issue.is_closed;
  change(issue);
  issue.updated_at = Now();
  if (issue.is_closed && !was_closed) issue.closed_at = issue.updated_at;
}

std::vector<IssueTracker::Issue> IssueTracker::issues() const {
  absl::MutexLock lock(&mutex_);
  std::vector<Issue> all;
  for (const auto& [number, issue] : issues_) {
    if (!issue.is_gone) all.push_back(issue);
  }
  return all;
}
int IssueTracker::requests() const {
  absl::MutexLock lock(&mutex_);
  return requests_;
}
int IssueTracker::writes() const {
  absl::MutexLock lock(&mutex_);
  return writes_;
}
void IssueTracker::FailNext(Fault fault) {
  absl::MutexLock lock(&mutex_);
  faults_.push_back(std::move(fault));
}

}  // namespace selfology
