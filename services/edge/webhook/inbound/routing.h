// What is done with a request that was taken: the rules of its source, and the events that they publish.
//
//   const Route route = RouteBy(rules, facts);                     // pure
//   RETURN_IF_ERROR(PublishRoute(tx, source, received, route, ...));    // in the transaction that takes it
//
// Threads: functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/webhook/v1/source.pb.h"
#include "services/edge/webhook/inbound/facts.h"

namespace selfology::webhook {

struct Routed {
  std::vector<std::string> matched = {};  // The rules' ids.
  std::vector<v1::RuleAction> actions = {};
  bool dropped = false;
};
// A rule that cannot be read, which only an older version can have written, matches nothing.
Routed RouteBy(const std::vector<v1::Rule>& rules, const Json& facts);

// Whom the actions of a source of the installation's own name, so that it is erased with them; 0: nobody.
int64_t PersonNamed(const Routed& routed, const Json& facts);

// What was received.
struct Arrival {
  std::string endpoint_id = {};
  int64_t user_id = 0;  // The source's owner.
  v1::Provider provider = v1::PROVIDER_UNSPECIFIED;
  int64_t received_id = 0;
  Said said = {};
  std::string body = {};
  // Tells what is published anew when a request is routed again; empty: the first time.
  std::string again = {};
  // It is worked through as a job: that it came was published before, and no further jobs are wanted.
  bool as_job = false;
};

// Publishes webhook.received, unless it is dropped, and what the actions ask for. An action that lacks what
// it needs, such as a payment without a person, is left out and logged.
absl::Status PublishRoute(postgres::Transaction& tx, const Arrival& arrival, const Routed& routed,
                          const Json& facts);

}  // namespace selfology::webhook
