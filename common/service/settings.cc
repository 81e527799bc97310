#include "common/service/settings.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/reflection.h"
#include "absl/flags/usage_config.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/observe/log.h"
#include "common/otlp/exporter.h"
#include "common/rpc/service_secret.h"
#include "common/status/status_macros.h"

namespace selfology::service {

bool AbslParseFlag(std::string_view text, Secret* secret, std::string* /*error*/) {
  secret->value = std::string(text);
  return true;
}

std::string AbslUnparseFlag(const Secret& secret) { return secret.value.empty() ? "" : "***"; }

}  // namespace selfology::service

using selfology::service::Secret;

ABSL_FLAG(Secret, database_url, {}, "PostgreSQL URL (postgresql://...); required");
ABSL_FLAG(Secret, database_replica_url, {},
          "PostgreSQL URL of a read replica (postgresql://...); empty: none");
ABSL_FLAG(Secret, redis_url, {},
          "Redis URL (redis://..., rediss://...?ca=/path by TLS, or unix://...); required");
ABSL_FLAG(std::string, grpc_address, "127.0.0.1:0",
          "Address that gRPC listens on; port 0: any free port");
ABSL_FLAG(
    std::string, http_address, "127.0.0.1:0",
    "Address that the admin HTTP server (/health, /metrics) listens on; port 0: any free port");
ABSL_FLAG(
    std::string, operator_address, "",
    "Address that gRPC listens on for operators' methods (relay, dead letters, erasing, held"
    " updates and what else asks for a permission of operators), which are then served nowhere"
    " else; empty: at --grpc_address");
ABSL_FLAG(std::string, health_address, "",
          "Address of a gRPC port without TLS that answers health checks and nothing else, for"
          " probes that have no certificate; empty: none");
ABSL_FLAG(bool, grpc_reflection, true, "Serve gRPC's reflection and channelz");
ABSL_FLAG(std::string, tls_certificate_file, "",
          "PEM file with the certificate by which other processes know this one; with it gRPC"
          " speaks TLS only and asks the same of others; empty: no TLS");
ABSL_FLAG(std::string, tls_key_file, "", "PEM file with the key of --tls_certificate_file");
ABSL_FLAG(std::string, tls_authority_file, "",
          "PEM file with the certificates of the authorities that others' must be signed by");
ABSL_FLAG(std::string, tls_name_prefix, selfology::rpc::kNamePrefix,
          "What stands before a service's name in the URI of its certificate");
ABSL_FLAG(std::string, tls_edges_file, "",
          "File that says which service may call which, a line \"caller -> asked\" each, as"
          " `tools/k8s edges` prints it; required with TLS");
ABSL_FLAG(
    absl::Duration, tls_reload_period, absl::Seconds(10),
    "How often the files of certificates are looked at for changes, in whole seconds from 1 s");
ABSL_FLAG(std::vector<std::string>, peers, {},
          "Addresses of other services, each as name=target; default: dns:///<name>:50051");
ABSL_FLAG(int, event_partitions, 16,
          "Number of event streams, 1 to 1024; must be the same for all services");
ABSL_FLAG(int, event_concurrency, 16, "Concurrent event handlers per consumer group");
ABSL_FLAG(int, database_min_connections, 5, "Database connections kept open");
ABSL_FLAG(int, database_max_connections, 20, "Maximum number of open database connections");
ABSL_FLAG(int, database_yielding_connections, 3,
          "Database connections in use above which background work is limited to one; raise it for"
          " a database with spare cores");
ABSL_FLAG(absl::Duration, drain_timeout, absl::Seconds(20),
          "Time for RPCs and event handlers to finish after SIGTERM");
ABSL_FLAG(absl::Duration, database_wait, absl::Minutes(5),
          "How long a start waits for a database that does not answer; 0: not at all");
ABSL_FLAG(std::string, state_folder, "",
          "Folder whose disk's free space /metrics and /health/detailed show; empty: the current"
          " folder");
