// Stand-ins of the four platforms at one port, as far as the service calls them, with faults: each
// keeps what was published, and fails as a test says.
#pragma once

#include <algorithm>
#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/http/server.h"
#include "nlohmann/json.hpp"
#include "services/studio/social/mastodon_entities_test.h"
#include "services/studio/social/platform_faults_test.h"
#include "services/studio/social/sent_body_test.h"

namespace selfology::social {

class FakePlatforms {
 public:
  struct Post {
    std::string id;
    std::string text;
    std::string key;  // Idempotency-Key, rkey or slug.
    absl::Time at;
    std::string reply_to = {};
    int pictures = 0;
    std::string audience = {};
    bool edited = false;
  };

  FakePlatforms() {
    std::vector<http::Route> routes;
    for (const char* path : {"/", "/*"}) {
      routes.push_back(
          {.method = "*", .path = path, .handler = [this](const http::Request& request) {
             return Answer(request);
           }});
    }
    server_ = *http::Server::Start({}, std::move(routes));
  }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", server_->port()); }

  // The next calls that publish at `platform` ("mastodon", "bluesky", "wordpress", "telegram") fail so.
  void Fail(const std::string& platform, std::vector<Fault> faults) {
    absl::MutexLock lock(&mutex_);
    faults_[platform].assign(faults.begin(), faults.end());
  }
  std::vector<Post> posts(const std::string& platform) {
    absl::MutexLock lock(&mutex_);
    return posts_[platform];
  }
  int calls(const std::string& platform) {
    absl::MutexLock lock(&mutex_);
    return calls_[platform];
  }
  // Of the posts; set it before there are some.
  std::function<absl::Time()> clock = &absl::Now;
  // Of what others write there (fake_voices_test.h); nullopt: it is no such question.
  std::function<std::optional<http::Response>(const http::Request&)> voices = nullptr;
  std::atomic<int> likes = 3;  // Of each post at Mastodon.
  // Whether Mastodon heeds Idempotency-Key; not all servers do.
  void ForgetKeys() {
    absl::MutexLock lock(&mutex_);
    heeds_keys_ = false;
  }
  // How WordPress' pages show a text that it was sent.
  void Shows(const std::string& text, const std::string& page) {
    absl::MutexLock lock(&mutex_);
    shown_[text] = page;
  }
  // Whether WordPress' user is an editor, who may moderate comments; an author may not.
  void MayNotModerate() {
    absl::MutexLock lock(&mutex_);
    moderates_ = false;
  }

 private:
  using Json = nlohmann::json;

  static http::Response Ok(const Json& body) { return http::Response::Json(body.dump()); }
  static http::Response Denied() { return http::Response::Json("{}", 401); }

  // Publishes, with the next fault. `answer` is made of the post.
  template <typename MakeAnswer>
  http::Response Publish(const std::string& platform, const std::string& text,
                         const std::string& key, MakeAnswer answer,
                         const std::string& reply_to = "", int pictures = 0,
                         const std::string& audience = "") ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ++calls_[platform];
    Fault fault = Fault::kNone;
    if (!faults_[platform].empty()) {
      fault = faults_[platform].front();
      faults_[platform].pop_front();
    }
    if (auto failed = FailedBefore(fault)) return *std::move(failed);
    std::vector<Post>& posts = posts_[platform];
    const Post* post = nullptr;
    for (const Post& known : posts) {
      if (!key.empty() && known.key == key && (platform != "mastodon" || heeds_keys_))
        post = &known;
    }
    if (post == nullptr) {
      post = &posts.emplace_back(
          Post{absl::StrCat(++ids_), text, key, clock(), reply_to, pictures, audience});
    }
    const http::Response response = Ok(answer(*post));
    if (fault == Fault::kDropAfter) return http::Response{.drop = true};
    if (fault == Fault::k502After) return http::Response::Text("", 502);
    return response;
  }

  Json Status(const Post& post) const {
    Json status = MastodonStatus({.id = post.id,
                                  .text = post.text,
                                  .at = post.at,
                                  .reply_to = post.reply_to,
                                  .pictures = post.pictures,
                                  .edited = post.edited});
    status["favourites_count"] = likes.load();
    return status;
  }

