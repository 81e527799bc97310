// X's API v2, as the table of X in api_table.cc has it. X knows no key of ours: a post is found again
// by its words in the account's own timeline.
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/http/url.h"
#include "common/status/status_macros.h"
#include "services/studio/social/platforms/answer.h"
#include "services/studio/social/platforms/documented.h"
#include "services/studio/social/platforms/read_back.h"

namespace selfology::social {
namespace {

using Kind = Outcome::Kind;

class X final : public DocumentedPublisher {
 public:
  explicit X(http::Client& client) : DocumentedPublisher(client, v1::PLATFORM_X) {}

  absl::StatusOr<Identity> Identify(const Call& call, const Login& login) const override {
    const auto response = Send(call, login, "GET", "/2/users/me");
    RETURN_IF_ERROR(ReadError(response));
    const nlohmann::json user = ObjectAt(JsonOf(*response), "data");
    Identity identity{.remote_id = TextAt(user, "id"),
                      .name = absl::StrCat("@", TextAt(user, "username"))};
    if (identity.remote_id.empty()) return absl::FailedPreconditionError("no X answers there");
    return identity;
  }

  Outcome Remove(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const auto response =
        Send(call, login, "DELETE", absl::StrCat("/2/tweets/", http::Encode(outgoing.remote_id)));
    if (response.ok() && response->status == 404) return {.kind = Kind::kDone, .evidence = "gone"};
    if (const auto failed = Judge(response, outgoing.now)) return failed->outcome;
    return {.kind = Kind::kDone, .evidence = absl::StrCat(response->status)};
  }

  absl::StatusOr<std::optional<v1::Metrics>> Measure(const Call& call, const Login& login,
                                                     const Outgoing& outgoing) const override {
    const auto response = Send(call, login, "GET",
                               absl::StrCat("/2/tweets/", http::Encode(outgoing.remote_id),
                                            "?tweet.fields=public_metrics"));
    RETURN_IF_ERROR(ReadError(response));
    // What is gone is a 200 with "errors" and no "data".
    const nlohmann::json body = JsonOf(*response);
    if (TextAt(ObjectAt(body, "data"), "id").empty()) {
      return absl::NotFoundError("the post is gone");
    }
    const nlohmann::json numbers = ObjectAt(ObjectAt(body, "data"), "public_metrics");
    v1::Metrics metrics;
    metrics.set_likes(NumberAt(numbers, "like_count"));
    metrics.set_reposts(NumberAt(numbers, "retweet_count") + NumberAt(numbers, "quote_count"));
    metrics.set_replies(NumberAt(numbers, "reply_count"));
    metrics.set_views(NumberAt(numbers, "impression_count"));
    return metrics;
  }

  bool Renews() const override { return true; }

  // A refresh token is good once: each answer has the next one.
  absl::StatusOr<Tokens> Renew(const Call& call, const Login& login,
                               const Renewal& renewal) const override {
    http::Parameters form = {{"grant_type", "refresh_token"},
                             {"refresh_token", renewal.refresh_token}};
    std::string authorization;
    if (renewal.client_secret.empty()) {
      form.push_back({"client_id", renewal.client_id});
    } else {
      authorization = absl::StrCat("Basic ", absl::Base64Escape(absl::StrCat(
                                                 renewal.client_id, ":", renewal.client_secret)));
    }
    const auto response = SendForm(call, login, "/2/oauth2/token", form, authorization);
    RETURN_IF_ERROR(ReadError(response));
    const nlohmann::json body = JsonOf(*response);
    Tokens tokens{.secret = TextAt(body, "access_token"),
                  .refresh_token = TextAt(body, "refresh_token"),
                  .lifetime = absl::Seconds(NumberAt(body, "expires_in"))};
    if (tokens.secret.empty()) {
      return absl::FailedPreconditionError("X gave no token: connect the account again");
    }
    return tokens;
  }

 protected:
  Attempt Post(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    nlohmann::json post = {{"text", outgoing.text}};
    if (!outgoing.parent_id.empty()) {
      post["reply"] = {{"in_reply_to_tweet_id", outgoing.parent_id}};
    }
    const auto response = Send(call, login, "POST", "/2/tweets", post.dump());
    if (auto failed = Judge(response, outgoing.now)) return *std::move(failed);
    return {.outcome = FoundPost(TextAt(ObjectAt(JsonOf(*response), "data"), "id"),
                                 absl::StrCat(response->status))};
  }

  Outcome Find(const Call& call, const Login& login, const Outgoing& outgoing,
               absl::Time since) const override {
    const std::string start =
        absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", since - kApiClocksDiffer, absl::UTCTimeZone());
    const auto response =
        Send(call, login, "GET",
             absl::StrCat("/2/users/", http::Encode(login.remote_id),
                          "/tweets?max_results=100&exclude=retweets&tweet.fields=created_at,"
                          "entities&start_time=",
                          http::Encode(start)));
    if (const auto failed = FindError(response, outgoing.now)) return *failed;
    const nlohmann::json body = JsonOf(*response);
    // A timeline without posts is {"meta": {"result_count": 0}}.
    const auto posts = body.find("data");
    if (posts == body.end() && ObjectAt(body, "meta").empty()) {
      return {.kind = Kind::kUnknown, .evidence = "no timeline"};
    }
    if (posts != body.end() && posts->is_array()) {
      for (const nlohmann::json& post : *posts) {
        const std::string id = TextAt(post, "id");
        if (id != outgoing.parent_id && id != outgoing.root_id &&
            ReadTime(TextAt(post, "created_at")) >= since - kApiClocksDiffer &&
            SameText(PlainOfX(post), outgoing.text)) {
          return FoundPost(id, "found in the account's timeline");
        }
      }
    }
    // What does not fit into one page cannot be told.
    if (!TextAt(ObjectAt(body, "meta"), "next_token").empty()) return TooMany();
    return {.kind = Kind::kNotThere, .evidence = "not in the account's timeline"};
  }

 private:
  Outcome FoundPost(const std::string& id, std::string_view how) const {
    return Found(id, absl::StrCat("https://x.com/i/web/status/", id), how);
  }
};

}  // namespace

std::unique_ptr<Publisher> MakeX(http::Client& client) { return std::make_unique<X>(client); }

}  // namespace selfology::social
