// The AT protocol: https://docs.bsky.app/docs/api (read 2026-11-30). A post is put under a record key
// of our own, so that the same call again writes the same record, and reading the key tells whether
// it is there.
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/crypto/crypto.h"
#include "common/http/url.h"
#include "common/status/status_macros.h"
#include "services/studio/social/platforms/answer.h"
#include "services/studio/social/platforms/bluesky_record.h"
#include "services/studio/social/platforms/publisher.h"
#include "services/studio/social/platforms/read_back.h"

namespace selfology::social {
namespace {

using Kind = Outcome::Kind;

constexpr std::string_view kName = "Bluesky";
constexpr std::string_view kCollection = "app.bsky.feed.post";
constexpr absl::Duration kSessionLife = absl::Minutes(30);  // Servers give about two hours.
constexpr size_t kMaxSessions = 10'000;
constexpr int kPage = 100;  // Notifications; servers give no more.
constexpr int kMostPages = 10;

// An outcome of signing in, before anything was written: nothing happened.
Outcome BeforeWriting(Outcome outcome) {
  if (outcome.kind == Kind::kUnknown) outcome.kind = Kind::kLater;
  if (outcome.kind == Kind::kRefused) outcome.kind = Kind::kTokenRefused;
  return outcome;
}

class Bluesky final : public Publisher {
 public:
  explicit Bluesky(http::Client& client) : client_(client) {}

  absl::StatusOr<Identity> Identify(const Call& call, const Login& login) const override {
    Forget(login);
    Session session;
    if (const auto failed = SignIn(call, login, session)) {
      if (failed->kind == Kind::kLater)
        return absl::UnavailableError("Bluesky cannot be asked now");
      return absl::FailedPreconditionError(
          "Bluesky refuses the handle or the app password: make another one there");
    }
    return Identity{.remote_id = session.did, .name = absl::StrCat("@", session.handle)};
  }

  Outcome Publish(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    Session session;
    if (auto failed = SignIn(call, login, session)) return *failed;
    const std::string key = RecordKey(outgoing.created_at, outgoing.publication_id);
    nlohmann::json record = PostRecord(outgoing.text, outgoing.created_at);
    if (auto failed = AddReply(call, login, outgoing, record)) return *failed;
    if (auto failed = AddPictures(call, login, session, outgoing, record)) return *failed;
    const nlohmann::json body = {{"repo", session.did},
                                 {"collection", kCollection},
                                 {"rkey", key},
                                 {"record", std::move(record)}};
    const auto response = Post(call, login, session, "com.atproto.repo.putRecord", body.dump());
    if (IsExpired(response)) {
      Forget(login);
      return {
          .kind = Kind::kLater, .reason = "the session has expired", .evidence = "ExpiredToken"};
    }
    if (const auto failed = FailureOf(response, kName)) return *failed;
    if (TextAt(JsonOf(*response), "uri").empty()) {
      return {.kind = Kind::kUnknown, .evidence = "an answer without an address"};
    }
    return Done(session.did, key, absl::StrCat(response->status));
  }

  Outcome LookUp(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const std::string key = RecordKey(outgoing.created_at, outgoing.publication_id);
    const auto response = GetRecord(call, login, key);
    if (response.ok() && (response->status == 400 || response->status == 404) &&
        TextAt(JsonOf(*response), "error") == "RecordNotFound") {
      return {.kind = Kind::kNotThere, .evidence = "no record of that key"};
    }
    if (const auto failed = FailureOf(response, kName)) {
      return {.kind = Kind::kUnknown, .reason = failed->reason, .evidence = failed->evidence};
    }
    return Done(login.remote_id, key, "found by its key");
  }

  Outcome Remove(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    Session session;
    if (auto failed = SignIn(call, login, session)) return *failed;
    const nlohmann::json body = {
        {"repo", session.did}, {"collection", kCollection}, {"rkey", outgoing.remote_id}};
    const auto response = Post(call, login, session, "com.atproto.repo.deleteRecord", body.dump());
    if (const auto failed = FailureOf(response, kName)) return *failed;
    return {.kind = Kind::kDone, .evidence = absl::StrCat(response->status)};
  }

  // The record is written anew under its key; only its words change.
  Outcome Edit(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    Session session;
    if (auto failed = SignIn(call, login, session)) return *failed;
    const auto current = GetRecord(call, login, outgoing.remote_id);
    if (const auto failed = FailureOf(current, kName)) return *failed;
    nlohmann::json record = ObjectAt(JsonOf(*current), "value");
    if (record.empty()) return {.kind = Kind::kRefused, .evidence = "a record without a value"};
    SetWords(outgoing.text, record);
    const nlohmann::json body = {{"repo", session.did},
                                 {"collection", kCollection},
                                 {"rkey", outgoing.remote_id},
                                 {"record", std::move(record)}};
    const auto response = Post(call, login, session, "com.atproto.repo.putRecord", body.dump());
    if (IsExpired(response)) {
      Forget(login);
      return {.kind = Kind::kLater, .evidence = "ExpiredToken"};
    }
    if (const auto failed = FailureOf(response, kName)) return *failed;
    return {.kind = Kind::kDone, .evidence = absl::StrCat(response->status)};
  }

