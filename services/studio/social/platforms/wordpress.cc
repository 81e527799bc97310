// WordPress's REST API: https://developer.wordpress.org/rest-api/reference/posts/ (read 2026-11-30),
// by "?rest_route=", which every site has, whatever its permalinks. A post has a slug of our own, by
// which it is found again.
#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/http/url.h"
#include "common/status/status_macros.h"
#include "common/text/html.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "services/studio/social/platforms/answer.h"
#include "services/studio/social/platforms/publisher.h"

namespace selfology::social {
namespace {

using Kind = Outcome::Kind;

constexpr std::string_view kName = "WordPress";
constexpr int kLongestTitle = 100;

std::string SlugOf(const Outgoing& outgoing) {
  return absl::StrCat("selfology-", outgoing.publication_id, "-",
                      absl::ToUnixMicros(outgoing.created_at));
}

// The first line is the title, if there are more.
nlohmann::json PostOf(const Outgoing& outgoing) {
  std::string_view text = text::Trim(outgoing.text);
  const size_t end = text.find('\n');
  std::string title(text::Prefix(text.substr(0, end), kLongestTitle));
  if (end != std::string_view::npos && end <= title.size()) text = text::Trim(text.substr(end));
  const std::string content =
      absl::StrReplaceAll(text::EscapeHtml(text), {{"\n\n", "</p>\n<p>"}, {"\n", "<br>\n"}});
  return {{"title", title},
          {"content", absl::StrCat("<p>", content, "</p>")},
          {"slug", SlugOf(outgoing)},
          {"status", "publish"}};
}

class WordPress final : public Publisher {
 public:
  explicit WordPress(http::Client& client) : client_(client) {}

  absl::StatusOr<Identity> Identify(const Call& call, const Login& login) const override {
    const auto response = Send(call, login, "GET", "/wp/v2/users/me", "&context=edit");
    RETURN_IF_ERROR(ErrorOf(response, kName));
    const nlohmann::json body = JsonOf(*response);
    Identity identity{.remote_id = TextAt(body, "id"), .name = TextAt(body, "name")};
    if (identity.remote_id.empty()) {
      return absl::FailedPreconditionError("no WordPress answers there");
    }
    const nlohmann::json capabilities = ObjectAt(body, "capabilities");
    if (!capabilities.empty() &&
        (!capabilities.contains("publish_posts") || capabilities["publish_posts"] != true)) {
      return absl::FailedPreconditionError("the user may not publish posts on that site");
    }
    return identity;
  }

  Outcome Publish(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const auto response = Send(call, login, "POST", "/wp/v2/posts", "", PostOf(outgoing).dump());
    if (const auto failed = FailureOf(response, kName)) return *failed;
    return Found(JsonOf(*response), absl::StrCat(response->status));
  }

  Outcome LookUp(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const auto response = Send(call, login, "GET", "/wp/v2/posts",
                               absl::StrCat("&slug=", SlugOf(outgoing),
                                            "&status=publish,future,pending,private,draft"
                                            "&context=edit"));
    if (const auto failed = FailureOf(response, kName)) {
      return {.kind = Kind::kUnknown, .reason = failed->reason, .evidence = failed->evidence};
    }
    const nlohmann::json posts = JsonOf(*response);
    if (!posts.is_array()) return {.kind = Kind::kUnknown, .evidence = "an answer without a list"};
    if (posts.empty()) return {.kind = Kind::kNotThere, .evidence = "no post of that slug"};
    return Found(posts.front(), "found by its slug");
  }

  Outcome Remove(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const auto response =
        Send(call, login, "DELETE", absl::StrCat("/wp/v2/posts/", http::Encode(outgoing.remote_id)),
             "&force=true");
    if (response.ok() && (response->status == 404 || response->status == 410)) {
      return {.kind = Kind::kDone, .evidence = "gone"};
    }
    if (const auto failed = FailureOf(response, kName)) return *failed;
    return {.kind = Kind::kDone, .evidence = absl::StrCat(response->status)};
  }

  absl::StatusOr<std::optional<v1::Metrics>> Measure(const Call& call, const Login& login,
                                                     const Outgoing& outgoing) const override {
    const auto post = Send(call, login, "GET",
                           absl::StrCat("/wp/v2/posts/", http::Encode(outgoing.remote_id)), "");
    RETURN_IF_ERROR(ErrorOf(post, kName));
    const auto comments = Send(call, login, "GET", "/wp/v2/comments",
                               absl::StrCat("&per_page=1&post=", http::Encode(outgoing.remote_id)));
    RETURN_IF_ERROR(ErrorOf(comments, kName));
    v1::Metrics metrics;
    int64_t total = 0;
    if (absl::SimpleAtoi(comments->headers.Get("X-WP-Total").value_or(""), &total)) {
      metrics.set_replies(std::max<int64_t>(total, 0));
    }
    return metrics;
  }

 private:
  absl::StatusOr<http::ClientResponse> Send(const Call& call, const Login& login,
                                            std::string_view method, std::string_view route,
                                            std::string_view query, std::string body = "") const {
    http::Headers headers = {
        {"Authorization",
         absl::StrCat("Basic ", absl::Base64Escape(absl::StrCat(login.login, ":", login.secret)))}};
    if (!body.empty()) headers.Set("Content-Type", http::kJson);
    return client_.Send(call, {.method = std::string(method),
                               .url = absl::StrCat(login.server, "/?rest_route=", route, query),
                               .headers = std::move(headers),
                               .body = std::move(body),
                               .target = "wordpress"});
  }

  static Outcome Found(const nlohmann::json& post, std::string_view how) {
    const std::string id = TextAt(post, "id");
    if (id.empty()) return {.kind = Kind::kUnknown, .evidence = "an answer without an id"};
    return {.kind = Kind::kDone,
            .evidence = absl::StrCat(how, ", id ", id),
            .remote_id = id,
            .url = TextAt(post, "link")};
  }

  http::Client& client_;
};

}  // namespace

std::unique_ptr<Publisher> MakeWordPress(http::Client& client) {
  return std::make_unique<WordPress>(client);
}

}  // namespace selfology::social
