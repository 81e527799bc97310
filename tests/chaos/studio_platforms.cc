#include "tests/chaos/studio_platforms.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace selfology::chaos {
namespace {

using Json = nlohmann::json;

http::Response Ok(const Json& body) { return http::Response::Json(body.dump()); }

// The account is what its token says.
std::string BearerOf(const http::Request& request) {
  const std::string value(request.headers.Get("Authorization").value_or(""));
  return absl::StartsWith(value, "Bearer ") ? value.substr(7) : "";
}

Json Status(const std::string& id, absl::Time at) {
  return {{"id", id},
          {"url", absl::StrCat("https://mastodon.example/", id)},
          {"created_at", absl::FormatTime(absl::RFC3339_full, at, absl::UTCTimeZone())}};
}

}  // namespace

StudioPlatforms::StudioPlatforms(Options options) : options_(options), random_(options.seed) {
  std::vector<http::Route> routes;
  for (const char* method : {"GET", "POST"}) {
    for (const char* path : {"/", "/*"}) {
      routes.push_back(
          {.method = method, .path = path, .handler = [this](const http::Request& request) {
             return Answer(request);
           }});
    }
  }
  server_ = *http::Server::Start({}, std::move(routes));
}

StudioPlatforms::~StudioPlatforms() = default;

std::string StudioPlatforms::url() const {
  return absl::StrCat("http://127.0.0.1:", server_->port());
}

int64_t StudioPlatforms::Copies(const std::string& text) {
  absl::MutexLock lock(&mutex_);
  const auto at = copies_.find(text);
  return at == copies_.end() ? 0 : at->second;
}

int64_t StudioPlatforms::posts() {
  absl::MutexLock lock(&mutex_);
  int64_t posts = 0;
  for (const auto& [text, copies] : copies_) posts += copies;
  return posts;
}

std::map<std::string, int64_t> StudioPlatforms::faults() {
  absl::MutexLock lock(&mutex_);
  return faults_;
}

void StudioPlatforms::Heal() {
  absl::MutexLock lock(&mutex_);
  healed_ = true;
}

std::string StudioPlatforms::NextFault() {
  constexpr const char* kFaults[] = {"502_after", "cut_after", "cut_before", "503_before", "429"};
  if (healed_ || std::uniform_real_distribution<double>(0, 1)(random_) >= options_.faults)
    return "";
  const std::string fault = kFaults[std::uniform_int_distribution<int>(0, 4)(random_)];
  ++faults_[fault];
  return fault;
}

template <typename MakeAnswer>
http::Response StudioPlatforms::Publish(const std::string& account, const std::string& text,
                                        const std::string& key, bool by_key, MakeAnswer answer) {
  std::string fault;
  absl::Duration before, after;
  {
    absl::MutexLock lock(&mutex_);
    fault = NextFault();
    std::uniform_real_distribution<double> part(0, 0.5);
    before = options_.slowness * part(random_);
    after = options_.slowness * part(random_);
  }
  if (fault == "cut_before") return http::Response{.drop = true};
  if (fault == "503_before") return http::Response::Text("", 503);
  if (fault == "429") {
    http::Response response = http::Response::Json("{}", 429);
    response.headers.Set("Retry-After", "1");
    return response;
  }
  if (absl::StrContains(text, "refuse")) return http::Response::Json("{}", 422);
  absl::SleepFor(before);
  Post post;
  {
    absl::MutexLock lock(&mutex_);
    Timeline& timeline = timelines_[account];
    const auto known = timeline.by_key.find(key);
    if (by_key && known != timeline.by_key.end()) {
      post = known->second;
    } else {
      post = {absl::StrCat(++ids_), text, key, absl::Now()};
      timeline.posts.push_front(post);
      timeline.by_key[key] = post;
      sources_[post.id] = text;
      ++copies_[text];
    }
  }
  absl::SleepFor(after);
  if (fault == "cut_after") return http::Response{.drop = true};
  if (fault == "502_after") return http::Response::Text("", 502);
  return Ok(answer(post));
}

