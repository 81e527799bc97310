// Instagram's content publishing with Instagram's own login, as the table of Instagram in api_table.cc
// has it. A picture is prepared in a container first, which publishes nothing; the container is then
// published. What became of that is told by the container's status, as long as this process remembers
// it, and by the account's newest posts.
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/http/url.h"
#include "common/status/status_macros.h"
#include "services/studio/social/limits.h"
#include "services/studio/social/platforms/answer.h"
#include "services/studio/social/platforms/documented.h"
#include "services/studio/social/platforms/read_back.h"

namespace selfology::social {
namespace {

using Kind = Outcome::Kind;

constexpr std::string_view kVersion = "/v25.0/";
constexpr size_t kMaxContainers = 10'000;
constexpr absl::Duration kStillPreparing = absl::Seconds(30);

// What failed while nothing was published yet.
Outcome BeforePublishing(Outcome outcome) {
  if (outcome.kind == Kind::kUnknown) {
    outcome.kind = Kind::kLater;
    outcome.reason = "Instagram could not prepare the picture; it is tried again";
  }
  return outcome;
}

class Instagram final : public DocumentedPublisher {
 public:
  explicit Instagram(http::Client& client) : DocumentedPublisher(client, v1::PLATFORM_INSTAGRAM) {}

  absl::StatusOr<Identity> Identify(const Call& call, const Login& login) const override {
    const auto response =
        Send(call, login, "GET", absl::StrCat(kVersion, "me?fields=user_id,username"));
    RETURN_IF_ERROR(ReadError(response));
    // Some versions give a list of one.
    nlohmann::json user = JsonOf(*response);
    const auto list = user.find("data");
    if (list != user.end() && list->is_array() && !list->empty()) {
      user = nlohmann::json(list->front());
    }
    Identity identity{.remote_id = TextAt(user, "user_id"),
                      .name = absl::StrCat("@", TextAt(user, "username"))};
    if (identity.remote_id.empty()) {
      return absl::FailedPreconditionError("no professional account of Instagram answers there");
    }
    return identity;
  }

  Outcome Remove(const Call&, const Login&, const Outgoing&) const override {
    return {.kind = Kind::kRefused, .evidence = "no app may delete posts: delete it in Instagram"};
  }

  absl::StatusOr<std::optional<v1::Metrics>> Measure(const Call& call, const Login& login,
                                                     const Outgoing& outgoing) const override {
    const auto response = Send(call, login, "GET",
                               absl::StrCat(kVersion, http::Encode(outgoing.remote_id),
                                            "?fields=like_count,comments_count"));
    if (response.ok() && response->status / 100 == 4 &&
        SaidOf(response->status, JsonOf(*response)).subcode == 33) {
      return absl::NotFoundError("the post is gone");
    }
    RETURN_IF_ERROR(ReadError(response));
    const nlohmann::json post = JsonOf(*response);
    v1::Metrics metrics;
    metrics.set_likes(NumberAt(post, "like_count"));
    metrics.set_replies(NumberAt(post, "comments_count"));
    return metrics;
  }

 protected:
  Attempt Post(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const std::optional<PictureAndCaption> parts = TakePicture(outgoing.text);
    if (!parts.has_value()) {
      return {.outcome = {.kind = Kind::kRefused,
                          .reason = "Instagram takes no post without a picture: put the public"
                                    " address of a JPEG into the text",
                          .evidence = "not sent: no picture"}};
    }
    std::string container = ContainerOf(outgoing.publication_id);
    if (container.empty()) {
      const nlohmann::json media = {{"image_url", parts->picture}, {"caption", parts->caption}};
      const auto prepared = Send(call, login, "POST", PathOf(login, "/media"), media.dump());
      if (auto failed = Judge(prepared, outgoing.now)) {
        return {.outcome = BeforePublishing(std::move(failed->outcome))};
      }
      container = TextAt(JsonOf(*prepared), "id");
      if (container.empty()) {
        return {.outcome = BeforePublishing({.evidence = "a container without an id"})};
      }
      Remember(outgoing.publication_id, container);
    }
    const std::string status = StatusOf(call, login, container);
    if (status == "IN_PROGRESS") {
      return {.outcome = {.kind = Kind::kLater,
                          .reason = "Instagram is not done with the picture yet; it is tried again",
                          .evidence = "container in progress",
                          .retry_after = kStillPreparing}};
    }
    if (status == "ERROR" || status == "EXPIRED") {
      Forget(outgoing.publication_id);
      return {.outcome = {.kind = Kind::kLater,
                          .reason = "Instagram could not prepare the picture; it is tried again",
                          .evidence = absl::StrCat("container ", status)}};
    }
    if (status == "PUBLISHED") {
      return {.outcome = {.kind = Kind::kUnknown,
                          .reason = "Instagram says that it has the post; it is looked up",
                          .evidence = "container PUBLISHED"}};
    }
    if (status != "FINISHED") {
      return {.outcome = {.kind = Kind::kLater,
                          .reason = "Instagram cannot be asked about the picture now; it is tried"
                                    " again",
                          .evidence = "no status of the container"}};
    }
    const nlohmann::json publish = {{"creation_id", container}};
    const auto response =
        Send(call, login, "POST", PathOf(login, "/media_publish"), publish.dump());
    if (auto failed = Judge(response, outgoing.now)) {
      // Not where the container may still tell what happened.
      if (failed->outcome.kind != Kind::kUnknown) Forget(outgoing.publication_id);
      return *std::move(failed);
    }
    Outcome outcome = Found(TextAt(JsonOf(*response), "id"), "", absl::StrCat(response->status));
    if (outcome.kind == Kind::kDone) {
      Forget(outgoing.publication_id);
      outcome.url = AddressOf(call, login, outcome.remote_id);
    }
    return {.outcome = std::move(outcome)};
  }

