// What an operator can set, for every service the same way: a flag, or the environment.
//
//   --database_url=...                       flag
//   SELFOLOGY_DATABASE_URL=...               environment, for every flag
//   DATABASE_URL, REDIS_URL, QDRANT_URL, TELEGRAM_BOT_TOKEN, TELEGRAM_MORE_BOTS, TELEGRAM_API_BASE,
//   ANTHROPIC_API_KEY, OPENAI_API_KEY      well-known names, for the flags of the same name
//   OTEL_EXPORTER_OTLP_ENDPOINT            likewise, for --otlp_endpoint
//
// A flag wins over SELFOLOGY_*, which wins over the well-known name. One environment may serve for
// all services: a key of another's flag is passed over. A key that no flag of any answers to is
// refused, so a misspelt setting is noticed. A module's own settings are flags in its module.cc;
// those that hold secrets are of type Secret, which prints as "***".
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/call/call.h"
#include "common/identity/caller.h"
#include "common/observe/log.h"
#include "common/rpc/tls.h"

namespace selfology::service {

// A flag type whose value is never shown, by --help or otherwise.
struct Secret {
  std::string value = {};
};
bool AbslParseFlag(std::string_view text, Secret* secret, std::string* error);
std::string AbslUnparseFlag(const Secret& secret);

// The kernel's own settings, as values, so that tests can make them without flags.
struct Settings {
  std::string database_url = {};
  std::string database_replica_url = {};  // Empty: reads go to the primary.
  std::string redis_url = {};
  std::string grpc_address = "127.0.0.1:0";  // Port 0: any free one.
  std::string http_address = "127.0.0.1:0";
  std::string operator_address = {};  // Of operators' RPCs; empty: they are at grpc_address.
  std::string health_address = {};    // Of health alone, without TLS; empty: none.
  bool reflection = true;             // And channelz.
  // Identity by certificates (rpc/tls.h); without a certificate_file no TLS.
  rpc::Tls::Options tls = {};
  std::string tls_edges_file = {};                // Which service may call which (rpc/edges.h).
  std::map<std::string, std::string> peers = {};  // Module name to gRPC target.
  std::vector<std::string> services = {};  // Of the whole mesh; empty: those of this process.
  int event_partitions = 16;
  int event_concurrency = 16;  // Handlers at once, per consumer group.
  int database_min_connections = 5;
  int database_max_connections = 20;
  int database_yielding_connections = 3;             // See postgres/pool.h.
  absl::Duration drain_timeout = absl::Seconds(20);  // Under Kubernetes' 30 s grace period.
  // For how long a start waits for a database that does not answer.
  absl::Duration database_wait = absl::Minutes(5);
  // Waits so long between two tries of a start; false: gives up. Empty: just waits.
  std::function<bool(absl::Duration)> pause = {};
  // An erasure of a person that nobody has tried for so long is resumed.
  absl::Duration erasure_resume_after = absl::Minutes(1);
  std::string replica = {};  // Empty: host name, process id and a random part.
  // Whose disk's free space is shown; empty: the current folder.
  std::string state_folder = {};
  // Where to write the addresses once they are known; empty: nowhere.
  std::string endpoints_file = {};
  // Whether the contracts' access is enforced; else everybody who reaches a process may do everything.
  bool enforce_access = false;
  // What processes of the mesh know each other by, where a service token is not used; empty: nothing.
  std::string service_secret = {};
  // The account whose tokens this process calls others with (service_token.h), and its secret;
  // empty: none.
  std::string service_account = {};
  std::string service_account_secret = {};
  // Gives the token with which this process calls others; null: that of service_account, or none.
  std::function<absl::StatusOr<std::string>(const Call&)> service_token = {};
  // Says whom a token stands for, instead of what asks security (authenticator.h); null: that does.
  std::function<absl::StatusOr<std::shared_ptr<const identity::Caller>>(const Call&,
                                                                        std::string_view)>
      authenticate = {};
  std::string token_issuer = "selfology";  // Claim "iss" of the tokens that are taken.
  observe::LogOptions log = {};
  // Spans (observe/span.h). Where to send them, such as "http://collector:4317"; empty: nowhere.
  std::string otlp_endpoint = {};
  double trace_share = 0.1;                      // Of new traces, those that are sampled.
  std::vector<std::string> trace_services = {};  // Whose spans are recorded; empty: all.
  std::function<absl::Time()> clock = {};        // Empty: absl::Now.
};

// Parses flags and environment ("NAME=value" each). settings_of_all: the flags of all services,
// linked into this program or not. Gives what is wrong, one finding a line, as INVALID_ARGUMENT.
absl::StatusOr<Settings> ParseSettings(int argc, char** argv,
                                       const std::vector<std::string>& environment,
                                       absl::Span<const std::string_view> settings_of_all);

}  // namespace selfology::service
