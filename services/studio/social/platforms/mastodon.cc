// Mastodon's API: https://docs.joinmastodon.org/methods/statuses/ (read 2026-11-30). A status is sent
// with an Idempotency-Key, which servers keep for an hour; since not all do, the account's newest
// statuses are read before another call.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/http/url.h"
#include "common/status/status_macros.h"
#include "services/studio/social/platforms/answer.h"
#include "services/studio/social/platforms/form_data.h"
#include "services/studio/social/platforms/publisher.h"

namespace selfology::social {
namespace {

using Kind = Outcome::Kind;

constexpr std::string_view kName = "Mastodon";
constexpr absl::Duration kClocksDiffer = absl::Minutes(5);
constexpr int kPage = 40;  // Statuses; servers give no more.
constexpr int kMostPages = 25;

class Mastodon final : public Publisher {
 public:
  explicit Mastodon(http::Client& client) : client_(client) {}

  absl::StatusOr<Identity> Identify(const Call& call, const Login& login) const override {
    const auto response = Send(call, login, "GET", "/api/v1/accounts/verify_credentials");
    RETURN_IF_ERROR(ErrorOf(response, kName));
    const nlohmann::json body = JsonOf(*response);
    Identity identity{.remote_id = TextAt(body, "id")};
    if (identity.remote_id.empty())
      return absl::FailedPreconditionError("no Mastodon answers there");
    identity.name = absl::StrCat("@", TextAt(body, "username"), "@", HostOf(login));
    // Servers choose their own limit; one that does not say has Mastodon's.
    const auto instance = Send(call, login, "GET", "/api/v2/instance");
    if (instance.ok() && instance->status == 200) {
      const nlohmann::json statuses =
          ObjectAt(ObjectAt(JsonOf(*instance), "configuration"), "statuses");
      identity.max_text =
          static_cast<int>(std::min<int64_t>(NumberAt(statuses, "max_characters"), 15'000));
    }
    return identity;
  }

  Outcome Publish(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const std::string key = absl::StrCat("selfology-", outgoing.publication_id, "-",
                                         absl::ToUnixMicros(outgoing.created_at));
    nlohmann::json status = {{"status", outgoing.text}};
    if (!outgoing.parent_id.empty()) status["in_reply_to_id"] = outgoing.parent_id;
    if (!outgoing.audience.empty()) status["visibility"] = outgoing.audience;
    for (size_t i = 0; i < outgoing.pictures.size(); ++i) {
      std::string id;
      if (auto failed = Upload(call, login, outgoing.pictures[i], i, id)) return *failed;
      status["media_ids"].push_back(id);
    }
    const auto response =
        Send(call, login, "POST", "/api/v1/statuses", status.dump(), {{"Idempotency-Key", key}});
    if (const auto failed = FailureOf(response, kName)) return *failed;
    return Found(JsonOf(*response), absl::StrCat(response->status));
  }

  Outcome LookUp(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const absl::Time since = outgoing.first_call_at - kClocksDiffer;
    std::string before;
    for (int page = 0; page < kMostPages; ++page) {
      const auto response =
          Send(call, login, "GET",
               absl::StrCat("/api/v1/accounts/", http::Encode(login.remote_id),
                            "/statuses?limit=", kPage, "&exclude_reblogs=true",
                            before.empty() ? "" : "&max_id=", http::Encode(before)));
      if (const auto failed = FailureOf(response, kName)) {
        return {.kind = Kind::kUnknown, .reason = failed->reason, .evidence = failed->evidence};
      }
      const nlohmann::json statuses = JsonOf(*response);
      bool any_since = false;
      for (const nlohmann::json& status : statuses) {
        absl::Time at;
        std::string error;
        before = TextAt(status, "id");
        if (!absl::ParseTime(absl::RFC3339_full, TextAt(status, "created_at"), &at, &error)) {
          continue;
        }
        if (at < since) continue;
        any_since = true;
        if (TextAt(status, "in_reply_to_id") != outgoing.parent_id) continue;
        // The words as they were sent, not as a page.
        const auto source =
            Send(call, login, "GET",
                 absl::StrCat("/api/v1/statuses/", http::Encode(TextAt(status, "id")), "/source"));
        if (FailureOf(source, kName).has_value()) {
          return {.kind = Kind::kUnknown, .evidence = "no source"};
        }
        if (TextAt(JsonOf(*source), "text") == outgoing.text) {
          return Found(status, "found among the newest");
        }
      }
      // Pages come newest first.
      if (!any_since) return {.kind = Kind::kNotThere, .evidence = "not among those since then"};
    }
    return {.kind = Kind::kUnknown,
            .reason =
                "the account has too many new posts to look through: look whether it is there,"
                " and say so",
            .evidence = "too many new posts"};
  }

  Outcome Remove(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const auto response = Send(call, login, "DELETE",
                               absl::StrCat("/api/v1/statuses/", http::Encode(outgoing.remote_id)));
    if (response.ok() && response->status == 404) return {.kind = Kind::kDone, .evidence = "gone"};
    if (const auto failed = FailureOf(response, kName)) return *failed;
    return {.kind = Kind::kDone, .evidence = absl::StrCat(response->status)};
  }

  Outcome Edit(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const std::string path = absl::StrCat("/api/v1/statuses/", http::Encode(outgoing.remote_id));
    // Pictures that are not named anew are taken away.
    const auto current = Send(call, login, "GET", path);
    if (const auto failed = FailureOf(current, kName)) return *failed;
    nlohmann::json status = {{"status", outgoing.text}};
    const nlohmann::json body = JsonOf(*current);
    const auto media = body.find("media_attachments");
    if (media != body.end() && media->is_array()) {
      for (const nlohmann::json& picture : *media) {
        status["media_ids"].push_back(TextAt(picture, "id"));
      }
    }
    const auto response = Send(call, login, "PUT", path, status.dump());
    if (const auto failed = FailureOf(response, kName)) return *failed;
    return {.kind = Kind::kDone, .evidence = absl::StrCat(response->status)};
  }

  absl::StatusOr<std::optional<v1::Metrics>> Measure(const Call& call, const Login& login,
                                                     const Outgoing& outgoing) const override {
    const auto response = Send(call, login, "GET",
                               absl::StrCat("/api/v1/statuses/", http::Encode(outgoing.remote_id)));
    RETURN_IF_ERROR(ErrorOf(response, kName));
    const nlohmann::json body = JsonOf(*response);
    v1::Metrics metrics;
    metrics.set_likes(NumberAt(body, "favourites_count"));
    metrics.set_reposts(NumberAt(body, "reblogs_count"));
    metrics.set_replies(NumberAt(body, "replies_count"));
    return metrics;
  }

  bool Hears() const override { return true; }

  absl::StatusOr<Hearing> Hear(const Call& call, const Login& login,
                               const std::string& since) const override {
    // min_id gives those that follow it; without, the newest.
    const auto response =
        Send(call, login, "GET",
             absl::StrCat("/api/v1/notifications?types%5B%5D=mention&limit=", kPage,
                          since.empty() ? "" : absl::StrCat("&min_id=", http::Encode(since))));
    RETURN_IF_ERROR(ErrorOf(response, kName));
    const nlohmann::json notifications = JsonOf(*response);
    Hearing hearing{.to = since};
    for (const nlohmann::json& notification : notifications) {
      const std::string id = TextAt(notification, "id");
      // Numbers, too long for any type.
      if (id.size() > hearing.to.size() || (id.size() == hearing.to.size() && id > hearing.to)) {
        hearing.to = id;
      }
      auto heard = HeardAtMastodon(notification, login.remote_id, HostOf(login));
      if (heard.has_value()) hearing.heard.push_back(*std::move(heard));
    }
    hearing.more = !since.empty() && notifications.size() >= size_t{kPage} && hearing.to != since;
    return hearing;
  }

 private:
  static std::string HostOf(const Login& login) {
    return login.server.substr(login.server.find("//") + 2);
  }

  // Nothing is published by it: what fails is tried again.
  std::optional<Outcome> Upload(const Call& call, const Login& login, const Picture& picture,
                                size_t number, std::string& id) const {
    FormData form =
        MakeForm({{"description", picture.alt}}, {{"file", FileNameOf(picture, number), &picture}});
    const auto response =
        client_.Send(call, {.method = "POST",
                            .url = absl::StrCat(login.server, "/api/v2/media"),
                            .headers = {{"Authorization", absl::StrCat("Bearer ", login.secret)},
                                        {"Content-Type", form.content_type}},
                            .body = std::move(form.body),
                            .target = "mastodon media"});
    if (auto failed = FailureOf(response, kName)) return NothingPublished(*std::move(failed));
    id = TextAt(JsonOf(*response), "id");
    if (id.empty()) return NothingPublished({.evidence = "a picture without an id"});
    return std::nullopt;
  }

  absl::StatusOr<http::ClientResponse> Send(const Call& call, const Login& login,
                                            std::string_view method, std::string_view path,
                                            std::string body = "", http::Headers more = {}) const {
    more.Set("Authorization", absl::StrCat("Bearer ", login.secret));
    if (!body.empty()) more.Set("Content-Type", http::kJson);
    return client_.Send(call, {.method = std::string(method),
                               .url = absl::StrCat(login.server, path),
                               .headers = std::move(more),
                               .body = std::move(body),
                               .target = "mastodon"});
  }

  static Outcome Found(const nlohmann::json& status, std::string_view how) {
    const std::string id = TextAt(status, "id");
    if (id.empty()) return {.kind = Kind::kUnknown, .evidence = "an answer without an id"};
    return {.kind = Kind::kDone,
            .evidence = absl::StrCat(how, ", id ", id),
            .remote_id = id,
            .url = TextAt(status, "url")};
  }

  http::Client& client_;
};

}  // namespace

std::unique_ptr<Publisher> MakeMastodon(http::Client& client) {
  return std::make_unique<Mastodon>(client);
}

}  // namespace selfology::social
