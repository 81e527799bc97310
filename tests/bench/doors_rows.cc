// The doors: tokens, refreshing them, devices that wait and devices that are told. Servers are processes of
// their own. A ratio whose peer was not run counts as missed, and says so.

#include <algorithm>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/events/outbox.h"
#include "common/identity/caller.h"
#include "common/identity/jws.h"
#include "common/identity/revocations.h"
#include "common/identity/token_cache.h"
#include "common/identity/token_verifier.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/rpc/channel.h"
#include "common/status/status_macros.h"
#include "openssl/ec.h"
#include "openssl/evp.h"
#include "selfology/events/v1/chat.pb.h"
#include "selfology/security/v1/token_service_client.h"
#include "testing/servers/free_port.h"
#include "testing/servers/process.h"
#include "testing/tokens.h"
#include "tests/bench/doors_sockets.h"
#include "tests/bench/ground.h"
#include "tests/bench/programs.h"
#include "tests/bench/rows.h"

namespace selfology::bench {
namespace {

constexpr int kRounds = 5;

// Microseconds for each of so many.
double MedianOf(int count, const std::function<void(size_t)>& work) {
  std::vector<double> rounds;
  for (int round = 0; round < 2 * kRounds - 1; ++round) {
    const absl::Time start = absl::Now();
    for (int i = 0; i < count; ++i) work(static_cast<size_t>(i));
    rounds.push_back(absl::ToDoubleMicroseconds(absl::Now() - start) / count);
  }
  return Median(std::move(rounds));
}

// A token's signed text, and its signature in DER.
struct Signed {
  std::string text;
  std::string der;
};
Signed Split(const std::string& token) {
  const size_t dot = token.rfind('.');
  std::string signature;
  absl::WebSafeBase64Unescape(token.substr(dot + 1), &signature);
  const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
  const int half = static_cast<int>(signature.size() / 2);
  ECDSA_SIG* const pair = ECDSA_SIG_new();
  ECDSA_SIG_set0(pair, BN_bin2bn(bytes, half, nullptr), BN_bin2bn(bytes + half, half, nullptr));
  std::string der(static_cast<size_t>(i2d_ECDSA_SIG(pair, nullptr)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(pair, &out);
  ECDSA_SIG_free(pair);
  return {token.substr(0, dot), der};
}

absl::Status TokenRows(Report& report) {
  constexpr int kTokens = 2'000, kRevoked = 10'000;
  const testing::TokenSigner signer("key-1");
  const identity::KeySet keys({signer.key()});
  const absl::Time now = absl::Now();
  std::vector<std::string> tokens;
  std::vector<Signed> parts;
  identity::TokenCache seen(100'000);
  identity::Revocations revoked;
  for (int i = 0; i < kRevoked; ++i) {
    revoked.Add({.user_id = 1'000'000 + i, .issued_before = now});
  }
  for (int i = 0; i < kTokens; ++i) {
    tokens.push_back(signer.Person(i + 1, {"editor"}));
    parts.push_back(Split(tokens.back()));
    ASSIGN_OR_RETURN(const identity::Caller caller,
                     identity::VerifyToken(tokens.back(), keys, {}, now));
    seen.Remember(tokens.back(), std::make_shared<const identity::Caller>(caller),
                  caller.expires_at);
  }
  int64_t good = 0, asked = 0;
  const double again = MedianOf(kTokens, [&](size_t i) {
    const auto caller = seen.Find(tokens[i], now);
    good += caller != nullptr && !revoked.Revoked(*caller);
    ++asked;
  });
  const double anew = MedianOf(kTokens, [&](size_t i) {
    good += identity::VerifyToken(tokens[i], keys, {}, now).ok();
    ++asked;
  });
  EVP_PKEY* const key = keys.Find("key-1");
  const double bare = MedianOf(kTokens, [&](size_t i) {
    EVP_MD_CTX* const digest = EVP_MD_CTX_new();
    EVP_DigestVerifyInit(digest, nullptr, EVP_sha256(), nullptr, key);
    good += EVP_DigestVerify(digest, reinterpret_cast<const unsigned char*>(parts[i].der.data()),
                             parts[i].der.size(),
                             reinterpret_cast<const unsigned char*>(parts[i].text.data()),
                             parts[i].text.size()) == 1;
    ++asked;
    EVP_MD_CTX_free(digest);
  });
  if (good != asked) return absl::InternalError("some tokens were refused");
  report.Add({.name = "doors.token.seen",
              .what = "check of a token seen before, 10,000 revoked",
              .unit = "us",
              .ours = again,
              .aim = {.kind = Aim::kAtMost, .value = 20}});
  // The other way round than for rates: how many of ours fit into one of theirs.
  report.Add({.name = "doors.token.new",
              .what = "checks of new tokens",
              .unit = "checks/s",
              .ours = 1e6 / anew,
              .reference = 1e6 / bare,
              .peer = "OpenSSL's verify alone",
              .aim = {.kind = Aim::kRatioAtLeast, .value = 1 / 1.2}});
  return absl::OkStatus();
}

struct Running {
  std::unique_ptr<Ground> ground;
  std::unique_ptr<servers::Process> mesh;
  std::string grpc;
  int devices_port = 0;
};

absl::StatusOr<Running> Run(const std::string& modules) {
  Running running;
  ASSIGN_OR_RETURN(running.ground, Ground::Make());
  running.grpc = absl::StrCat("127.0.0.1:", servers::FreePort());
  running.devices_port = servers::FreePort();
  ASSIGN_OR_RETURN(
      running.mesh,
      StartProgram("services/selfology",
                   {absl::StrCat("--modules=", modules),
                    absl::StrCat("--grpc_address=", running.grpc), "--http_address=127.0.0.1:0",
                    absl::StrCat("--realtime_listen=127.0.0.1:", running.devices_port)},
                   {absl::StrCat("DATABASE_URL=", running.ground->postgres->url()),
                    absl::StrCat("REDIS_URL=", running.ground->redis_server->url())},
                   "\"serving\""));
  return running;
}

absl::Status RefreshRows(Report& report) {
  constexpr int kSessions = 4'000, kClients = 16;
  namespace v1 = security::v1;
  ASSIGN_OR_RETURN(const Running running, Run("security"));
  observe::Requests requests(nullptr, "rpc_client");
  std::vector<std::string> tokens(kSessions);
  const auto each =
      [&](const std::function<absl::Status(const v1::TokenServiceClient&, size_t)>& work)
      -> absl::StatusOr<double> {
    std::vector<std::thread> threads;
    std::vector<absl::Status> statuses(kClients);
    const absl::Time begun = absl::Now();
    for (size_t client = 0; client < kClients; ++client) {
      threads.emplace_back([&, client] {
        const v1::TokenServiceClient service(
            rpc::Channel::Connect("security", running.grpc, requests));
        for (size_t i = client; i < kSessions && statuses[client].ok(); i += kClients) {
          statuses[client].Update(work(service, i));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const absl::Status& status : statuses) RETURN_IF_ERROR(status);
    return absl::ToDoubleSeconds(absl::Now() - begun);
  };
  RETURN_IF_ERROR(each([&](const v1::TokenServiceClient& service, size_t i) -> absl::Status {
                    v1::IssueTokensRequest request;
                    request.set_user_id(static_cast<int64_t>(i) + 1);
                    request.set_method("password");
                    request.set_idempotency_key("bench");
                    ASSIGN_OR_RETURN(const auto response, service.IssueTokens(Patient(), request));
                    tokens[i] = response.tokens().refresh_token();
                    return absl::OkStatus();
                  }).status());
  std::vector<double> per_cpu, per_second;
  for (int round = 0; round < kRounds; ++round) {
    const auto cpu = [&] {
      return CpuOf(running.mesh->pid()) + CpuOfTree(running.ground->postgres->pid());
    };
    const absl::Duration before = cpu();
    ASSIGN_OR_RETURN(const double seconds,
                     each([&](const v1::TokenServiceClient& service, size_t i) -> absl::Status {
                       v1::RefreshTokensRequest request;
                       request.set_refresh_token(tokens[i]);
                       ASSIGN_OR_RETURN(const auto response,
                                        service.RefreshTokens(Patient(), request));
                       tokens[i] = response.tokens().refresh_token();
                       return absl::OkStatus();
                     }));
    per_cpu.push_back(kSessions / absl::ToDoubleSeconds(cpu() - before));
    per_second.push_back(kSessions / seconds);
  }
  report.Add({.name = "doors.refresh.cpu",
              .what = "refreshes, a CPU second with PostgreSQL's",
              .unit = "refreshes/s",
              .ours = Median(per_cpu),
              .peer = "hydra, not run",
              .aim = {.kind = Aim::kRatioAtLeast, .value = 3}});
  report.Add({.name = "doors.refresh.rate",
              .what = "refreshes by 16 clients",
              .unit = "refreshes/s",
              .ours = Median(per_second)});
  return absl::OkStatus();
}

// Resident memory in kB.
double MemoryOf(int pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/status"));
  std::string word;
  while (file >> word) {
    if (word != "VmRSS:") continue;
    double kilobytes = 0;
    file >> kilobytes;
    return kilobytes;
  }
  return 0;
}

absl::Status SocketRows(Report& report) {
  constexpr int kSockets = 5'000, kFirst = 500, kEvents = 20;
  constexpr int64_t kPerson = 1001;
  ASSIGN_OR_RETURN(const Running running, Run("realtime,outbox_relay"));
  Devices devices;
  // The first ones pay for what all share.
  RETURN_IF_ERROR(devices.Connect(running.devices_port, kPerson, kFirst));
  const double before = MemoryOf(running.mesh->pid());
  RETURN_IF_ERROR(devices.Connect(running.devices_port, kPerson, kSockets - kFirst));
  const double after = MemoryOf(running.mesh->pid());
  report.Add({.name = "doors.socket.idle",
              .what = "a device that waits, of 5,000",
              .unit = "kB",
              .ours = (after - before) / (kSockets - kFirst),
              .aim = {.kind = Aim::kAtMost, .value = 20}});
  ASSIGN_OR_RETURN(const auto database,
                   postgres::Database::Open({.url = running.ground->postgres->url()}));
  std::vector<double> all, rates;
  for (int i = 0; i < kEvents; ++i) {
    events::v1::UserMessageReceived event;
    event.set_user_id(kPerson);
    event.set_message_text(std::string(100, 'x'));
    RETURN_IF_ERROR(database->Write(
        Patient(), [&](postgres::Transaction& tx) { return events::Publish(tx, event); }));
    const absl::Time committed = absl::Now();
    ASSIGN_OR_RETURN(const std::vector<absl::Time> told, devices.Hear(1, absl::Seconds(30)));
    absl::Time last = committed;
    for (const absl::Time at : told) {
      all.push_back(absl::ToDoubleMilliseconds(at - committed));
      last = std::max(last, at);
    }
    rates.push_back(kSockets / absl::ToDoubleSeconds(last - committed));
  }
  report.Add({.name = "doors.fanout.rate",
              .what = "one event to 5,000 devices, from its commit",
              .unit = "devices/s",
              .ours = Median(rates),
              .peer = "centrifugo, not run",
              .aim = {.kind = Aim::kRatioAtLeast, .value = 1}});
  report.Add({.name = "doors.fanout.p50",
              .what = "commit to device, 5,000 of them, p50",
              .unit = "ms",
              .ours = Quantile(all, 0.5)});
  report.Add({.name = "doors.fanout.p99",
              .what = "commit to device, 5,000 of them, p99",
              .unit = "ms",
              .ours = Quantile(all, 0.99),
              .peer = "centrifugo, not run"});
  return absl::OkStatus();
}

}  // namespace

absl::Status DoorsRows(const Scale& scale, const Wanted& wanted, Report& report) {
  if (wanted("doors.token")) RETURN_IF_ERROR(TokenRows(report));
  if (wanted("doors.rest")) RETURN_IF_ERROR(RestRows(scale, report));
  if (wanted("doors.refresh")) RETURN_IF_ERROR(RefreshRows(report));
  if (wanted("doors.socket") || wanted("doors.fanout")) RETURN_IF_ERROR(SocketRows(report));
  return absl::OkStatus();
}

}  // namespace selfology::bench
