// Whatever is asked of a process's admin port: every answer is HTTP, and none is a failure of ours.

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/http/test_socket.h"
#include "common/observe/log.h"
#include "common/observe/metrics.h"
#include "common/redis/client.h"
#include "common/service/admin.h"
#include "common/service/process_report.h"
#include "common/service/status_page.h"
#include "testing/fuzz.h"

namespace selfology::service {
namespace {

class Quiet : public Module {
 public:
  ModuleInfo info() const override { return {.name = "trait", .group = "trait_evolution"}; }
  absl::Status Start(Mesh&) override { return absl::OkStatus(); }
};

// What an admin server shows, and the server.
struct Process {
  Process() {
    modules.push_back(std::make_unique<Quiet>());
    health.Add("trait", "database", Dependency::kRequired,
               [](const Call&) { return absl::OkStatus(); });
    health.CheckAll(absl::Seconds(10));
    reports.Add("trait", "backlog", Reports::Kind::kQueue, [] { return 7.0; });
    report = std::make_unique<ProcessReport>(
        ProcessReport::Sources{health, reports, metrics, served, resources}, modules, "fuzzed");
    page = std::make_unique<StatusPage>(*report, *redis, 1);
    auto started = Admin::Start("127.0.0.1:0", {health, reports, metrics, process, served, *report},
                                page->Routes());
    MUST(started.ok());
    admin = *std::move(started);
    report->SetServing(true);
    MUST(absl::SimpleAtoi(admin->address().substr(admin->address().rfind(':') + 1), &port));
  }

  std::vector<std::unique_ptr<Module>> modules;
  Health health;
  Reports reports;
  observe::Metrics metrics;
  observe::ProcessMetrics process = observe::ProcessMetrics(&metrics, "");
  observe::Requests served = observe::Requests(nullptr, "grpc_server");
  Resources resources = Resources("");
  // Nothing listens there.
  std::unique_ptr<redis::Client> redis = *redis::Client::Open("redis://127.0.0.1:1");
  std::unique_ptr<ProcessReport> report;
  std::unique_ptr<StatusPage> page;
  std::unique_ptr<Admin> admin;
  int port = 0;
};

std::string Ask(std::string_view request) {
  static Process& process = *new Process();
  http::TestSocket socket(static_cast<uint16_t>(process.port));
  MUST(socket.connected());
  (void)socket.Send(request);
  socket.CloseSending();
  return socket.ReadAll();
}

void Check(std::string_view request) {
  const std::string answer = Ask(request);
  MUST(answer.empty() || answer.starts_with("HTTP/1."));
  MUST(answer.substr(0, 12).find(" 500") == std::string::npos);
  // As a query, whatever the bytes: percent-encoded they arrive.
  const std::string found =
      Ask(absl::StrCat("GET /health?service=", http::Encode(request), " HTTP/1.0\r\n\r\n"));
  const bool known = request == "trait" || request == "trait_evolution";
  const bool malformed = absl::StrContains(request, '\0');
  const bool too_long = request.size() * 3 > 15'000;
  MUST(too_long || found.starts_with(known       ? "HTTP/1.0 200"
                                     : malformed ? "HTTP/1.0 400"
                                                 : "HTTP/1.0 404"));
}

}  // namespace
}  // namespace selfology::service

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  selfology::service::Check(selfology::testing::InputText(data, size));
  return 0;
}
