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
#include "services/studio/social/platforms/channel_page.h"
#include "services/studio/social/platforms/form_data.h"
#include "services/studio/social/platforms/plain_html.h"
#include "services/studio/social/platforms/publisher.h"
#include "services/studio/social/platforms/read_back.h"

namespace selfology::social {
namespace {

using Kind = Outcome::Kind;

constexpr std::string_view kName = "WordPress";
constexpr int kLongestTitle = 100;
constexpr std::string_view kPictures = "\n<!-- pictures -->\n";
// A site takes a comment of one user every 15 seconds, unless they administrate it.
constexpr absl::Duration kAfterComment = absl::Seconds(20);
constexpr absl::Duration kClocksDiffer = absl::Minutes(5);

std::string SlugOf(const Outgoing& outgoing) {
  return absl::StrCat("selfology-", outgoing.publication_id, "-",
                      absl::ToUnixMicros(outgoing.created_at));
}

std::string AsHtml(std::string_view text) {
  return absl::StrCat(
      "<p>", absl::StrReplaceAll(text::EscapeHtml(text), {{"\n\n", "</p>\n<p>"}, {"\n", "<br>\n"}}),
      "</p>");
}

// The first line is the title, if there are more.
nlohmann::json WordsOf(const Outgoing& outgoing) {
  std::string_view text = text::Trim(outgoing.text);
  const size_t end = text.find('\n');
  std::string title(text::Prefix(text.substr(0, end), kLongestTitle));
  if (end != std::string_view::npos && end <= title.size()) text = text::Trim(text.substr(end));
  // A title is HTML, too.
  return {{"title", text::EscapeHtml(title)}, {"content", AsHtml(text)}};
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
    if (outgoing.part > 0) return Comment(call, login, outgoing);
    nlohmann::json post = WordsOf(outgoing);
    post["slug"] = SlugOf(outgoing);
    post["status"] = "publish";
    std::string pictures;
    for (size_t i = 0; i < outgoing.pictures.size(); ++i) {
      if (auto failed = Upload(call, login, outgoing.pictures[i], i, post, pictures)) {
        return *failed;
      }
    }
    post["content"] = absl::StrCat(post["content"].get<std::string>(), pictures);
    const auto response = Send(call, login, "POST", "/wp/v2/posts", "", post.dump());
    if (const auto failed = FailureOf(response, kName)) return *failed;
    return Found(JsonOf(*response), absl::StrCat(response->status));
  }

  Outcome LookUp(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    if (outgoing.part > 0) return LookUpComment(call, login, outgoing);
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
        Send(call, login, "DELETE",
             absl::StrCat(KindOf(outgoing), http::Encode(outgoing.remote_id)), "&force=true");
    if (response.ok() && (response->status == 404 || response->status == 410)) {
      return {.kind = Kind::kDone, .evidence = "gone"};
    }
    if (const auto failed = FailureOf(response, kName)) return *failed;
    return {.kind = Kind::kDone, .evidence = absl::StrCat(response->status)};
  }

