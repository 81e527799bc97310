// One platform, as the social service sees it: who an account is, publishing, and finding out what
// became of a call.
//
//   const Publisher& mastodon = *publishers.Of(v1::PLATFORM_MASTODON);
//   Outcome outcome = mastodon.Publish(call, login, outgoing);
//   if (outcome.kind == Outcome::Kind::kUnknown) outcome = mastodon.LookUp(call, login, outgoing);
//
// Nothing here is tried again: publishing.h does that. Reasons and evidence hold no token and no word
// of the post. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/http/client.h"
#include "selfology/social/v1/social.pb.h"
#include "services/studio/social/platforms/heard.h"

namespace selfology::social {

struct Login {
  v1::Platform platform = v1::PLATFORM_UNSPECIFIED;
  std::string server = {};  // "https://host", without "/" at its end.
  std::string login = {};
  std::string secret = {};
  std::string target = {};
  std::string remote_id = {};  // What Identify gave.
};

struct Identity {
  std::string remote_id = {};
  std::string name = {};
  int max_text = 0;  // 0: the platform's.
};

// As the platform takes it.
struct Picture {
  std::string bytes = {};
  std::string media_type = {};
  std::string alt = {};
  int width = 0;
  int height = 0;
};

struct Outgoing {
  int64_t publication_id = 0;
  std::string text = {};
  absl::Time created_at = absl::InfinitePast();  // Of the publication: the same in every attempt.
  absl::Time due_at = absl::InfinitePast();      // No call for it was made before.
  bool sent_before = false;                      // Calls were made for it before this one.
  absl::Time first_call_at = absl::InfinitePast();
  absl::Time now = absl::InfinitePast();
  std::string remote_id = {};  // Once it is published.
  std::vector<Picture> pictures = {};
  int part = 0;  // Of a thread; a first comment is its last part.
  // Of a later part that is not published yet: the part before it, and the first one.
  std::string parent_id = {};
  std::string root_id = {};
  // Of an answer to what somebody else wrote (parent_id): who may see it; empty: everybody.
  std::string audience = {};
};

// What an account's platform told of what others wrote.
struct Hearing {
  std::vector<Heard> heard = {};
  std::string to = {};  // Where to go on.
  bool more = false;    // There is more to be had now.
};

// A token that is renewed, and what renews it the next time.
struct Tokens {
  std::string secret = {};
  std::string refresh_token = {};
  absl::Duration lifetime = absl::ZeroDuration();
};
struct Renewal {
  std::string refresh_token = {};
  std::string client_id = {};
  std::string client_secret = {};  // Empty: the client is a public one.
};

struct Outcome {
  enum class Kind {
    kDone,          // The platform has it (Publish, LookUp), or has it no more (Remove).
    kRefused,       // It says no, and will again.
    kTokenRefused,  // It does not know us any more.
    kLater,         // Nothing happened: it cannot be reached, or wants us to wait.
    kUnknown,       // Nobody knows whether it happened.
    kNotThere,      // LookUp: it has no such post.
  };
  Kind kind = Kind::kUnknown;
  std::string reason = {};    // For the person, with what to do.
  std::string evidence = {};  // "200, id 17".
  std::string remote_id = {};
  std::string url = {};
  absl::Duration retry_after = absl::ZeroDuration();
};

class Publisher {
 public:
  virtual ~Publisher() = default;

  // FAILED_PRECONDITION with a reason: the platform refuses the token, or the account cannot be used.
  virtual absl::StatusOr<Identity> Identify(const Call& call, const Login& login) const = 0;
  virtual Outcome Publish(const Call& call, const Login& login, const Outgoing& outgoing) const = 0;
  // Asks whether a call, whose answer was lost, did it: kDone, kNotThere, or kUnknown.
  virtual Outcome LookUp(const Call& call, const Login& login, const Outgoing& outgoing) const = 0;
  virtual Outcome Remove(const Call& call, const Login& login, const Outgoing& outgoing) const = 0;
  // Gives the post of remote_id the words of `outgoing`; the same again changes nothing. kDone, or why
  // not: most say no.
  virtual Outcome Edit(const Call& call, const Login& login, const Outgoing& outgoing) const;
  // nullopt: the platform tells nothing. NOT_FOUND: the post is gone.
  virtual absl::StatusOr<std::optional<v1::Metrics>> Measure(const Call& call, const Login& login,
                                                             const Outgoing& outgoing) const = 0;
  // Whether it tells what others write to an account.
  virtual bool Hears() const { return false; }
  // What others wrote since `since`, what an earlier one gave as `to`; empty: the newest. The same may
  // come again. FAILED_PRECONDITION, NOT_FOUND: it does not tell this account.
  virtual absl::StatusOr<Hearing> Hear(const Call& call, const Login& login,
                                       const std::string& since) const;
  // Whether tokens of it are renewed by a refresh token.
  virtual bool Renews() const { return false; }
  // A new token; the old refresh token may be spent although there is no answer. FAILED_PRECONDITION:
  // the refresh token is refused.
  virtual absl::StatusOr<Tokens> Renew(const Call& call, const Login& login,
                                       const Renewal& renewal) const;
};

struct PlatformAddresses {
  std::string telegram = "https://api.telegram.org";
  std::string telegram_web = "https://t.me";  // Where channels' public pages are.
  std::string bluesky = "https://bsky.social";
};

std::unique_ptr<Publisher> MakeTelegram(http::Client& client, PlatformAddresses addresses);
std::unique_ptr<Publisher> MakeMastodon(http::Client& client);
std::unique_ptr<Publisher> MakeBluesky(http::Client& client);
std::unique_ptr<Publisher> MakeWordPress(http::Client& client);
std::unique_ptr<Publisher> MakeX(http::Client& client);
std::unique_ptr<Publisher> MakeLinkedIn(http::Client& client);
std::unique_ptr<Publisher> MakeFacebook(http::Client& client);
std::unique_ptr<Publisher> MakeInstagram(http::Client& client);

class Publishers {
 public:
  Publishers(http::Client& client, const PlatformAddresses& addresses);
  // Null: nothing can be published there.
  const Publisher* Of(v1::Platform platform) const;

 private:
  std::vector<std::pair<v1::Platform, std::unique_ptr<Publisher>>> publishers_;
};

}  // namespace selfology::social
