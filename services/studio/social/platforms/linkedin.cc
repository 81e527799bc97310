// LinkedIn's Posts API, as the table of LinkedIn in api_table.cc has it. The author is the member whose
// token it is, or the company of `target`. A post is found again by its words among the author's own,
// which LinkedIn lets only some apps read; where it does not, the person says.
#include "absl/strings/str_cat.h"
#include "common/http/url.h"
#include "common/status/status_macros.h"
#include "services/studio/social/platforms/answer.h"
#include "services/studio/social/platforms/documented.h"
#include "services/studio/social/platforms/read_back.h"

namespace selfology::social {
namespace {

using Kind = Outcome::Kind;

constexpr std::string_view kVersion = "202605";

class LinkedIn final : public DocumentedPublisher {
 public:
  explicit LinkedIn(http::Client& client) : DocumentedPublisher(client, v1::PLATFORM_LINKEDIN) {}

  absl::StatusOr<Identity> Identify(const Call& call, const Login& login) const override {
    const auto response = Send(call, login, "GET", "/v2/userinfo");
    RETURN_IF_ERROR(ReadError(response));
    const nlohmann::json member = JsonOf(*response);
    const std::string id = TextAt(member, "sub");
    if (id.empty()) return absl::FailedPreconditionError("no LinkedIn answers there");
    if (!login.target.empty()) return Identity{.remote_id = login.target};
    return Identity{.remote_id = absl::StrCat("urn:li:person:", id),
                    .name = TextAt(member, "name")};
  }

  Outcome Remove(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const auto response =
        Rest(call, login, "DELETE", absl::StrCat("/rest/posts/", http::Encode(outgoing.remote_id)));
    if (response.ok() && response->status == 404) return {.kind = Kind::kDone, .evidence = "gone"};
    if (const auto failed = Judge(response, outgoing.now)) return failed->outcome;
    return {.kind = Kind::kDone, .evidence = absl::StrCat(response->status)};
  }

  Outcome Edit(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const nlohmann::json change = {
        {"patch", {{"$set", {{"commentary", LittleOf(outgoing.text)}}}}}};
    const auto response =
        Rest(call, login, "POST", absl::StrCat("/rest/posts/", http::Encode(outgoing.remote_id)),
             change.dump(), {{"X-RestLi-Method", "PARTIAL_UPDATE"}});
    if (const auto failed = Judge(response, outgoing.now)) return failed->outcome;
    return {.kind = Kind::kDone, .evidence = absl::StrCat(response->status)};
  }

  absl::StatusOr<std::optional<v1::Metrics>> Measure(const Call& call, const Login& login,
                                                     const Outgoing& outgoing) const override {
    const auto response = Rest(
        call, login, "GET", absl::StrCat("/rest/socialActions/", http::Encode(outgoing.remote_id)));
    if (response.ok() && response->status == 403) return std::nullopt;
    RETURN_IF_ERROR(ReadError(response));
    const nlohmann::json body = JsonOf(*response);
    v1::Metrics metrics;
    metrics.set_likes(NumberAt(ObjectAt(body, "likesSummary"), "totalLikes"));
    metrics.set_replies(NumberAt(ObjectAt(body, "commentsSummary"), "aggregatedTotalComments"));
    return metrics;
  }

 protected:
  Attempt Post(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const nlohmann::json post = {{"author", login.remote_id},
                                 {"commentary", LittleOf(outgoing.text)},
                                 {"visibility", "PUBLIC"},
                                 {"distribution",
                                  {{"feedDistribution", "MAIN_FEED"},
                                   {"targetEntities", nlohmann::json::array()},
                                   {"thirdPartyDistributionChannels", nlohmann::json::array()}}},
                                 {"lifecycleState", "PUBLISHED"},
                                 {"isReshareDisabledByAuthor", false}};
    const auto response = Rest(call, login, "POST", "/rest/posts", post.dump());
    if (auto failed = Judge(response, outgoing.now)) return *std::move(failed);
    return {.outcome = FoundPost(std::string(response->headers.Get("x-restli-id").value_or("")),
                                 absl::StrCat(response->status))};
  }

  Outcome Find(const Call& call, const Login& login, const Outgoing& outgoing,
               absl::Time since) const override {
    const auto response = Rest(call, login, "GET",
                               absl::StrCat("/rest/posts?q=author&count=100&sortBy=CREATED&author=",
                                            http::Encode(login.remote_id)),
                               "", {{"X-RestLi-Method", "FINDER"}});
    if (const auto failed = FindError(response, outgoing.now)) return *failed;
    const nlohmann::json body = JsonOf(*response);
    const auto posts = body.find("elements");
    if (posts == body.end() || !posts->is_array()) {
      return {.kind = Kind::kUnknown, .evidence = "no list of posts"};
    }
    for (const nlohmann::json& post : *posts) {
      if (absl::FromUnixMillis(NumberAt(post, "createdAt")) >= since - kApiClocksDiffer &&
          SameText(PlainOfLittle(TextAt(post, "commentary")), outgoing.text)) {
        return FoundPost(TextAt(post, "id"), "found among the author's posts");
      }
    }
    return {.kind = Kind::kNotThere, .evidence = "not among the author's posts"};
  }

 private:
  absl::StatusOr<http::ClientResponse> Rest(const Call& call, const Login& login,
                                            std::string_view method, std::string_view path,
                                            std::string body = "", http::Headers more = {}) const {
    more.Set("LinkedIn-Version", kVersion);
    more.Set("X-Restli-Protocol-Version", "2.0.0");
    return Send(call, login, method, path, std::move(body), std::move(more));
  }

  Outcome FoundPost(const std::string& id, std::string_view how) const {
    return Found(id, absl::StrCat("https://www.linkedin.com/feed/update/", id), how);
  }
};

}  // namespace

std::unique_ptr<Publisher> MakeLinkedIn(http::Client& client) {
  return std::make_unique<LinkedIn>(client);
}

}  // namespace selfology::social