  absl::StatusOr<std::optional<v1::Metrics>> Measure(const Call& call, const Login& login,
                                                     const Outgoing& outgoing) const override {
    Session session;
    if (SignIn(call, login, session).has_value()) {
      return absl::UnavailableError("Bluesky cannot be asked now");
    }
    const auto response = client_.Send(
        call, {.url = absl::StrCat(login.server, "/xrpc/app.bsky.feed.getPosts?uris=",
                                   http::Encode(absl::StrCat("at://", session.did, "/", kCollection,
                                                             "/", outgoing.remote_id))),
               .headers = {{"Authorization", absl::StrCat("Bearer ", session.token)}},
               .target = "bluesky"});
    RETURN_IF_ERROR(ErrorOf(response, kName));
    const nlohmann::json body = JsonOf(*response);
    const auto posts = body.find("posts");
    if (posts == body.end() || !posts->is_array() || posts->empty()) {
      return absl::NotFoundError("the post is gone");
    }
    const nlohmann::json& post = posts->front();
    v1::Metrics metrics;
    metrics.set_likes(NumberAt(post, "likeCount"));
    metrics.set_reposts(NumberAt(post, "repostCount") + NumberAt(post, "quoteCount"));
    metrics.set_replies(NumberAt(post, "replyCount"));
    return metrics;
  }

  bool Hears() const override { return true; }

  // The list comes newest first: it is read back to what was the newest before.
  absl::StatusOr<Hearing> Hear(const Call& call, const Login& login,
                               const std::string& since) const override {
    Session session;
    if (SignIn(call, login, session).has_value()) {
      return absl::UnavailableError("Bluesky cannot be asked now");
    }
    Hearing hearing{.to = since};
    std::string cursor;
    for (int page = 0; page < kMostPages; ++page) {
      const auto response = client_.Send(
          call, {.url = absl::StrCat(login.server,
                                     "/xrpc/app.bsky.notification.listNotifications?limit=", kPage,
                                     cursor.empty() ? "" : "&cursor=", http::Encode(cursor)),
                 .headers = {{"Authorization", absl::StrCat("Bearer ", session.token)}},
                 .target = "bluesky"});
      if (IsExpired(response)) Forget(login);
      RETURN_IF_ERROR(ErrorOf(response, kName));
      const nlohmann::json body = JsonOf(*response);
      const auto list = body.find("notifications");
      if (list == body.end() || !list->is_array()) break;
      bool reached = false;
      for (const nlohmann::json& notification : *list) {
        const std::string at = TextAt(notification, "indexedAt");
        // Those of the same moment come again; they are kept once.
        if (ReadTime(at) < ReadTime(since)) {
          reached = true;
          break;
        }
        if (hearing.to.empty() || ReadTime(at) > ReadTime(hearing.to)) hearing.to = at;
        auto heard = HeardAtBluesky(notification, session.did);
        if (heard.has_value()) hearing.heard.push_back(*std::move(heard));
      }
      cursor = TextAt(body, "cursor");
      if (reached || since.empty() || cursor.empty()) break;
    }
    return hearing;
  }

 private:
  struct Session {
    std::string did = {};
    std::string handle = {};
    std::string token = {};
    absl::Time until = absl::InfinitePast();
  };

  absl::StatusOr<http::ClientResponse> GetRecord(const Call& call, const Login& login,
                                                 const std::string& key) const {
    return client_.Send(
        call, {.url = absl::StrCat(login.server, "/xrpc/com.atproto.repo.getRecord?repo=",
                                   http::Encode(login.remote_id), "&collection=", kCollection,
                                   "&rkey=", http::Encode(key)),
               .target = "bluesky"});
  }

  // What the post answers is named by its address and the digest of what it says.
  std::optional<Outcome> AddReply(const Call& call, const Login& login, const Outgoing& outgoing,
                                  nlohmann::json& record) const {
    if (outgoing.parent_id.empty()) return std::nullopt;
    for (const auto& [name, key] :
         {std::pair("root", &outgoing.root_id), std::pair("parent", &outgoing.parent_id)}) {
      if (const auto theirs = ReadReference(*key)) {
        record["reply"][name] = {{"uri", theirs->uri}, {"cid", theirs->cid}};
        continue;
      }
      const auto response = GetRecord(call, login, *key);
      if (auto failed = FailureOf(response, kName)) return NothingPublished(*std::move(failed));
      const nlohmann::json there = JsonOf(*response);
      record["reply"][name] = {{"uri", TextAt(there, "uri")}, {"cid", TextAt(there, "cid")}};
    }
    return std::nullopt;
  }

