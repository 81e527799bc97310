// What the platforms of api_table.h have in common: an error means what the table says, a post that
// may be there is looked for among the account's newest, and a refused double may be our own post.
//
//   class X final : public DocumentedPublisher { Attempt Post(...) ...; Outcome Find(...) ...; };
//
// Threads: thread-safe, as the parts that are derived must be.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/http/client.h"
#include "common/http/url.h"
#include "services/studio/social/platforms/api_table.h"
#include "services/studio/social/platforms/publisher.h"

namespace selfology::social {

// A post may seem to be older than its call by so much.
constexpr absl::Duration kApiClocksDiffer = absl::Minutes(5);

class DocumentedPublisher : public Publisher {
 public:
  Outcome Publish(const Call& call, const Login& login, const Outgoing& outgoing) const final;
  Outcome LookUp(const Call& call, const Login& login, const Outgoing& outgoing) const final;

 protected:
  struct Attempt {
    Outcome outcome = {};
    bool duplicate = false;  // The platform says that it has these words already.
  };

  DocumentedPublisher(http::Client& client, v1::Platform platform)
      : client_(client), table_(TableOf(platform)) {}

  virtual Attempt Post(const Call& call, const Login& login, const Outgoing& outgoing) const = 0;
  // The post among those since then: kDone, kNotThere, or kUnknown.
  virtual Outcome Find(const Call& call, const Login& login, const Outgoing& outgoing,
                       absl::Time since) const = 0;

  // `body`: JSON; empty: none.
  absl::StatusOr<http::ClientResponse> Send(const Call& call, const Login& login,
                                            std::string_view method, std::string_view path,
                                            std::string body = "", http::Headers more = {}) const;
  // A form, without the account's token. `authorization`: the header; empty: none.
  absl::StatusOr<http::ClientResponse> SendForm(const Call& call, const Login& login,
                                                std::string_view path, const http::Parameters& form,
                                                const std::string& authorization) const;
  // nullopt: it is a 2xx.
  std::optional<Attempt> Judge(const absl::StatusOr<http::ClientResponse>& response,
                               absl::Time now) const;
  // The same for what only reads before anything is published: nothing happened.
  absl::Status ReadError(const absl::StatusOr<http::ClientResponse>& response) const;
  // The same for what finds a post: kUnknown, with what to do.
  std::optional<Outcome> FindError(const absl::StatusOr<http::ClientResponse>& response,
                                   absl::Time now) const;
  // kUnknown without an id.
  Outcome Found(const std::string& id, const std::string& url, std::string_view how) const;

  // Of a page of posts that does not reach back to the call.
  static Outcome TooMany();

  const ApiTable& table() const { return table_; }

 private:
  absl::Duration WaitOf(const http::ClientResponse& response, absl::Duration by_table,
                        absl::Time now) const;

  http::Client& client_;
  const ApiTable& table_;
};

}  // namespace selfology::social
