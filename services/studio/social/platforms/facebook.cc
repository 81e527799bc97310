// Facebook's Pages API, as the table of Facebook in api_table.cc has it: the token is a page's. A post
// is found again by its words in the page's feed.
#include "absl/strings/str_cat.h"
#include "common/http/url.h"
#include "common/status/status_macros.h"
#include "services/studio/social/platforms/answer.h"
#include "services/studio/social/platforms/documented.h"
#include "services/studio/social/platforms/read_back.h"

namespace selfology::social {
namespace {

using Kind = Outcome::Kind;

constexpr std::string_view kVersion = "/v25.0/";
constexpr size_t kPage = 100;

// Of an object that is not there (any more).
bool IsGone(const absl::StatusOr<http::ClientResponse>& response) {
  if (!response.ok() || response->status / 100 != 4) return false;
  const Said said = SaidOf(response->status, JsonOf(*response));
  return said.code == 100 && said.subcode == 33;
}

absl::Status OfAPerson() {
  return absl::FailedPreconditionError(
      "the token is a person's: Facebook takes posts of apps for pages only, by a page's token");
}

class Facebook final : public DocumentedPublisher {
 public:
  explicit Facebook(http::Client& client) : DocumentedPublisher(client, v1::PLATFORM_FACEBOOK) {}

  absl::StatusOr<Identity> Identify(const Call& call, const Login& login) const override {
    // "category" is what pages have and people do not.
    const auto response =
        Send(call, login, "GET", absl::StrCat(kVersion, "me?fields=id,name,category"));
    if (response.ok() && SaidOf(response->status, JsonOf(*response)).code == 100)
      return OfAPerson();
    RETURN_IF_ERROR(ReadError(response));
    const nlohmann::json page = JsonOf(*response);
    Identity identity{.remote_id = TextAt(page, "id"), .name = TextAt(page, "name")};
    if (identity.remote_id.empty()) {
      return absl::FailedPreconditionError("no Facebook answers there");
    }
    if (TextAt(page, "category").empty()) return OfAPerson();
    return identity;
  }

  Outcome Remove(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const auto response =
        Send(call, login, "DELETE", absl::StrCat(kVersion, http::Encode(outgoing.remote_id)));
    if (IsGone(response)) return {.kind = Kind::kDone, .evidence = "gone"};
    if (const auto failed = Judge(response, outgoing.now)) return failed->outcome;
    return {.kind = Kind::kDone, .evidence = absl::StrCat(response->status)};
  }

  Outcome Edit(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const nlohmann::json post = {{"message", outgoing.text}};
    const auto response = Send(
        call, login, "POST", absl::StrCat(kVersion, http::Encode(outgoing.remote_id)), post.dump());
    if (const auto failed = Judge(response, outgoing.now)) return failed->outcome;
    return {.kind = Kind::kDone, .evidence = absl::StrCat(response->status)};
  }

  absl::StatusOr<std::optional<v1::Metrics>> Measure(const Call& call, const Login& login,
                                                     const Outgoing& outgoing) const override {
    const auto response = Send(call, login, "GET",
                               absl::StrCat(kVersion, http::Encode(outgoing.remote_id),
                                            "?fields=shares,likes.limit(0).summary(true),"
                                            "comments.limit(0).summary(true)"));
    if (IsGone(response)) return absl::NotFoundError("the post is gone");
    RETURN_IF_ERROR(ReadError(response));
    const nlohmann::json post = JsonOf(*response);
    v1::Metrics metrics;
    metrics.set_likes(NumberAt(ObjectAt(ObjectAt(post, "likes"), "summary"), "total_count"));
    metrics.set_reposts(NumberAt(ObjectAt(post, "shares"), "count"));
    metrics.set_replies(NumberAt(ObjectAt(ObjectAt(post, "comments"), "summary"), "total_count"));
    return metrics;
  }

  bool Hears() const override { return true; }

  // Both lists have the newest only; what was heard before comes again.
  absl::StatusOr<Hearing> Hear(const Call& call, const Login& login,
                               const std::string& since) const override {
    const std::string page = absl::StrCat(kVersion, http::Encode(login.remote_id));
    const auto feed =
        Send(call, login, "GET",
             absl::StrCat(page, "/feed?limit=25&fields=",
                          http::Encode("id,comments.filter(stream).order(reverse_chronological)"
                                       ".limit(50){id,message,from,created_time,permalink_url,"
                                       "parent}")));
    RETURN_IF_ERROR(ReadError(feed));
    const auto tagged = Send(call, login, "GET",
                             absl::StrCat(page,
                                          "/tagged?limit=25&fields=id,message,from,created_time,"
                                          "permalink_url"));
    RETURN_IF_ERROR(ReadError(tagged));
    return Hearing{.heard = HeardAtFacebook(JsonOf(*feed), JsonOf(*tagged), login.remote_id),
                   .to = since};
  }

 protected:
  Attempt Post(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const nlohmann::json post = {{"message", outgoing.text}};
    const auto response = Send(call, login, "POST", ListOf(login, outgoing), post.dump());
    if (auto failed = Judge(response, outgoing.now)) return *std::move(failed);
    return {.outcome = FoundPost(TextAt(JsonOf(*response), "id"), absl::StrCat(response->status))};
  }

  Outcome Find(const Call& call, const Login& login, const Outgoing& outgoing,
               absl::Time since) const override {
    const std::string which =
        outgoing.parent_id.empty()
            ? absl::StrCat("&since=", absl::ToUnixSeconds(since - kApiClocksDiffer))
            : "&filter=stream&order=reverse_chronological";
    const auto response =
        Send(call, login, "GET",
             absl::StrCat(ListOf(login, outgoing),
                          "?fields=id,message,created_time,from&limit=", kPage, which));
    if (const auto failed = FindError(response, outgoing.now)) return *failed;
    const nlohmann::json body = JsonOf(*response);
    const auto posts = body.find("data");
    if (posts == body.end() || !posts->is_array()) {
      return {.kind = Kind::kUnknown, .evidence = "no feed"};
    }
    for (const nlohmann::json& post : *posts) {
      // Below a comment others write as well.
      const std::string from = TextAt(ObjectAt(post, "from"), "id");
      if (!outgoing.parent_id.empty() && from != login.remote_id) continue;
      if (ReadTime(TextAt(post, "created_time")) >= since - kApiClocksDiffer &&
          SameText(TextAt(post, "message"), outgoing.text)) {
        return FoundPost(TextAt(post, "id"), "found in the page's feed");
      }
    }
    if (!outgoing.parent_id.empty() && posts->size() >= kPage) return TooMany();
    return {.kind = Kind::kNotThere, .evidence = "not in the page's feed"};
  }

 private:
  // Where posts of the page are, or answers to a comment.
  static std::string ListOf(const Login& login, const Outgoing& outgoing) {
    return outgoing.parent_id.empty()
               ? absl::StrCat(kVersion, http::Encode(login.remote_id), "/feed")
               : absl::StrCat(kVersion, http::Encode(outgoing.parent_id), "/comments");
  }

  Outcome FoundPost(const std::string& id, std::string_view how) const {
    return Found(id, absl::StrCat("https://www.facebook.com/", id), how);
  }
};

}  // namespace

std::unique_ptr<Publisher> MakeFacebook(http::Client& client) {
  return std::make_unique<Facebook>(client);
}

}  // namespace selfology::social
