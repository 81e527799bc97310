#include "tests/bench/doors_hydra.h"

#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"
#include "testing/servers/free_port.h"
#include "tests/bench/ground.h"
#include "tests/bench/report.h"

namespace selfology::bench {
namespace {

using Value = nlohmann::json;

constexpr char kBack[] = "http%3A%2F%2F127.0.0.1%2Fback";
constexpr char kForm[] = "application/x-www-form-urlencoded";

absl::Status Unexpected(const http::ClientResponse& response) {
  return absl::InternalError(
      absl::StrCat("hydra answered ", response.status, " ", response.body.substr(0, 300)));
}

absl::StatusOr<std::string> TextOf(const http::ClientResponse& response, const char* name) {
  const Value body = Value::parse(response.body, nullptr, /*allow_exceptions=*/false);
  if (response.status / 100 != 2 || !body.is_object() || !body.contains(name) ||
      !body[name].is_string()) {
    return Unexpected(response);
  }
  return body[name].get<std::string>();
}

absl::StatusOr<std::string> QueryOf(const http::ClientResponse& response, std::string_view name) {
  const std::string location(response.headers.Get("Location").value_or(""));
  for (const std::string_view part : absl::StrSplit(location, absl::ByAnyChar("?&#"))) {
    if (absl::StartsWith(part, absl::StrCat(name, "="))) {
      return std::string(part.substr(name.size() + 1));
    }
  }
  return absl::InternalError(
      absl::StrCat("hydra answered ", response.status, " without ", name, ": ", location));
}

// What a browser would send back.
void KeepCookies(const http::ClientResponse& response, std::string& cookies) {
  for (const auto& [name, value] : response.headers) {
    if (!absl::EqualsIgnoreCase(name, "Set-Cookie")) continue;
    absl::StrAppend(&cookies, cookies.empty() ? "" : "; ", value.substr(0, value.find(';')));
  }
}

}  // namespace

absl::StatusOr<double> EachAtOnce(size_t count, size_t threads,
                                  const std::function<absl::Status(size_t)>& work) {
  std::vector<std::thread> running;
  std::vector<absl::Status> statuses(threads);
  const absl::Time begun = absl::Now();
  for (size_t thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] {
      for (size_t i = thread; i < count && statuses[thread].ok(); i += threads) {
        statuses[thread].Update(work(i));
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  for (const absl::Status& status : statuses) RETURN_IF_ERROR(status);
  return absl::ToDoubleSeconds(absl::Now() - begun);
}

absl::StatusOr<std::unique_ptr<Hydra>> Hydra::Start(const std::string& program) {
  std::unique_ptr<Hydra> hydra(new Hydra);
  const int postgres_port = servers::FreePort();
  ASSIGN_OR_RETURN(hydra->postgres_,
                   servers::PostgresServer::Start({.port = postgres_port, .durable = true}));
  const int public_port = servers::FreePort(), admin_port = servers::FreePort();
  hydra->public_url_ = absl::StrCat("http://127.0.0.1:", public_port);
  hydra->admin_url_ = absl::StrCat("http://127.0.0.1:", admin_port);
  const std::vector<std::string> environment = {
      absl::StrCat("DSN=postgres://postgres@127.0.0.1:", postgres_port,
                   "/postgres?sslmode=disable&max_conns=16&max_idle_conns=16"),
      "SECRETS_SYSTEM=of-this-bench-alone",
      absl::StrCat("URLS_SELF_ISSUER=", hydra->public_url_),
      absl::StrCat("URLS_LOGIN=", hydra->public_url_, "/login"),
      absl::StrCat("URLS_CONSENT=", hydra->public_url_, "/consent"),
      "SERVE_PUBLIC_HOST=127.0.0.1",
      absl::StrCat("SERVE_PUBLIC_PORT=", public_port),
      "SERVE_ADMIN_HOST=127.0.0.1",
      absl::StrCat("SERVE_ADMIN_PORT=", admin_port),
      "LOG_LEVEL=error",
      "SQA_OPT_OUT=true",
  };
  ASSIGN_OR_RETURN(const auto migration,
                   servers::Process::Start({.argv = {program, "migrate", "sql", "-e", "--yes"},
                                            .environment = environment}));
  ASSIGN_OR_RETURN(const int code, migration->Wait(absl::Now() + absl::Minutes(5)));
  if (code != 0) return absl::InternalError(migration->output());
  ASSIGN_OR_RETURN(hydra->process_,
                   servers::Process::Start(
                       {.argv = {program, "serve", "all", "--dev"}, .environment = environment}));
  const absl::Time deadline = absl::Now() + absl::Minutes(1);
  while (true) {
    const auto ready = hydra->Send({.url = absl::StrCat(hydra->admin_url_, "/health/ready")});
    if (ready.ok() && ready->status == 200) break;
    if (absl::Now() > deadline || !hydra->process_->running()) {
      return absl::InternalError(hydra->process_->output());
    }
    Pause(absl::Milliseconds(100));
  }
  ASSIGN_OR_RETURN(const http::ClientResponse made,
                   hydra->Send({.method = "POST",
                                .url = absl::StrCat(hydra->admin_url_, "/admin/clients"),
                                .headers = {{"Content-Type", std::string(http::kJson)}},
                                .body = R"({"grant_types": ["authorization_code", "refresh_token"],
                               "response_types": ["code"], "scope": "offline",
                               "redirect_uris": ["http://127.0.0.1/back"],
                               "token_endpoint_auth_method": "none"})"}));
  ASSIGN_OR_RETURN(hydra->client_id_, TextOf(made, "client_id"));
  return hydra;
}

absl::StatusOr<http::ClientResponse> Hydra::Send(const http::ClientRequest& request) {
  return client_.Send(Patient(), request);
}

absl::StatusOr<std::string> Hydra::Accept(const std::string& what, const std::string& challenge,
                                          const std::string& body) {
  ASSIGN_OR_RETURN(const http::ClientResponse answer,
                   Send({.method = "PUT",
                         .url = absl::StrCat(admin_url_, "/admin/oauth2/auth/requests/", what,
                                             "/accept?", what, "_challenge=", challenge),
                         .headers = {{"Content-Type", std::string(http::kJson)}},
                         .body = body}));
  return TextOf(answer, "redirect_to");
}

absl::StatusOr<std::string> Hydra::Tokens(const std::string& form) {
  ASSIGN_OR_RETURN(const http::ClientResponse answer,
                   Send({.method = "POST",
                         .url = absl::StrCat(public_url_, "/oauth2/token"),
                         .headers = {{"Content-Type", kForm}},
                         .body = absl::StrCat(form, "&client_id=", client_id_)}));
  return TextOf(answer, "refresh_token");
}

absl::StatusOr<std::string> Hydra::NewSession(size_t number) {
  // For a client without a secret (RFC 7636, appendix B).
  constexpr char kVerifier[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  constexpr char kChallenge[] = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
  std::string cookies;
  const auto browse = [&](const std::string& url) -> absl::StatusOr<http::ClientResponse> {
    http::ClientRequest request = {.url = url};
    if (!cookies.empty()) request.headers.Set("Cookie", cookies);
    ASSIGN_OR_RETURN(http::ClientResponse response, Send(request));
    KeepCookies(response, cookies);
    return response;
  };
  ASSIGN_OR_RETURN(const auto asked,
                   browse(absl::StrCat(public_url_, "/oauth2/auth?response_type=code&scope=offline",
                                       "&state=0123456789&code_challenge_method=S256",
                                       "&code_challenge=", kChallenge, "&redirect_uri=", kBack,
                                       "&client_id=", client_id_)));
  ASSIGN_OR_RETURN(const std::string login, QueryOf(asked, "login_challenge"));
  ASSIGN_OR_RETURN(const std::string logged_in,
                   Accept("login", login, absl::StrCat(R"({"subject": "person-)", number, "\"}")));
  ASSIGN_OR_RETURN(const auto known, browse(logged_in));
  ASSIGN_OR_RETURN(const std::string consent, QueryOf(known, "consent_challenge"));
  ASSIGN_OR_RETURN(const std::string allowed,
                   Accept("consent", consent, R"({"grant_scope": ["offline"]})"));
  ASSIGN_OR_RETURN(const auto back, browse(allowed));
  ASSIGN_OR_RETURN(const std::string code, QueryOf(back, "code"));
  return Tokens(absl::StrCat("grant_type=authorization_code&redirect_uri=", kBack, "&code=", code,
                             "&code_verifier=", kVerifier));
}

absl::Status Hydra::SignIn(size_t sessions, size_t clients) {
  const size_t first = tokens_.size();
  tokens_.resize(first + sessions);
  return EachAtOnce(sessions, clients,
                    [&](size_t i) -> absl::Status {
                      ASSIGN_OR_RETURN(tokens_[first + i], NewSession(first + i));
                      return absl::OkStatus();
                    })
      .status();
}

absl::StatusOr<double> Hydra::RefreshAll(size_t clients) {
  return EachAtOnce(tokens_.size(), clients, [&](size_t i) -> absl::Status {
    ASSIGN_OR_RETURN(tokens_[i],
                     Tokens(absl::StrCat("grant_type=refresh_token&refresh_token=", tokens_[i])));
    return absl::OkStatus();
  });
}

absl::Duration Hydra::Cpu() const { return CpuOf(process_->pid()) + CpuOfTree(postgres_->pid()); }

}  // namespace selfology::bench