http::Response StudioPlatforms::Mastodon(const http::Request& request) {
  const std::string account = absl::StrCat("mastodon/", BearerOf(request));
  if (request.path == "/api/v1/accounts/verify_credentials") {
    return Ok({{"id", BearerOf(request)}, {"username", BearerOf(request)}});
  }
  if (request.path == "/api/v2/instance") return Ok(Json::object());
  if (request.path == "/api/v1/statuses" && request.method == "POST") {
    return Publish(account, Json::parse(request.body)["status"], "", /*by_key=*/false,
                   [](const Post& post) { return Status(post.id, post.at); });
  }
  if (absl::EndsWith(request.path, "/statuses")) {
    absl::MutexLock lock(&mutex_);
    Json page = Json::array();
    const auto max_id = request.Parameter("max_id");
    bool begun = !max_id.has_value();
    for (const Post& post : timelines_[account].posts) {
      if (begun) page.push_back(Status(post.id, post.at));
      if (page.size() == 40) break;
      if (max_id == post.id) begun = true;
    }
    return Ok(page);
  }
  if (absl::EndsWith(request.path, "/source")) {
    const std::vector<std::string> parts = absl::StrSplit(request.path, '/');
    absl::MutexLock lock(&mutex_);
    const auto source = sources_.find(parts[parts.size() - 2]);
    if (source != sources_.end()) return Ok({{"text", source->second}});
  }
  return http::Response::Json("{}", 404);
}

http::Response StudioPlatforms::Bluesky(const http::Request& request) {
  const std::string method = request.path.substr(6);
  if (method == "com.atproto.server.createSession") {
    const std::string who = Json::parse(request.body)["identifier"];
    return Ok({{"did", "did:plc:" + who}, {"handle", who}, {"accessJwt", who}});
  }
  if (method == "com.atproto.repo.getRecord") {
    const std::string did(request.Parameter("repo").value_or(""));
    absl::MutexLock lock(&mutex_);
    const Timeline& timeline = timelines_["bluesky/" + did.substr(std::min<size_t>(did.size(), 8))];
    const auto post = timeline.by_key.find(std::string(request.Parameter("rkey").value_or("")));
    if (post != timeline.by_key.end()) return Ok({{"uri", "at://x"}, {"cid", "c"}});
    return http::Response::Json(R"({"error": "RecordNotFound"})", 400);
  }
  if (method == "com.atproto.repo.putRecord") {
    const Json body = Json::parse(request.body);
    return Publish("bluesky/" + BearerOf(request), body["record"]["text"], body["rkey"],
                   /*by_key=*/true,
                   [](const Post& post) { return Json{{"uri", "at://" + post.key}}; });
  }
  return http::Response::Json("{}", 404);
}

http::Response StudioPlatforms::WordPress(const http::Request& request) {
  const std::string route(*request.Parameter("rest_route"));
  std::string login;
  absl::Base64Unescape(
      std::string(request.headers.Get("Authorization").value_or("Basic ")).substr(6), &login);
  const std::string account = absl::StrCat("wordpress/", login.substr(0, login.find(':')));
  const auto as_post = [](const Post& post) {
    return Json{{"id", std::stoi(post.id)}, {"link", "https://blog.example/" + post.id}};
  };
  if (route == "/wp/v2/users/me") return Ok({{"id", 1}, {"name", account}});
  if (route == "/wp/v2/posts" && request.method == "POST") {
    const Json body = Json::parse(request.body);
    return Publish(account, body["title"], body["slug"], /*by_key=*/false, as_post);
  }
  if (route == "/wp/v2/posts") {
    absl::MutexLock lock(&mutex_);
    Json found = Json::array();
    const Timeline& timeline = timelines_[account];
    const auto post = timeline.by_key.find(std::string(request.Parameter("slug").value_or("")));
    if (post != timeline.by_key.end()) found.push_back(as_post(post->second));
    return Ok(found);
  }
  return http::Response::Json("{}", 404);
}

absl::StatusOr<http::Response> StudioPlatforms::Answer(const http::Request& request) {
  if (request.Parameter("rest_route").has_value()) return WordPress(request);
  if (absl::StartsWith(request.path, "/api/")) return Mastodon(request);
  if (absl::StartsWith(request.path, "/xrpc/")) return Bluesky(request);
  return http::Response::Json("{}", 404);
}

}  // namespace selfology::chaos