  // Pictures that were published with it stay below the words.
  Outcome Edit(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const std::string route = absl::StrCat(KindOf(outgoing), http::Encode(outgoing.remote_id));
    nlohmann::json post;
    if (outgoing.part > 0) {
      post = {{"content", text::EscapeHtml(outgoing.text)}};
    } else {
      const auto current = Send(call, login, "GET", route, "&context=edit");
      if (const auto failed = FailureOf(current, kName)) return *failed;
      const std::string before = TextAt(ObjectAt(JsonOf(*current), "content"), "raw");
      post = WordsOf(outgoing);
      const size_t pictures = before.find(kPictures);
      if (pictures != std::string::npos) {
        post["content"] = absl::StrCat(post["content"].get<std::string>(), before.substr(pictures));
      }
    }
    const auto response = Send(call, login, "POST", route, "", post.dump());
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
  // Brings a picture to the site's library, with its HTML added to `pictures`; the first is the post's
  // own. Nothing is published by it.
  std::optional<Outcome> Upload(const Call& call, const Login& login, const Picture& picture,
                                size_t number, nlohmann::json& post, std::string& pictures) const {
    const auto response =
        Send(call, login, "POST", "/wp/v2/media", "", picture.bytes,
             {{"Content-Type", picture.media_type},
              {"Content-Disposition",
               absl::StrCat("attachment; filename=", FileNameOf(picture, number))}});
    if (auto failed = FailureOf(response, kName)) return NothingPublished(*std::move(failed));
    const nlohmann::json media = JsonOf(*response);
    const std::string address = TextAt(media, "source_url");
    if (address.empty()) return NothingPublished({.evidence = "a picture without an address"});
    if (number == 0) post["featured_media"] = NumberAt(media, "id");
    if (pictures.empty()) pictures = kPictures;
    absl::StrAppend(&pictures, "<img src=\"", text::EscapeHtml(address), "\" alt=\"",
                    text::EscapeHtml(picture.alt), "\">\n");
    return std::nullopt;
  }

  Outcome Comment(const Call& call, const Login& login, const Outgoing& outgoing) const {
    const nlohmann::json comment = {{"post", NumberOf(outgoing.root_id)},
                                    {"content", text::EscapeHtml(outgoing.text)}};
    const auto response = Send(call, login, "POST", "/wp/v2/comments", "", comment.dump());
    if (const auto failed = FailureOf(response, kName)) {
      const std::string code = response.ok() ? TextAt(JsonOf(*response), "code") : "";
      if (code == "comment_flood") {
        return {.kind = Kind::kLater,
                .reason = "the site takes no comments that quickly; it is tried again",
                .evidence = absl::StrCat(failed->evidence, ", ", code),
                .retry_after = kAfterComment};
      }
      if (code == "comment_duplicate") return Double(call, login, outgoing, failed->evidence);
      return *failed;
    }
    return Found(JsonOf(*response), absl::StrCat(response->status, ", comment"));
  }

  // The site has these words below that post: perhaps by an earlier call of ours.
  Outcome Double(const Call& call, const Login& login, const Outgoing& outgoing,
                 std::string_view evidence) const {
    Outcome refused = {.kind = Kind::kRefused,
                       .reason = "the post has a comment with these words: change them",
                       .evidence = absl::StrCat(evidence, ", a double")};
    if (!outgoing.sent_before) return refused;
    Outcome found = LookUpComment(call, login, outgoing);
    return found.kind == Kind::kNotThere ? refused : found;
  }

  // Comments have no slug. Whoever may moderate them is given them as they were sent; others see them as
  // everybody does: the approved ones, as a page.
  Outcome LookUpComment(const Call& call, const Login& login, const Outgoing& outgoing) const {
    const std::string of_post = absl::StrCat("&per_page=100&post=", http::Encode(outgoing.root_id));
    auto response = Send(
        call, login, "GET", "/wp/v2/comments",
        absl::StrCat(of_post, "&context=edit&status=all&author=", http::Encode(login.remote_id)));
    const bool moderates = !response.ok() || response->status != 403;
    if (!moderates) response = Send(call, login, "GET", "/wp/v2/comments", of_post);
    if (const auto failed = FailureOf(response, kName)) {
      return {.kind = Kind::kUnknown, .reason = failed->reason, .evidence = failed->evidence};
    }
    const nlohmann::json comments = JsonOf(*response);
    if (!comments.is_array()) {
      return {.kind = Kind::kUnknown, .evidence = "an answer without a list"};
    }
    bool has_others = false;
    for (const nlohmann::json& comment : comments) {
      if (TextAt(comment, "author") != login.remote_id) continue;
      const nlohmann::json content = ObjectAt(comment, "content");
      const bool same = moderates
                            ? SameWords(PlainOfHtml(TextAt(content, "raw")), outgoing.text)
                            : SameLetters(PlainOfHtml(TextAt(content, "rendered")), outgoing.text);
      if (same) return Found(comment, "found among the comments");
      has_others = has_others || IsSince(comment, outgoing.first_call_at);
    }
    // A page has other quotes and dashes, and pictures for smileys.
    if (!moderates && has_others) {
      return {.kind = Kind::kUnknown,
              .reason = "the user has a comment there that may be this one: look, and say so",
              .evidence = "comments of the same user, in other letters"};
    }
    return {.kind = Kind::kNotThere, .evidence = "not among the comments"};
  }

  static bool IsSince(const nlohmann::json& comment, absl::Time call) {
    absl::Time at;
    std::string error;
    return !absl::ParseTime("%Y-%m-%dT%H:%M:%S", TextAt(comment, "date_gmt"), &at, &error) ||
           at >= call - kClocksDiffer;
  }

  static std::string_view KindOf(const Outgoing& outgoing) {
    return outgoing.part > 0 ? "/wp/v2/comments/" : "/wp/v2/posts/";
  }

  static int64_t NumberOf(const std::string& id) {
    int64_t number = 0;
    return absl::SimpleAtoi(id, &number) ? number : 0;
  }

  absl::StatusOr<http::ClientResponse> Send(const Call& call, const Login& login,
                                            std::string_view method, std::string_view route,
                                            std::string_view query, std::string body = "",
                                            http::Headers headers = {}) const {
    headers.Set(
        "Authorization",
        absl::StrCat("Basic ", absl::Base64Escape(absl::StrCat(login.login, ":", login.secret))));
    if (!body.empty() && !headers.Get("Content-Type").has_value()) {
      headers.Set("Content-Type", http::kJson);
    }
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