  http::Response Mastodon(const http::Request& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (request.path == "/api/v1/instance" || request.path == "/api/v2/instance") {
      return Ok(MastodonInstance());
    }
    if (request.headers.Get("Authorization") != "Bearer good") {
      return http::Response::Json(R"({"error": "The access token is invalid"})", 401);
    }
    std::vector<Post>& posts = posts_["mastodon"];
    if (request.path == "/api/v1/accounts/verify_credentials") return Ok(MastodonAccount());
    if (request.path == "/api/v1/statuses") {
      const Json status = SentBody(request);
      return Publish(
          "mastodon", status.value("status", ""),
          std::string(request.headers.Get("Idempotency-Key").value_or("")),
          [this](const Post& post) { return Status(post); }, status.value("in_reply_to_id", ""),
          static_cast<int>(status.value("media_ids", Json::array()).size()),
          status.value("visibility", ""));
    }
    if (request.path == "/api/v2/media") return Ok(MastodonAttachment(""));
    if (request.path == "/api/v1/accounts/11/statuses") {
      // Newest first, and those before max_id: 20, or as many as asked for, but never more than 40.
      size_t limit = 20;
      if (const auto given = request.Parameter("limit")) (void)absl::SimpleAtoi(*given, &limit);
      limit = std::min<size_t>(limit, 40);
      Json page = Json::array();
      const auto max_id = request.Parameter("max_id");
      bool begun = !max_id.has_value();
      for (auto post = posts.rbegin(); post != posts.rend() && page.size() < limit; ++post) {
        if (begun) page.push_back(Status(*post));
        if (max_id == post->id) begun = true;
      }
      return Ok(page);
    }
    for (auto post = posts.begin(); post != posts.end(); ++post) {
      const std::string path = absl::StrCat("/api/v1/statuses/", post->id);
      if (request.path == path + "/source") {
        return Ok({{"id", post->id}, {"text", post->text}, {"spoiler_text", ""}});
      }
      if (request.path != path) continue;
      if (request.method == "PUT") {
        const Json status = SentBody(request);
        post->text = status.value("status", "");
        post->pictures = static_cast<int>(status.value("media_ids", Json::array()).size());
        post->edited = true;
      }
      Json answer = Status(*post);
      if (request.method == "DELETE") {
        answer["text"] = post->text;
        posts.erase(post);
      }
      return Ok(answer);
    }
    return http::Response::Json(R"({"error": "Record not found"})", 404);
  }

  http::Response Bluesky(const http::Request& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const std::string method = request.path.substr(6);
    if (method == "com.atproto.server.createSession") {
      if (Json::parse(request.body)["password"] != "good") return Denied();
      return Ok({{"did", "did:plc:me"}, {"handle", "me.example"}, {"accessJwt", "jwt"}});
    }
    std::vector<Post>& posts = posts_["bluesky"];
    if (method == "com.atproto.repo.getRecord") {
      for (const Post& post : posts) {
        if (request.Parameter("rkey") != post.key) continue;
        Json value = {{"text", post.text}, {"createdAt", "2026-11-30T00:00:00Z"}};
        for (int i = 0; i < post.pictures; ++i) value["embed"]["images"].push_back(Json::object());
        return Ok({{"uri", "at://x/" + post.key}, {"cid", "cid" + post.key}, {"value", value}});
      }
      return http::Response::Json(R"({"error": "RecordNotFound"})", 400);
    }
    if (request.headers.Get("Authorization") != "Bearer jwt") return Denied();
    if (method == "com.atproto.repo.putRecord") {
      const Json body = Json::parse(request.body);
      const Json& record = body["record"];
      for (Post& post : posts) {
        if (body["rkey"] == post.key) post.text = record["text"];
      }
      const std::string parent = record.value("/reply/parent/cid"_json_pointer, "");
      return Publish(
          "bluesky", record["text"], body["rkey"],
          [](const Post& post) { return Json{{"uri", "at://x/" + post.key}}; },
          parent.empty() ? "" : parent.substr(3),
          static_cast<int>(record.value("/embed/images"_json_pointer, Json::array()).size()));
    }
    if (method == "com.atproto.repo.uploadBlob") {
      return Ok({{"blob", {{"$type", "blob"}, {"size", request.body.size()}}}});
    }
    if (method == "com.atproto.repo.deleteRecord") {
      const std::string key = Json::parse(request.body)["rkey"];
      std::erase_if(posts, [&](const Post& post) { return post.key == key; });
      return Ok({});
    }
    if (method == "app.bsky.feed.getPosts") {
      return Ok({{"posts", {{{"likeCount", 5}, {"repostCount", 1}, {"replyCount", 2}}}}});
    }
    return http::Response::Json("{}", 404);
  }