  Outcome Find(const Call& call, const Login& login, const Outgoing& outgoing,
               absl::Time since) const override {
    const std::optional<PictureAndCaption> parts = TakePicture(outgoing.text);
    const auto response =
        Send(call, login, "GET",
             PathOf(login, "/media?fields=id,caption,timestamp,permalink&limit=100"));
    if (const auto failed = FindError(response, outgoing.now)) return *failed;
    const nlohmann::json body = JsonOf(*response);
    const auto posts = body.find("data");
    if (posts == body.end() || !posts->is_array()) {
      return {.kind = Kind::kUnknown, .evidence = "no list of posts"};
    }
    for (const nlohmann::json& post : *posts) {
      if (parts.has_value() && ReadTime(TextAt(post, "timestamp")) >= since - kApiClocksDiffer &&
          SameText(TextAt(post, "caption"), parts->caption)) {
        Forget(outgoing.publication_id);
        return Found(TextAt(post, "id"), TextAt(post, "permalink"),
                     "found among the account's posts");
      }
    }
    const std::string container = ContainerOf(outgoing.publication_id);
    const std::string status = container.empty() ? "" : StatusOf(call, login, container);
    if (status == "PUBLISHED") {
      return {.kind = Kind::kUnknown,
              .reason =
                  "Instagram says that it has the post but does not show it yet; it is looked"
                  " up again",
              .evidence = "container PUBLISHED, not among the posts"};
    }
    return {.kind = Kind::kNotThere,
            .evidence = status.empty()
                            ? "not among the account's posts"
                            : absl::StrCat("not among the account's posts, container ", status)};
  }

 private:
  static std::string PathOf(const Login& login, std::string_view rest) {
    return absl::StrCat(kVersion, http::Encode(login.remote_id), rest);
  }

  // Empty: it cannot be asked.
  std::string StatusOf(const Call& call, const Login& login, const std::string& container) const {
    const auto response = Send(
        call, login, "GET", absl::StrCat(kVersion, http::Encode(container), "?fields=status_code"));
    return response.ok() && response->status == 200 ? TextAt(JsonOf(*response), "status_code") : "";
  }

  std::string AddressOf(const Call& call, const Login& login, const std::string& id) const {
    const auto response =
        Send(call, login, "GET", absl::StrCat(kVersion, http::Encode(id), "?fields=permalink"));
    return response.ok() && response->status == 200 ? TextAt(JsonOf(*response), "permalink") : "";
  }

  std::string ContainerOf(int64_t publication_id) const {
    absl::MutexLock lock(&mutex_);
    const auto at = containers_.find(publication_id);
    return at == containers_.end() ? "" : at->second;
  }
  void Remember(int64_t publication_id, const std::string& container) const {
    absl::MutexLock lock(&mutex_);
    if (containers_.size() >= kMaxContainers) containers_.clear();
    containers_[publication_id] = container;
  }
  void Forget(int64_t publication_id) const {
    absl::MutexLock lock(&mutex_);
    containers_.erase(publication_id);
  }

  mutable absl::Mutex mutex_;
  mutable std::map<int64_t, std::string> containers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<Publisher> MakeInstagram(http::Client& client) {
  return std::make_unique<Instagram>(client);
}

}  // namespace selfology::social
