// One stand-in of X, LinkedIn, Facebook and Instagram at one port, as far as the service calls them:
// it keeps what was published, gives it back as the platform does, and fails as a row of a table says.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/http/server.h"
#include "nlohmann/json.hpp"
#include "services/studio/social/graph_answers_test.h"
#include "services/studio/social/sent_body_test.h"

namespace selfology::social {

// What becomes of one call.
struct ApiFault {
  std::string at = "publish";  // Or "prepare" (Instagram's container), "look up".
  int status = 200;
  std::string body = "{}";
  http::Headers headers = {};
  bool happens = false;  // The platform has the post nevertheless.
  bool drop = false;     // The connection breaks instead of an answer.
};

class ApiPlatforms {
 public:
  struct Post {
    std::string id;
    std::string text;
    absl::Time at;
    std::string below = {};  // Facebook: the comment that it answers.
  };
  // What somebody wrote at Facebook, below a post of the page or, without one, tagging it.
  struct Comment {
    std::string id;
    std::string post;
    std::string text;
    std::string from = "9";
    std::string parent = {};
  };

  ApiPlatforms() {
    std::vector<http::Route> routes;
    for (const char* method : {"GET", "POST", "DELETE"}) {
      routes.push_back(
          {.method = method, .path = "/*", .handler = [this](const http::Request& request) {
             return Answer(request);
           }});
    }
    server_ = *http::Server::Start({}, std::move(routes));
  }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", server_->port()); }
  // `platform`: "x", "linkedin", "facebook", "instagram". Its token is "good-" and its name.
  void Fail(const std::string& platform, std::vector<ApiFault> faults) {
    absl::MutexLock lock(&mutex_);
    faults_[platform].assign(faults.begin(), faults.end());
  }
  std::vector<Post> posts(const std::string& platform) {
    absl::MutexLock lock(&mutex_);
    return posts_[platform];
  }
  // Calls that publish.
  int calls(const std::string& platform) {
    absl::MutexLock lock(&mutex_);
    return calls_[platform];
  }
  // What the status of the next containers is; "FINISHED" afterwards.
  void Containers(std::vector<std::string> statuses) {
    absl::MutexLock lock(&mutex_);
    container_statuses_.assign(statuses.begin(), statuses.end());
  }
  void Say(Comment comment) {
    absl::MutexLock lock(&mutex_);
    comments_.push_back(std::move(comment));
  }
  // X's token that is good: "good-x", then "good-x1", "good-x2" ... with each renewal, which the refresh
  // token "refresh-0", "refresh-1" ... does once.
  int renewals() {
    absl::MutexLock lock(&mutex_);
    return renewals_;
  }
  // No token of X is good any more.
  void RevokeX() {
    absl::MutexLock lock(&mutex_);
    revoked_ = true;
  }
  std::function<absl::Time()> clock = &absl::Now;

 private:
  using Json = nlohmann::json;
  using Answering = std::function<http::Response(const Post&)>;

  static http::Response Ok(const Json& body, int status = 200) {
    return http::Response::Json(body.dump(), status);
  }
  static http::Response Gone() {
    return GraphError(
        "GraphMethodException",
        "Unsupported request. Object does not exist, cannot be loaded due to missing permissions, "
        "or does not support this operation.",
        100, 33);
  }

  // The next fault of a platform, if it is for this kind of call.
  bool TakeFault(const std::string& platform, std::string_view at, ApiFault& fault)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    std::deque<ApiFault>& faults = faults_[platform];
    if (faults.empty() || faults.front().at != at) return false;
    fault = faults.front();
    faults.pop_front();
    return true;
  }
  static http::Response Failed(const ApiFault& fault) {
    if (fault.drop) return http::Response{.drop = true};
    http::Response response = http::Response::Json(fault.body, fault.status);
    for (const auto& [name, value] : fault.headers) response.headers.Set(name, value);
    return response;
  }

