// Spans of a process on their way to a collector: who records which, and what is whose parent.
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/service/host_fixture_test.h"
#include "gmock/gmock.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "testing/otlp/collector.h"

namespace selfology::service {
namespace {

using events::v1::SessionCreated;
using events::v1::SessionTimeout;
using opentelemetry::proto::trace::v1::Span;
using testing::CollectedSpan;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using testing::Modules;
namespace trait_v1 = ::selfology::trait::v1;

constexpr std::string_view kList = "selfology.trait.v1.TraitService/ListTraitHistory";
const observe::TraceContext kGiven = {"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true};

class TraceExportTest : public HostFixture {
 protected:
  void SetUp() override {
    HostFixture::SetUp();
    auto collector = testing::OtlpCollector::Start();
    ASSERT_TRUE(collector.ok()) << collector.status();
    collector_ = *std::move(collector);
  }

  // "one" serves probe_, which publishes SessionCreated; "two" answers that with SessionTimeout.
  void StartTwo(double share, std::vector<std::string> traced = {}) {
    auto one = std::make_unique<ProbeModule>(
        [this](Mesh& mesh) {
          database_ = &mesh.database();
          mesh.Serve(probe_);
          return absl::OkStatus();
        },
        "one");
    auto two = std::make_unique<ProbeModule>(
        [](Mesh& mesh) {
          mesh.On<SessionCreated>([](const SessionCreated& event, events::Handling& handling) {
            SessionTimeout answer;
            answer.set_user_id(event.user_id());
            return events::Publish(handling.tx(), answer);
          });
          return absl::OkStatus();
        },
        "two");
    StartMesh(Modules(std::move(one), std::move(two)), [&](Settings& settings) {
      settings.otlp_endpoint = collector_->endpoint();
      settings.trace_share = share;
      settings.trace_services = std::move(traced);
    });
    probe_->on_list = [this](const Call& call) {
      return database_->Write(call, [](postgres::Transaction& tx) -> absl::Status {
        SessionCreated event;
        event.set_user_id(5);
        return events::Publish(tx, event);
      });
    };
    client_.emplace(Peer("one"));
  }

  // Stops the mesh, so that all there is has been sent; gives one trace's spans by "service: name".
  std::map<std::string, Span> Collected(std::string_view trace_id) {
    StopMesh();
    std::map<std::string, Span> spans;
    for (const CollectedSpan& collected : collector_->spans()) {
      if (absl::BytesToHexString(collected.span.trace_id()) != trace_id) continue;
      spans[absl::StrCat(collected.service, ": ", collected.span.name())] = collected.span;
    }
    return spans;
  }

  std::unique_ptr<testing::OtlpCollector> collector_;
  postgres::Database* database_ = nullptr;
};

TEST_F(TraceExportTest, FromTheRpcOverOutboxAndStreamToTheOtherService) {
  StartTwo(/*share=*/0);  // The caller has decided already.
  ASSERT_TRUE(client_->ListTraitHistory(Call::Background(absl::Seconds(20), kGiven), {}).ok());
  AwaitPublished<SessionTimeout>();
  std::map<std::string, Span> spans = Collected(kGiven.trace_id.view());

  const Span& server = spans[absl::StrCat("one: ", kList)];
  const Span& write = spans["one: postgresql write"];
  const Span& sent = spans["one: send session.created"];
  const Span& handled = spans["two: process session.created"];
  const Span& answered = spans["two: send session.timeout"];
  EXPECT_EQ(absl::BytesToHexString(server.parent_span_id()), kGiven.span_id.view());
  EXPECT_EQ(server.kind(), Span::SPAN_KIND_SERVER);
  EXPECT_EQ(write.parent_span_id(), server.span_id());
  EXPECT_EQ(write.kind(), Span::SPAN_KIND_CLIENT);
  EXPECT_EQ(sent.parent_span_id(), server.span_id());
  EXPECT_EQ(sent.kind(), Span::SPAN_KIND_PRODUCER);
  EXPECT_EQ(handled.parent_span_id(), sent.span_id());
  EXPECT_EQ(handled.kind(), Span::SPAN_KIND_CONSUMER);
  EXPECT_EQ(answered.parent_span_id(), handled.span_id());
  EXPECT_EQ(spans.size(), 5u);
  std::set<std::string> keys;
  for (const auto& attribute : server.attributes()) keys.insert(attribute.key());
  EXPECT_THAT(keys,
              IsSupersetOf({"rpc.system", "rpc.service", "rpc.method", "rpc.grpc.status_code"}));
}

TEST_F(TraceExportTest, AProcessBeginsTracesAndItsClientsGoOn) {
  Mesh* mesh = nullptr;
  auto asks = std::make_unique<ProbeModule>(
      [&](Mesh& given) {
        mesh = &given;
        given.Every(absl::Milliseconds(50), "ask", [&](const Call& call) {
          return trait_v1::TraitServiceClient(mesh->Peer("probe"))
              .ListTraitHistory(call, {})
              .status();
        });
        return absl::OkStatus();
      },
      "asks");
  auto answers = std::make_unique<ProbeModule>([this](Mesh& given) {
    given.Serve(probe_);
    return absl::OkStatus();
  });
  StartMesh(Modules(std::move(asks), std::move(answers)), [&](Settings& settings) {
    settings.otlp_endpoint = collector_->endpoint();
    settings.trace_share = 1;
  });
  std::map<std::string, Span> spans;
  Await("a tick's spans", [&] {
    spans.clear();
    for (const CollectedSpan& collected : collector_->spans()) {
      spans[absl::StrCat(collected.service, ": ", Span::SpanKind_Name(collected.span.kind()))] =
          collected.span;
    }
    return spans.contains("asks: SPAN_KIND_INTERNAL") &&
           spans["probe: SPAN_KIND_SERVER"].trace_id() ==
               spans["asks: SPAN_KIND_INTERNAL"].trace_id();
  });
  StopMesh();
  const Span& tick = spans["asks: SPAN_KIND_INTERNAL"];
  EXPECT_EQ(tick.name(), "timer ask");
  EXPECT_EQ(tick.parent_span_id(), "");
  EXPECT_EQ(spans["asks: SPAN_KIND_CLIENT"].parent_span_id(), tick.span_id());
  EXPECT_EQ(spans["probe: SPAN_KIND_SERVER"].parent_span_id(),
            spans["asks: SPAN_KIND_CLIENT"].span_id());
}

TEST_F(TraceExportTest, FaultsAreExportedThoughNothingIsSampled) {
  StartTwo(/*share=*/0);
  ASSERT_TRUE(client_->ListTraitHistory(Deadline(), {}).ok());
  AwaitPublished<SessionTimeout>();
  probe_->on_list = [](const Call&) { return absl::NotFoundError("the caller's mistake"); };
  EXPECT_FALSE(client_->ListTraitHistory(Deadline(), {}).ok());
  probe_->on_list = [](const Call&) { return absl::InternalError("Ann's secret"); };
  EXPECT_FALSE(client_->ListTraitHistory(Deadline(), {}).ok());
  StopMesh();
  const std::vector<CollectedSpan> spans = collector_->spans();
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].service, "one");
  EXPECT_EQ(spans[0].span.name(), kList);
  EXPECT_EQ(spans[0].span.status().message(), "INTERNAL");
  EXPECT_EQ(spans[0].span.flags(), 0u);
  EXPECT_THAT(spans[0].span.DebugString(), ::testing::Not(::testing::HasSubstr("Ann")));
}

TEST_F(TraceExportTest, AServiceThatIsOffPassesTheTraceOn) {
  StartTwo(/*share=*/0, {"two"});
  ASSERT_TRUE(client_->ListTraitHistory(Call::Background(absl::Seconds(20), kGiven), {}).ok());
  AwaitPublished<SessionTimeout>();
  std::map<std::string, Span> spans = Collected(kGiven.trace_id.view());
  EXPECT_EQ(spans.size(), 2u);
  EXPECT_EQ(absl::BytesToHexString(spans["two: process session.created"].parent_span_id()),
            kGiven.span_id.view());
}

TEST_F(TraceExportTest, WithoutACollectorNothingIsSampled) {
  observe::TraceContext seen;
  probe_->on_list = [&](const Call& call) {
    seen = call.trace();
    return absl::OkStatus();
  };
  Start(nullptr);
  ASSERT_TRUE(client_->ListTraitHistory(Deadline(), {}).ok());
  EXPECT_TRUE(seen.valid());
  EXPECT_FALSE(seen.sampled);
  EXPECT_EQ(seen.tracer, nullptr);
  EXPECT_THAT(collector_->spans(), IsEmpty());
}

// As the dialogs of one process do.
TEST_F(TraceExportTest, OfModulesThatServeTheSameContractEachHasItsOwnSpans) {
  const auto module = [](std::string_view name, int64_t user_id) {
    auto probe = std::make_shared<Probe>();
    probe->serves = [user_id](const auto& request) { return request.user_id() == user_id; };
    return std::make_unique<ProbeModule>(
        [probe](Mesh& mesh) {
          mesh.Serve(probe);
          return absl::OkStatus();
        },
        name);
  };
  StartMesh(Modules(module("one", 1), module("two", 2)), [&](Settings& settings) {
    settings.otlp_endpoint = collector_->endpoint();
    settings.trace_share = 1;
  });
  const trait_v1::TraitServiceClient client(Peer("one"));
  std::vector<std::string> services;
  for (const int64_t user_id : {1, 2}) {
    trait_v1::ListTraitHistoryRequest request;
    request.set_user_id(user_id);
    ASSERT_TRUE(client.ListTraitHistory(Deadline(), request).ok());
  }
  StopMesh();
  for (const CollectedSpan& collected : collector_->spans()) {
    if (collected.span.name() == kList) services.push_back(collected.service);
  }
  EXPECT_THAT(services, ::testing::UnorderedElementsAre("one", "two"));
}

}  // namespace
}  // namespace selfology::service
