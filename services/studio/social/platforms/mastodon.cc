// Mastodon's API: https://docs.joinmastodon.org/methods/statuses/ (read 2026-11-30). A status is sent
// with an Idempotency-Key, which servers keep for an hour; since not all do, the account's newest
// statuses are read before another call.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/http/url.h"
#include "common/status/status_macros.h"
#include "services/studio/social/platforms/answer.h"
#include "services/studio/social/platforms/publisher.h"

namespace selfology::social {
namespace {

using Kind = Outcome::Kind;

constexpr std::string_view kName = "Mastodon";
constexpr absl::Duration kClocksDiffer = absl::Minutes(5);

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
    const std::string host = login.server.substr(login.server.find("//") + 2);
    identity.name = absl::StrCat("@", TextAt(body, "username"), "@", host);
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
    const nlohmann::json status = {{"status", outgoing.text}};
    const auto response =
        Send(call, login, "POST", "/api/v1/statuses", status.dump(), {{"Idempotency-Key", key}});
    if (const auto failed = FailureOf(response, kName)) return *failed;
    return Found(JsonOf(*response), absl::StrCat(response->status));
  }

  Outcome LookUp(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const auto response = Send(call, login, "GET",
                               absl::StrCat("/api/v1/accounts/", http::Encode(login.remote_id),
                                            "/statuses?limit=40&exclude_reblogs=true"));
    if (const auto failed = FailureOf(response, kName)) {
      return {.kind = Kind::kUnknown, .reason = failed->reason, .evidence = failed->evidence};
    }
    const nlohmann::json statuses = JsonOf(*response);
    for (const nlohmann::json& status : statuses) {
      absl::Time at;
      std::string error;
      if (!absl::ParseTime(absl::RFC3339_full, TextAt(status, "created_at"), &at, &error) ||
          at < outgoing.first_call_at - kClocksDiffer) {
        continue;
      }
      // The words as they were sent, not as a page.
      const auto source =
          Send(call, login, "GET",
               absl::StrCat("/api/v1/statuses/", http::Encode(TextAt(status, "id")), "/source"));
      if (FailureOf(source, kName).has_value())
        return {.kind = Kind::kUnknown, .evidence = "no source"};
      if (TextAt(JsonOf(*source), "text") == outgoing.text) {
        return Found(status, "found among the newest");
      }
    }
    return {.kind = Kind::kNotThere, .evidence = "not among the newest"};
  }

  Outcome Remove(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const auto response = Send(call, login, "DELETE",
                               absl::StrCat("/api/v1/statuses/", http::Encode(outgoing.remote_id)));
    if (response.ok() && response->status == 404) return {.kind = Kind::kDone, .evidence = "gone"};
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

 private:
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