ABSL_FLAG(std::string, replica, "", "Replica ID; default: generated");
ABSL_FLAG(std::string, endpoints_file, "", "File to write the served addresses to, as JSON");
ABSL_FLAG(bool, enforce_access, false,
          "Refuse calls without the permission that the method's contract asks for; false: the"
          " network is trusted");
ABSL_FLAG(std::string, service_secret_file, "",
          "File with a secret of 32 characters or more by which the processes of the mesh know each"
          " other; empty: none");
ABSL_FLAG(std::string, service_account, "",
          "Account of this process among --security_service_accounts, for tokens by which it proves"
          " itself to others, instead of the secret; empty: none");
ABSL_FLAG(std::string, service_account_secret_file, "",
          "File with the secret of --service_account: 32 characters or more");
ABSL_FLAG(std::string, token_issuer, "",
          "Issuer (claim iss) of the mesh's tokens; the same for all processes; empty: that of"
          " security's metadata (--security_base_url)");
ABSL_FLAG(
    std::string, otlp_endpoint, "",
    "OpenTelemetry collector to send spans to by OTLP over gRPC, http://host:4317 or https://...;"
    " empty: none");
ABSL_FLAG(
    double, trace_share, 0.1,
    "Share of new traces that are sampled, 0 to 1; the same for all services. Spans that end in"
    " a fault are sent regardless");
ABSL_FLAG(std::vector<std::string>, trace_services, {},
          "Services whose spans are recorded; empty: all. Others pass traces on");
ABSL_FLAG(std::string, log_level, "info",
          "Lowest severity logged: debug, info, warning, error or off");

namespace selfology::service {
namespace {

constexpr std::string_view kPrefix = "SELFOLOGY_";
constexpr std::string_view kWellKnown[] = {
    "DATABASE_URL",       "REDIS_URL",         "QDRANT_URL",        "TELEGRAM_BOT_TOKEN",
    "TELEGRAM_MORE_BOTS", "TELEGRAM_API_BASE", "ANTHROPIC_API_KEY", "OPENAI_API_KEY"};
// OpenTelemetry's own name for one of ours.
constexpr std::string_view kOtelEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

// Names the kernel's scripts use under the same prefix; no flag answers to them.
bool IsReserved(std::string_view key) {
  return key == "SELFOLOGY_SERVERS" || key == "SELFOLOGY_CACHE";
}

absl::StatusOr<observe::Severity> ParseSeverity(std::string_view text) {
  if (text == "debug") return observe::Severity::kDebug;
  if (text == "info") return observe::Severity::kInfo;
  if (text == "warning") return observe::Severity::kWarning;
  if (text == "error") return observe::Severity::kError;
  if (text == "off") return observe::Severity::kOff;
  return absl::InvalidArgumentError("log_level: must be debug, info, warning, error or off");
}

// Sets flags that the command line left alone. Well-known names first, so that SELFOLOGY_* wins.
void ApplyEnvironment(const std::vector<std::string>& environment,
                      absl::Span<const std::string_view> settings_of_all,
                      const std::vector<std::string>& from_command_line,
                      std::vector<std::string>& findings) {
  const auto apply = [&](std::string_view key, std::string_view name, std::string_view value) {
    const std::string flag_name = absl::AsciiStrToLower(name);
    absl::CommandLineFlag* const flag = absl::FindCommandLineFlag(flag_name);
    if (flag == nullptr) {
      // It may be meant for another service on the same machine; so may a well-known name.
      const bool known = std::count(settings_of_all.begin(), settings_of_all.end(), flag_name) > 0;
      if (!known && absl::StartsWith(key, kPrefix)) {
        findings.push_back(absl::StrCat(key, ": no such setting"));
      }
      return;
    }
    if (std::count(from_command_line.begin(), from_command_line.end(), flag_name) > 0) return;
    std::string error;
    if (!flag->ParseFrom(value, &error)) findings.push_back(absl::StrCat(key, ": ", error));
  };
  for (const bool prefixed : {false, true}) {
    for (const std::string& entry : environment) {
      const std::pair<std::string_view, std::string_view> pair =
          absl::StrSplit(entry, absl::MaxSplits('=', 1));
      const auto& [key, value] = pair;
      if (prefixed && absl::StartsWith(key, kPrefix) && !IsReserved(key)) {
        apply(key, key.substr(kPrefix.size()), value);
      } else if (!prefixed && std::count(std::begin(kWellKnown), std::end(kWellKnown), key) > 0) {
        apply(key, key, value);
      } else if (!prefixed && key == kOtelEndpoint) {
        apply(key, "otlp_endpoint", value);
      }
    }
  }
}

// All or nothing: half of it would be taken for the whole.
void CheckTls(const Settings& settings, std::vector<std::string>& findings) {
  const std::pair<std::string_view, const std::string*> files[] = {
      {"tls_certificate_file", &settings.tls.certificate_file},
      {"tls_key_file", &settings.tls.key_file},
      {"tls_authority_file", &settings.tls.authority_file},
      {"tls_edges_file", &settings.tls_edges_file}};
  const auto is_empty = [](const auto& file) { return file.second->empty(); };
  if (std::all_of(std::begin(files), std::end(files), is_empty)) return;
  for (const auto& file : files) {
    if (is_empty(file)) {
      findings.push_back(absl::StrCat(file.first, ": required when another of --tls_... is set"));
    }
  }
  if (settings.tls.reload < absl::Seconds(1)) {
    findings.push_back("tls_reload_period: must be 1s or more");
  }
}

// Flag names given on the command line, so that the environment leaves them alone.
std::vector<std::string> NamesOnCommandLine(int argc, char** argv) {
  std::vector<std::string> names;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const size_t name = argument.find_first_not_of('-');
    if (name == 0 || name == std::string_view::npos) continue;
    names.emplace_back(argument.substr(name, argument.find('=') - name));
  }
  return names;
}

}  // namespace