  http::Response WordPress(const http::Request& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (request.headers.Get("Authorization") != "Basic bWU6Z29vZA==") return Denied();
    const std::string route(*request.Parameter("rest_route"));
    std::vector<Post>& posts = posts_["wordpress"];
    const auto as_post = [](const Post& post) {
      return Json{{"id", std::stoi(post.id)},
                  {"link", absl::StrCat("https://blog.example/", post.id)}};
    };
    if (route == "/wp/v2/users/me") {
      return Ok({{"id", 1}, {"name", "Me"}, {"capabilities", {{"publish_posts", true}}}});
    }
    if (route == "/wp/v2/posts" && request.method == "POST") {
      const Json body = Json::parse(request.body);
      return Publish("wordpress", body["content"], body["slug"], as_post, "",
                     body.contains("featured_media") ? 1 : 0);
    }
    if (route == "/wp/v2/posts") {
      Json found = Json::array();
      for (const Post& post : posts) {
        if (request.Parameter("slug") == post.key) found.push_back(as_post(post));
      }
      return Ok(found);
    }
    if (route == "/wp/v2/media") {
      return Ok({{"id", 3}, {"source_url", "https://blog.example/a.jpg"}});
    }
    if (route == "/wp/v2/comments" && request.method == "POST") {
      const Json body = Json::parse(request.body);
      return Publish("wordpress", body["content"], "", as_post,
                     absl::StrCat(body["post"].get<int64_t>()));
    }
    if (route == "/wp/v2/comments" && request.Parameter("per_page") == "100") {
      const bool edits = request.Parameter("context") == "edit";
      if (edits && !moderates_) {
        return http::Response::Json(R"({"code": "rest_forbidden_context"})", 403);
      }
      Json found = Json::array();
      for (const Post& post : posts) {
        if (request.Parameter("post") != post.reply_to) continue;
        found.push_back(as_post(post));
        found.back()["author"] = 1;
        found.back()["date_gmt"] =
            absl::FormatTime("%Y-%m-%dT%H:%M:%S", post.at, absl::UTCTimeZone());
        const auto shown = shown_.find(post.text);
        found.back()["content"] = {
            {"rendered",
             absl::StrCat("<p>", shown == shown_.end() ? post.text : shown->second, "</p>\n")}};
        if (edits) found.back()["content"]["raw"] = post.text;
      }
      return Ok(found);
    }
    if (route == "/wp/v2/comments") {
      http::Response response = Ok(Json::array());
      response.headers.Set("X-WP-Total", "4");
      return response;
    }
    for (auto post = posts.begin(); post != posts.end(); ++post) {
      const std::string_view kind = post->reply_to.empty() ? "posts/" : "comments/";
      if (route != absl::StrCat("/wp/v2/", kind, post->id)) continue;
      Json answer = as_post(*post);
      answer["content"] = {{"raw", post->text}};
      if (request.Parameter("context") == "edit" && !post->reply_to.empty() && !moderates_) {
        return http::Response::Json(R"({"code": "rest_forbidden_context"})", 403);
      }
      if (request.method == "POST") post->text = Json::parse(request.body)["content"];
      if (request.method == "DELETE") posts.erase(post);
      return Ok(answer);
    }
    return http::Response::Json("{}", 404);
  }