  http::Response Publish(const std::string& platform, const std::string& text, Answering answer,
                         const std::string& below = "") ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ++calls_[platform];
    ApiFault fault;
    const bool fails = TakeFault(platform, "publish", fault);
    if (fails && !fault.happens) return Failed(fault);
    const Post& post = posts_[platform].emplace_back(Post{IdOf(platform), text, clock(), below});
    return fails ? Failed(fault) : answer(post);
  }

  std::string IdOf(const std::string& platform) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ++ids_;
    return platform == "linkedin"   ? absl::StrCat("urn:li:share:", ids_)
           : platform == "facebook" ? absl::StrCat("17_", ids_)
                                    : absl::StrCat(ids_);
  }

  static std::string When(const Post& post, const char* format) {
    return absl::FormatTime(format, post.at, absl::UTCTimeZone());
  }

  // The platform's newest posts, each as `show` has it.
  http::Response List(const std::string& platform, const char* name,
                      const std::function<Json(const Post&)>& show, const std::string& below = "")
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ApiFault fault;
    if (TakeFault(platform, "look up", fault)) return Failed(fault);
    Json all = Json::array();
    for (const Post& post : posts_[platform]) {
      if (post.below == below) all.insert(all.begin(), show(post));
    }
    // X leaves "data" out where there is none.
    if (platform == "x" && all.empty()) return Ok({{"meta", {{"result_count", 0}}}});
    return Ok({{name, all}});
  }

  // Of one post: it is removed or shown.
  http::Response One(const std::string& platform, const http::Request& request,
                     const std::string& id, const Json& shown, int removed)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    std::vector<Post>& posts = posts_[platform];
    for (auto post = posts.begin(); post != posts.end(); ++post) {
      if (post->id != id) continue;
      if (request.method == "GET") return Ok(shown);
      posts.erase(post);
      return Ok(platform == "x" ? Json{{"data", {{"deleted", true}}}} : Json{{"success", true}},
                removed);
    }
    return absl::StartsWith(request.path, "/v25.0/") ? Gone() : http::Response::Json("{}", 404);
  }

  // The words of a post by a call at its own address; false: there is no such post.
  bool Change(const std::string& platform, const std::string& id, const http::Request& request,
              const char* name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (Post& post : posts_[platform]) {
      if (post.id != id) continue;
      post.text = SentBody(request).value(name, "");
      return true;
    }
    return false;
  }

  http::Response X(const http::Request& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (request.path == "/2/users/me")
      return Ok({{"data", {{"id", "7"}, {"name", "Me"}, {"username", "me"}}}});
    if (request.path == "/2/users/7/tweets") {
      return List("x", "data", [](const Post& post) {
        const std::string text = absl::StrReplaceAll(
            post.text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {kLink, "https://t.co/a1"}});
        return Json{
            {"id", post.id},
            {"text", text},
            {"created_at", When(post, "%Y-%m-%dT%H:%M:%S.000Z")},
            {"entities", {{"urls", {{{"url", "https://t.co/a1"}, {"expanded_url", kLink}}}}}}};
      });
    }
    if (request.path == "/2/tweets") {
      return Publish("x", Json::parse(request.body)["text"], [](const Post& post) {
        return Ok({{"data", {{"id", post.id}, {"text", "t.co"}}}}, 201);
      });
    }
    const std::string id = request.path.substr(request.path.rfind('/') + 1);
    std::string text;
    for (const Post& post : posts_["x"]) {
      if (post.id == id) text = post.text;
    }
    return One("x", request, id,
               {{"data",
                 {{"id", id},
                  {"text", text},
                  {"public_metrics",
                   {{"like_count", 3},
                    {"retweet_count", 1},
                    {"quote_count", 1},
                    {"reply_count", 2},
                    {"impression_count", 90}}}}}},
               200);
  }

  http::Response LinkedIn(const http::Request& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (request.path == "/v2/userinfo") return Ok({{"sub", "me"}, {"name", "Me"}});
    if (!request.headers.Get("LinkedIn-Version").has_value()) {
      return http::Response::Json(R"({"code": "VERSION_MISSING"})", 400);
    }
    if (request.path == "/rest/posts" && request.method == "POST") {
      const Json body = Json::parse(request.body);
      return Publish("linkedin", body["commentary"], [](const Post& post) {
        http::Response response = http::Response::Text("", 201);
        response.headers.Set("x-restli-id", post.id);
        return response;
      });
    }
    if (request.headers.Get("X-RestLi-Method") == "PARTIAL_UPDATE") {
      const std::string id = request.path.substr(request.path.rfind('/') + 1);
      const Json set = Json::parse(request.body)["patch"]["$set"];
      for (Post& post : posts_["linkedin"]) {
        if (post.id == id) post.text = set["commentary"];
      }
      return http::Response::Text("", 204);
    }
    if (request.path == "/rest/posts") {
      return List("linkedin", "elements", [](const Post& post) {
        return Json{{"id", post.id},
                    {"commentary", absl::StrReplaceAll(post.text, {{"#tag", "{hashtag|\\#|tag}"}})},
                    {"createdAt", absl::ToUnixMillis(post.at)}};
      });
    }
    return One("linkedin", request, request.path.substr(request.path.rfind('/') + 1),
               {{"likesSummary", {{"totalLikes", 3}}},
                {"commentsSummary", {{"aggregatedTotalComments", 2}}}},
               204);
  }

  // What was written below a post of Facebook's; empty: what tags the page.
  Json Said(const std::string& post) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    Json all = Json::array();
    for (const Comment& comment : comments_) {
      if (comment.post != post) continue;
      all.push_back({{"id", comment.id},
                     {"message", comment.text},
                     {"from", {{"id", comment.from}, {"name", "Ann"}}},
                     {"permalink_url", "https://www.facebook.com/" + comment.id},
                     {"created_time",
                      absl::FormatTime("%Y-%m-%dT%H:%M:%S+0000", clock(), absl::UTCTimeZone())}});
      if (!comment.parent.empty()) all.back()["parent"] = {{"id", comment.parent}};
    }
    return all;
  }

  http::Response XToken(const http::Request& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!absl::StrContains(request.body, absl::StrCat("refresh_token=refresh-", renewals_, "&")) ||
        !absl::StrContains(request.body, "client_id=app")) {
      return http::Response::Json(R"({"error": "invalid_request"})", 400);
    }
    ++renewals_;
    return Ok({{"token_type", "bearer"},
               {"expires_in", 7200},
               {"access_token", absl::StrCat("good-x", renewals_)},
               {"refresh_token", absl::StrCat("refresh-", renewals_)}});
  }

  http::Response Facebook(const http::Request& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const std::string fields(request.Parameter("fields").value_or(""));
    if (request.path == "/v25.0/me") {
      return Ok(WithFields({{"id", "17"}, {"name", "My page"}, {"category", "Coach"}},
                           fields.empty() ? "id,name" : fields));
    }
    const std::string id = request.path.substr(request.path.rfind('/') + 1);
    if (request.method == "POST" && Change("facebook", id, request, "message")) {
      return Ok({{"success", true}});
    }
    if (request.path == "/v25.0/17/feed" && request.method == "POST") {
      return Publish("facebook", SentBody(request).value("message", ""),
                     [](const Post& post) { return Ok({{"id", post.id}}); });
    }
    if (request.path == "/v25.0/17/tagged") return Ok({{"data", Said("")}});
    const auto shown = [&](const Post& post) ABSL_NO_THREAD_SAFETY_ANALYSIS {
      return Json{{"id", post.id},
                  {"message", post.text},
                  {"from", {{"id", "17"}, {"name", "My page"}}},
                  {"created_time", When(post, "%Y-%m-%dT%H:%M:%S+0000")},
                  {"permalink_url", "https://www.facebook.com/" + post.id},
                  {"likes", {{"data", Json::array()}, {"summary", {{"total_count", 3}}}}},
                  {"comments", {{"data", Said(post.id)}, {"summary", {{"total_count", 2}}}}},
                  {"shares", {{"count", 2}}}};
    };
    const std::string asked = fields.empty() ? "created_time,message,id" : fields;
    if (request.path == "/v25.0/17/feed") {
      return GraphPage(request, List("facebook", "data", [&](const Post& post) {
                         return WithFields(shown(post), asked);
                       }));
    }
    if (id == "comments") {
      std::string below = request.path.substr(7);
      below.resize(below.rfind('/'));
      if (request.method == "GET") return List("facebook", "data", shown, below);
      return Publish(
          "facebook", SentBody(request).value("message", ""),
          [](const Post& post) { return Ok({{"id", post.id}}); }, below);
    }
    Json post;
    for (const Post& known : posts_["facebook"]) {
      if (known.id == id) post = WithFields(shown(known), asked);
    }
    return One("facebook", request, id, post, 200);
  }

  http::Response Instagram(const http::Request& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (request.path == "/v25.0/me") return Ok({{"user_id", "23"}, {"username", "me"}});
    if (request.path == "/v25.0/23/media" && request.method == "POST") {
      ApiFault fault;
      if (TakeFault("instagram", "prepare", fault)) return Failed(fault);
      const std::string id = absl::StrCat("c", ++ids_);
      containers_[id] = Json::parse(request.body)["caption"];
      return Ok({{"id", id}});
    }
    if (request.path == "/v25.0/23/media_publish") {
      const std::string id = Json::parse(request.body)["creation_id"];
      return Publish("instagram", containers_[id],
                     [](const Post& post) { return Ok({{"id", post.id}}); });
    }
    if (request.path == "/v25.0/23/media") {
      return List("instagram", "data", [](const Post& post) {
        return Json{{"id", post.id},
                    {"caption", post.text},
                    {"timestamp", When(post, "%Y-%m-%dT%H:%M:%S+0000")},
                    {"permalink", "https://www.instagram.com/p/" + post.id}};
      });
    }
    const std::string id = request.path.substr(request.path.rfind('/') + 1);
    if (containers_.contains(id)) {
      std::string status = "FINISHED";
      if (!container_statuses_.empty()) {
        status = container_statuses_.front();
        container_statuses_.pop_front();
      }
      return Ok({{"status_code", status}});
    }
    return One("instagram", request, id,
               {{"like_count", 3},
                {"comments_count", 2},
                {"permalink", "https://www.instagram.com/p/" + id}},
               200);
  }

  // As a header says it; Meta's platforms take it as a parameter as well.
  static std::string TokenOf(const http::Request& request) {
    const std::string_view header = request.headers.Get("Authorization").value_or("");
    if (absl::StartsWith(header, "Bearer ")) return std::string(header.substr(7));
    if (!absl::StartsWith(request.path, "/v25.0/")) return "";
    if (const auto parameter = request.Parameter("access_token")) return std::string(*parameter);
    return SentBody(request).value("access_token", "");
  }

  absl::StatusOr<http::Response> Answer(const http::Request& request) {
    absl::MutexLock lock(&mutex_);
    const std::string token = TokenOf(request);
    if (request.path == "/2/oauth2/token") return XToken(request);
    const std::string good = absl::StrCat("good-x", renewals_ > 0 ? absl::StrCat(renewals_) : "");
    if (token == good && !revoked_) return X(request);
    if (token == "good-linkedin") return LinkedIn(request);
    http::Response answer;
    if (token == "good-facebook") {
      answer = Facebook(request);
    } else if (token == "good-instagram") {
      answer = Instagram(request);
    } else if (absl::StartsWith(request.path, "/v25.0/")) {
      answer =
          GraphError("OAuthException", "Error validating access token: it has expired.", 190, 463);
    } else {
      return http::Response::Json(R"({"status": 401, "title": "Unauthorized"})", 401);
    }
    answer.headers.Set("facebook-api-version", "v25.0");
    return answer;
  }

 public:
  // What X shortens.
  static constexpr char kLink[] = "https://a.example/b";

 private:
  absl::Mutex mutex_;
  std::map<std::string, std::deque<ApiFault>> faults_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<Post>> posts_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> calls_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::string> containers_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::string> container_statuses_ ABSL_GUARDED_BY(mutex_);
  std::vector<Comment> comments_ ABSL_GUARDED_BY(mutex_);
  int renewals_ ABSL_GUARDED_BY(mutex_) = 0;
  bool revoked_ ABSL_GUARDED_BY(mutex_) = false;
  int ids_ ABSL_GUARDED_BY(mutex_) = 100;
  std::unique_ptr<http::Server> server_;
};

}  // namespace selfology::social