  std::optional<Outcome> AddPictures(const Call& call, const Login& login, const Session& session,
                                     const Outgoing& outgoing, nlohmann::json& record) const {
    for (const Picture& picture : outgoing.pictures) {
      const auto response = client_.Send(
          call, {.method = "POST",
                 .url = absl::StrCat(login.server, "/xrpc/com.atproto.repo.uploadBlob"),
                 .headers = {{"Authorization", absl::StrCat("Bearer ", session.token)},
                             {"Content-Type", picture.media_type}},
                 .body = picture.bytes,
                 .target = "bluesky blob"});
      if (IsExpired(response)) {
        Forget(login);
        return Outcome{.kind = Kind::kLater, .evidence = "ExpiredToken"};
      }
      if (auto failed = FailureOf(response, kName)) return NothingPublished(*std::move(failed));
      const nlohmann::json blob = ObjectAt(JsonOf(*response), "blob");
      if (blob.empty()) return NothingPublished({.evidence = "a picture without a blob"});
      record["embed"]["$type"] = "app.bsky.embed.images";
      record["embed"]["images"].push_back(
          {{"alt", picture.alt},
           {"image", blob},
           {"aspectRatio", {{"width", picture.width}, {"height", picture.height}}}});
    }
    return std::nullopt;
  }

  static std::string KeyOf(const Login& login) {
    return crypto::Sha256(absl::StrCat(login.server, "\n", login.login, "\n", login.secret));
  }

  void Forget(const Login& login) const {
    absl::MutexLock lock(&mutex_);
    sessions_.erase(KeyOf(login));
  }

  // nullopt: `session` can be used. Servers allow few sign-ins, so a session is kept for a while.
  std::optional<Outcome> SignIn(const Call& call, const Login& login, Session& session) const {
    {
      absl::MutexLock lock(&mutex_);
      const auto at = sessions_.find(KeyOf(login));
      if (at != sessions_.end() && at->second.until > absl::Now()) {
        session = at->second;
        return std::nullopt;
      }
    }
    const nlohmann::json body = {{"identifier", login.login}, {"password", login.secret}};
    const auto response = client_.Send(
        call, {.method = "POST",
               .url = absl::StrCat(login.server, "/xrpc/com.atproto.server.createSession"),
               .headers = {{"Content-Type", std::string(http::kJson)}},
               .body = body.dump(),
               .target = "bluesky"});
    if (const auto failed = FailureOf(response, kName)) return BeforeWriting(*failed);
    const nlohmann::json answer = JsonOf(*response);
    session = {.did = TextAt(answer, "did"),
               .handle = TextAt(answer, "handle"),
               .token = TextAt(answer, "accessJwt"),
               .until = absl::Now() + kSessionLife};
    if (session.did.empty() || session.token.empty()) {
      return Outcome{.kind = Kind::kTokenRefused,
                     .reason = "no AT protocol server answers there",
                     .evidence = "a session without a token"};
    }
    absl::MutexLock lock(&mutex_);
    if (sessions_.size() >= kMaxSessions) sessions_.clear();
    sessions_[KeyOf(login)] = session;
    return std::nullopt;
  }

  absl::StatusOr<http::ClientResponse> Post(const Call& call, const Login& login,
                                            const Session& session, std::string_view method,
                                            std::string body) const {
    return client_.Send(call,
                        {.method = "POST",
                         .url = absl::StrCat(login.server, "/xrpc/", method),
                         .headers = {{"Authorization", absl::StrCat("Bearer ", session.token)},
                                     {"Content-Type", std::string(http::kJson)}},
                         .body = std::move(body),
                         .target = "bluesky"});
  }

  static bool IsExpired(const absl::StatusOr<http::ClientResponse>& response) {
    return response.ok() && response->status == 400 &&
           TextAt(JsonOf(*response), "error") == "ExpiredToken";
  }

  static Outcome Done(const std::string& did, const std::string& key, std::string_view how) {
    return {.kind = Kind::kDone,
            .evidence = absl::StrCat(how, ", key ", key),
            .remote_id = key,
            .url = absl::StrCat("https://bsky.app/profile/", did, "/post/", key)};
  }

  http::Client& client_;
  mutable absl::Mutex mutex_;
  mutable std::map<std::string, Session> sessions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<Publisher> MakeBluesky(http::Client& client) {
  return std::make_unique<Bluesky>(client);
}

}  // namespace selfology::social