absl::StatusOr<Settings> ParseSettings(int argc, char** argv,
                                       const std::vector<std::string>& environment,
                                       absl::Span<const std::string_view> settings_of_all) {
  std::vector<std::string> findings;
  // Exits with a message of its own on a flag that does not exist.
  const std::vector<char*> left = absl::ParseCommandLine(argc, argv);
  for (size_t i = 1; i < left.size(); ++i) {
    findings.push_back(absl::StrCat(left[i], ": not a flag (they begin with --)"));
  }
  ApplyEnvironment(environment, settings_of_all, NamesOnCommandLine(argc, argv), findings);

  Settings settings;
  settings.database_url = absl::GetFlag(FLAGS_database_url).value;
  settings.database_replica_url = absl::GetFlag(FLAGS_database_replica_url).value;
  settings.redis_url = absl::GetFlag(FLAGS_redis_url).value;
  settings.grpc_address = absl::GetFlag(FLAGS_grpc_address);
  settings.http_address = absl::GetFlag(FLAGS_http_address);
  settings.operator_address = absl::GetFlag(FLAGS_operator_address);
  settings.health_address = absl::GetFlag(FLAGS_health_address);
  settings.reflection = absl::GetFlag(FLAGS_grpc_reflection);
  settings.tls = {.certificate_file = absl::GetFlag(FLAGS_tls_certificate_file),
                  .key_file = absl::GetFlag(FLAGS_tls_key_file),
                  .authority_file = absl::GetFlag(FLAGS_tls_authority_file),
                  .name_prefix = absl::GetFlag(FLAGS_tls_name_prefix),
                  .reload = absl::GetFlag(FLAGS_tls_reload_period)};
  settings.tls_edges_file = absl::GetFlag(FLAGS_tls_edges_file);
  CheckTls(settings, findings);
  for (const std::string& peer : absl::GetFlag(FLAGS_peers)) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(peer, absl::MaxSplits('=', 1));
    if (pair.first.empty() || pair.second.empty()) {
      findings.push_back(absl::StrCat("peers: \"", peer, "\" must be name=target"));
    }
    settings.peers.insert(pair);
  }
  settings.event_partitions = absl::GetFlag(FLAGS_event_partitions);
  settings.event_concurrency = absl::GetFlag(FLAGS_event_concurrency);
  settings.database_min_connections = absl::GetFlag(FLAGS_database_min_connections);
  settings.database_max_connections = absl::GetFlag(FLAGS_database_max_connections);
  settings.database_yielding_connections = absl::GetFlag(FLAGS_database_yielding_connections);
  settings.drain_timeout = absl::GetFlag(FLAGS_drain_timeout);
  settings.database_wait = absl::GetFlag(FLAGS_database_wait);
  settings.state_folder = absl::GetFlag(FLAGS_state_folder);
  settings.replica = absl::GetFlag(FLAGS_replica);
  settings.endpoints_file = absl::GetFlag(FLAGS_endpoints_file);
  settings.enforce_access = absl::GetFlag(FLAGS_enforce_access);
  settings.token_issuer = absl::GetFlag(FLAGS_token_issuer);
  settings.otlp_endpoint = absl::GetFlag(FLAGS_otlp_endpoint);
  if (!settings.otlp_endpoint.empty()) {
    const absl::Status endpoint = otlp::ParseEndpoint(settings.otlp_endpoint).status();
    if (!endpoint.ok()) findings.push_back(absl::StrCat("otlp_endpoint: ", endpoint.message()));
  }
  settings.trace_share = absl::GetFlag(FLAGS_trace_share);
  if (!(settings.trace_share >= 0 && settings.trace_share <= 1)) {
    findings.push_back("trace_share: must be 0 to 1");
  }
  settings.trace_services = absl::GetFlag(FLAGS_trace_services);
  if (const std::string file = absl::GetFlag(FLAGS_service_secret_file); !file.empty()) {
    absl::StatusOr<std::string> secret = rpc::ReadServiceSecret(file);
    if (!secret.ok()) {
      findings.push_back(absl::StrCat("service_secret_file: ", secret.status().message()));
    }
    settings.service_secret = std::move(secret).value_or("");
  }
  const std::string account = absl::GetFlag(FLAGS_service_account);
  const std::string account_file = absl::GetFlag(FLAGS_service_account_secret_file);
  if (account.empty() != account_file.empty()) {
    findings.push_back("service_account_secret_file: must go together with service_account");
  } else if (!account_file.empty()) {
    absl::StatusOr<std::string> secret = rpc::ReadServiceSecret(account_file);
    if (!secret.ok()) {
      findings.push_back(absl::StrCat("service_account_secret_file: ", secret.status().message()));
    } else {
      settings.service_account = account;
      settings.service_account_secret = *std::move(secret);
    }
  }

  if (settings.database_url.empty()) findings.push_back("database_url: required (DATABASE_URL)");
  if (settings.redis_url.empty()) findings.push_back("redis_url: required (REDIS_URL)");
  if (settings.event_partitions < 1 || settings.event_partitions > 1024) {
    findings.push_back("event_partitions: must be 1 to 1024");
  }
  if (settings.event_concurrency < 1) findings.push_back("event_concurrency: must be 1 or more");
  if (settings.database_min_connections < 0 || settings.database_max_connections < 1 ||
      settings.database_min_connections > settings.database_max_connections) {
    findings.push_back("database_max_connections: must be at least database_min_connections");
  }
  if (settings.database_yielding_connections < 1) {
    findings.push_back("database_yielding_connections: must be 1 or more");
  }
  if (settings.database_wait < absl::ZeroDuration()) {
    findings.push_back("database_wait: must be 0 or more");
  }
  const auto level = ParseSeverity(absl::GetFlag(FLAGS_log_level));
  if (!level.ok()) findings.emplace_back(level.status().message());
  if (!findings.empty()) return absl::InvalidArgumentError(absl::StrJoin(findings, "\n"));
  settings.log = {.service = "selfology", .level = *level};
  return settings;
}

}  // namespace selfology::service
