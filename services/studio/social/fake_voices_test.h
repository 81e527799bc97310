// What others write at the stand-ins of fake_platforms_test.h, told as Mastodon and Bluesky do.
//
//   Voices voices;
//   platforms.voices = [&](const http::Request& request) { return voices.Answer(request); };
//   voices.Say("mastodon", {.id = "900", .author = "ann@b.example", .text = "well said", .below = "101"});
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/http/server.h"
#include "nlohmann/json.hpp"

namespace selfology::social {

class Voices {
 public:
  struct Said {
    std::string id;
    std::string author;
    std::string text;
    std::string below = {};  // Of the account's post (Bluesky: its key); empty: a mention.
    absl::Time at = absl::Now();
    std::string visibility = "public";
  };

  void Say(const std::string& platform, Said said) {
    absl::MutexLock lock(&mutex_);
    said_[platform].push_back(std::move(said));
  }
  // How often the platform was asked.
  int questions(const std::string& platform) {
    absl::MutexLock lock(&mutex_);
    return questions_[platform];
  }

  std::optional<http::Response> Answer(const http::Request& request) {
    absl::MutexLock lock(&mutex_);
    if (request.path == "/api/v1/notifications") return Mastodon(request);
    if (request.path == "/xrpc/app.bsky.notification.listNotifications") return Bluesky(request);
    return std::nullopt;
  }

 private:
  using Json = nlohmann::json;

  // Those that follow min_id, at most `limit` of them; newest first.
  http::Response Mastodon(const http::Request& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ++questions_["mastodon"];
    if (request.Parameter("types[]") != "mention") return http::Response::Json("{}", 422);
    int64_t after = 0, limit = 0;
    (void)absl::SimpleAtoi(request.Parameter("min_id").value_or("0"), &after);
    (void)absl::SimpleAtoi(request.Parameter("limit").value_or("40"), &limit);
    Json all = Json::array();
    int64_t number = 0;
    for (const Said& said : said_["mastodon"]) {
      if (++number <= after || static_cast<int64_t>(all.size()) >= limit) continue;
      const bool is_reply = !said.below.empty();
      all.insert(
          all.begin(),
          Json{{"id", absl::StrCat(number)},
               {"type", "mention"},
               {"account", {{"id", "77"}, {"acct", said.author}}},
               {"status",
                {{"id", said.id},
                 {"content", absl::StrCat("<p>", said.text, "</p>")},
                 {"url", absl::StrCat("https://b.example/@ann/", said.id)},
                 {"visibility", said.visibility},
                 {"created_at", absl::FormatTime(absl::RFC3339_full, said.at, absl::UTCTimeZone())},
                 {"in_reply_to_id", is_reply ? Json(said.below) : Json()},
                 {"in_reply_to_account_id", is_reply ? Json("11") : Json()}}}});
    }
    return http::Response::Json(all.dump());
  }

  // Newest first, a page of two.
  http::Response Bluesky(const http::Request& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ++questions_["bluesky"];
    if (request.headers.Get("Authorization") != "Bearer jwt")
      return http::Response::Json("{}", 401);
    const std::vector<Said>& all = said_["bluesky"];
    size_t end = all.size();
    if (const auto cursor = request.Parameter("cursor")) {
      (void)absl::SimpleAtoi(*cursor, &end);
    }
    Json list = Json::array();
    while (end > 0 && list.size() < 2) {
      const Said& said = all[--end];
      const Json post = {{"uri", absl::StrCat("at://did:plc:me/app.bsky.feed.post/", said.below)},
                         {"cid", "cid" + said.below}};
      Json record = {{"text", said.text}};
      if (!said.below.empty()) record["reply"] = {{"root", post}, {"parent", post}};
      list.push_back(
          {{"uri", absl::StrCat("at://did:plc:ann/app.bsky.feed.post/", said.id)},
           {"cid", "cid" + said.id},
           {"author", {{"did", "did:plc:ann"}, {"handle", said.author}}},
           {"reason", said.below.empty() ? "mention" : "reply"},
           {"record", record},
           {"indexedAt", absl::FormatTime(absl::RFC3339_full, said.at, absl::UTCTimeZone())}});
    }
    Json body = {{"notifications", list}};
    if (end > 0) body["cursor"] = absl::StrCat(end);
    return http::Response::Json(body.dump());
  }

  absl::Mutex mutex_;
  std::map<std::string, std::vector<Said>> said_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> questions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::social