  http::Response Telegram(const http::Request& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const std::string method = request.path.substr(request.path.rfind('/') + 1);
    const auto result = [](const Json& value) { return Json{{"ok", true}, {"result", value}}; };
    if (!absl::StartsWith(request.path, "/botgood/")) return Denied();
    if (method == "sendPhoto" || method == "sendMediaGroup") return Pictures(request);
    const Json body = Json::parse(request.body);
    if (method == "getMe") return Ok(result({{"id", 99}}));
    if (method == "getChat") {
      return Ok(result({{"id", -100}, {"title", "My channel"}, {"type", "channel"}}));
    }
    if (method == "getChatMember") return Ok(result({{"status", "administrator"}}));
    if (method == "sendMessage") {
      const int64_t answers = body.value("/reply_parameters/message_id"_json_pointer, int64_t{0});
      return Publish(
          "telegram", body["text"], "",
          [&](const Post& post) { return result({{"message_id", std::stoi(post.id)}}); },
          answers == 0 ? "" : absl::StrCat(answers));
    }
    if (method == "editMessageText" || method == "editMessageCaption") {
      for (Post& post : posts_["telegram"]) {
        if (post.id != absl::StrCat(body["message_id"].get<int64_t>())) continue;
        post.text = body[method == "editMessageText" ? "text" : "caption"];
        return Ok(result(true));
      }
      return http::Response::Json(R"({"description": "message to edit not found"})", 400);
    }
    if (method == "deleteMessage") {
      const std::string id = absl::StrCat(body["message_id"].get<int64_t>());
      std::erase_if(posts_["telegram"], [&](const Post& post) { return post.id == id; });
      return Ok(result(true));
    }
    return http::Response::Json("{}", 404);
  }

  // A photo or an album by a form: the words stand in a field, or in the first photo of the list.
  http::Response Pictures(const http::Request& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const Json album =
        Json::parse(FormField(request, "media"), nullptr, /*allow_exceptions=*/false);
    const bool one = album.is_discarded();
    return Publish(
        "telegram", one ? FormField(request, "caption") : album[0]["caption"].get<std::string>(),
        "",
        [&](const Post& post) {
          const Json message = {{"message_id", std::stoi(post.id)}};
          return Json{{"ok", true}, {"result", one ? message : Json::array({message})}};
        },
        "", one ? 1 : static_cast<int>(album.size()));
  }

  http::Response ChannelPage() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    std::string page = "<html><body>";
    for (const Post& post : posts_["telegram"]) {
      absl::StrAppend(&page, "<div class=\"tgme_widget_message\" data-post=\"channel/", post.id,
                      "\"><div class=\"tgme_widget_message_text\">",
                      absl::StrReplaceAll(post.text, {{"\n", "<br>"}}), "</div><time datetime=\"",
                      absl::FormatTime(absl::RFC3339_sec, post.at, absl::UTCTimeZone()),
                      "\"></time></div>");
    }
    return http::Response::Text(page + "</body></html>");
  }

  absl::StatusOr<http::Response> Answer(const http::Request& request) {
    if (auto told = voices ? voices(request) : std::nullopt) return *std::move(told);
    absl::MutexLock lock(&mutex_);
    if (request.Parameter("rest_route").has_value()) return WordPress(request);
    if (absl::StartsWith(request.path, "/api/v")) return Mastodon(request);
    if (absl::StartsWith(request.path, "/xrpc/")) return Bluesky(request);
    if (absl::StartsWith(request.path, "/bot")) return Telegram(request);
    if (absl::StartsWith(request.path, "/s/")) return ChannelPage();
    return http::Response::Text("", 404);
  }

  absl::Mutex mutex_;
  std::map<std::string, std::deque<Fault>> faults_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<Post>> posts_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> calls_ ABSL_GUARDED_BY(mutex_);
  int ids_ ABSL_GUARDED_BY(mutex_) = 100;
  bool heeds_keys_ ABSL_GUARDED_BY(mutex_) = true;
  std::map<std::string, std::string> shown_ ABSL_GUARDED_BY(mutex_);
  bool moderates_ ABSL_GUARDED_BY(mutex_) = true;
  std::unique_ptr<http::Server> server_;
};

}  // namespace selfology::social
