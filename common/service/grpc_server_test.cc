// What the kernel does around the methods of a service, over gRPC.
#include "common/service/grpc_server.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/observe/log.h"
#include "common/observe/metrics.h"
#include "common/rpc/channel.h"
#include "common/rpc/probe/probe_service.grpc.pb.h"
#include "common/rpc/probe/probe_service_client.h"
#include "common/rpc/probe/probe_service_endpoints.h"
#include "common/rpc/protobuf_log.h"
#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/impl/client_unary_call.h"
#include "grpcpp/impl/rpc_method.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/sync_stream.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace selfology::service {
namespace {

using ::grpc::internal::RpcMethod;
using rpc::probe::v1::ChangeRequest;
using rpc::probe::v1::ChangeResponse;
using rpc::probe::v1::DeleteUserDataRequest;
using rpc::probe::v1::LookRequest;
using rpc::probe::v1::LookResponse;
using rpc::probe::v1::ProbeServiceClient;
using rpc::probe::v1::WatchRequest;
using rpc::probe::v1::WatchResponse;
using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

constexpr char kLook[] = "/selfology.rpc.probe.v1.ProbeService/Look";
constexpr char kWatch[] = "/selfology.rpc.probe.v1.ProbeService/Watch";

class Probe final : public rpc::probe::v1::ProbeServiceEndpoints {
 public:
  std::function<absl::Status(const Call&)> on_look = [](const Call&) { return absl::OkStatus(); };
  std::function<absl::Status(const Call&)> on_change = [](const Call&) { return absl::OkStatus(); };
  std::vector<std::string> looked;
  absl::Duration remaining;  // Of the last call.

  absl::StatusOr<LookResponse> Look(const Call& call, const LookRequest& request) override {
    looked.push_back(request.text());
    remaining = call.Remaining();
    RETURN_IF_ERROR(on_look(call));
    return LookResponse();
  }
  absl::StatusOr<ChangeResponse> Change(const Call& call, const ChangeRequest&) override {
    remaining = call.Remaining();
    RETURN_IF_ERROR(on_change(call));
    return ChangeResponse();
  }
  absl::Status Watch(const Call& call, const WatchRequest& request,
                     rpc::Writer<WatchResponse>& replies) override {
    remaining = call.Remaining();
    WatchResponse response;
    for (int i = 0; i < request.replies(); ++i) {
      response.set_number(i);
      if (!replies.Write(response)) return absl::CancelledError("gone");
    }
    return absl::OkStatus();
  }
};

// A protobuf field: text field 1 with these bytes.
std::string TextField(std::string_view text) {
  return std::string("\x0a") + static_cast<char>(text.size()) + std::string(text);
}

class GrpcServerTest : public ::testing::Test {
 protected:
  GrpcServerTest() {
    server_.Add("probe", probe_);
    EXPECT_TRUE(server_.Start("127.0.0.1:0").ok());
    local_->Bind(server_.InProcessChannel());
    remote_ = rpc::Channel::Connect("probe", server_.address(), called_);
  }

  std::shared_ptr<::grpc::Channel> ForStubs() const {
    return remote_->ForStubs(*LookRequest::descriptor()->file()->FindServiceByName("ProbeService"));
  }

  // As a foreign client has it, without a service config.
  std::shared_ptr<::grpc::Channel> Plain() const {
    return ::grpc::CreateChannel(server_.address(), ::grpc::InsecureChannelCredentials());
  }

  // Sends bytes that no generated client would.
  static absl::Status SendRaw(::grpc::Channel& channel, const std::string& bytes) {
    ::grpc::ClientContext context;
    const ::grpc::Slice slice(bytes);
    const ::grpc::ByteBuffer request(&slice, 1);
    ::grpc::ByteBuffer response;
    return status::FromGrpc(
        ::grpc::internal::BlockingUnaryCall<::grpc::ByteBuffer, ::grpc::ByteBuffer>(
            &channel, RpcMethod(kLook, RpcMethod::NORMAL_RPC), &context, request, &response));
  }
  static absl::Status SendRawToStream(::grpc::Channel& channel, const std::string& bytes) {
    ::grpc::ClientContext context;
    const ::grpc::Slice slice(bytes);
    const ::grpc::ByteBuffer request(&slice, 1);
    const RpcMethod method(kWatch, RpcMethod::SERVER_STREAMING);
    const std::unique_ptr<::grpc::ClientReader<WatchResponse>> stream(
        ::grpc::internal::ClientReaderFactory<WatchResponse>::Create(&channel, method, &context,
                                                                     request));
    WatchResponse response;
    while (stream->Read(&response)) {
    }
    return status::FromGrpc(stream->Finish());
  }

  static Call Deadline() { return Call::Background(absl::Seconds(20)); }

  observe::Requests served_{nullptr, "rpc_server"};
  observe::Requests called_{nullptr, "rpc_client"};
  rpc::DrainGate gate_;
  std::shared_ptr<Probe> probe_ = std::make_shared<Probe>();
  GrpcServer server_{rpc::ServerRuntime{served_, gate_}};
  std::shared_ptr<rpc::Channel> local_ = std::make_shared<rpc::Channel>("probe", called_);
  std::shared_ptr<rpc::Channel> remote_;
};

TEST_F(GrpcServerTest, ServesUnaryAndStreamingMethods) {
  for (const auto& channel : {local_, remote_}) {
    const ProbeServiceClient client(channel);
    LookRequest look;
    look.set_text("hello");
    EXPECT_TRUE(client.Look(Deadline(), look).ok());
    WatchRequest watch;
    watch.set_replies(3);
    std::vector<int> numbers;
    const auto note = [&](const WatchResponse& response) {
      numbers.push_back(response.number());
      return true;
    };
    EXPECT_TRUE(client.Watch(Deadline(), watch, note).ok());
    EXPECT_THAT(numbers, ElementsAre(0, 1, 2));
    EXPECT_TRUE(client.Watch(Deadline(), watch, [](const WatchResponse&) { return false; }).ok())
        << "stopped early";
  }
  EXPECT_THAT(probe_->looked, ElementsAre("hello", "hello"));
}

TEST_F(GrpcServerTest, MalformedBytesAreInvalidArguments) {
  for (const absl::Status& status :
       {SendRaw(*Plain(), "\xff\xff\xff"), SendRaw(*Plain(), TextField("\xff")),
        SendRawToStream(*Plain(), "\xff\xff\xff")}) {
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_TRUE(status.GetPayload("type.googleapis.com/google.rpc.ErrorInfo").has_value());
    EXPECT_EQ(status::Reason(status), "INVALID_ARGUMENT");
  }
  EXPECT_THAT(probe_->looked, IsEmpty());
}

TEST_F(GrpcServerTest, FailuresHaveAReasonThatTheMethodNeedNotGive) {
  probe_->on_look = [](const Call&) { return absl::UnavailableError("lost the connection"); };
  const absl::Status failed = SendRaw(*Plain(), TextField("x"));
  gate_.Close();
  const absl::Status refused = SendRaw(*Plain(), TextField("x"));
  EXPECT_THAT(probe_->looked, SizeIs(1));
  for (const absl::Status& status : {failed, refused}) {
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_TRUE(status.GetPayload("type.googleapis.com/google.rpc.ErrorInfo").has_value());
    EXPECT_EQ(status::Reason(status), "SERVICE_UNAVAILABLE");
  }
}

TEST_F(GrpcServerTest, WhatProtobufSaysIsALineOfTheLog) {
  rpc::RouteProtobufLog();
  observe::FlushLog();
  ::testing::internal::CaptureStderr();
  SendRaw(*Plain(), TextField("\xff")).IgnoreError();
  observe::FlushLog();
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("selfology.rpc.probe.v1.LookRequest.text"));
  for (const std::string_view line : absl::StrSplit(log, '\n', absl::SkipEmpty())) {
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }
}

TEST_F(GrpcServerTest, ARequestThatIsTooLargeIsRefusedWithAReason) {
  const std::string raw((4 << 20) + 1, '\0');  // Of field 10, which is bytes.
  LookRequest request;
  request.set_raw(raw);
  for (const auto& channel : {local_, remote_}) {
    const absl::Status status = ProbeServiceClient(channel).Look(Deadline(), request).status();
    EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
    EXPECT_EQ(status::Reason(status), "REQUEST_TOO_LARGE");
  }
  request.set_raw(std::string(4'000'000, '\0'));
  EXPECT_TRUE(ProbeServiceClient(remote_).Look(Deadline(), request).ok());
}

TEST_F(GrpcServerTest, ARequestThatBreaksARuleNeverReachesItsMethod) {
  LookRequest request;
  request.mutable_row()->add_cells()->set_word(std::string("a\0", 2));
  const absl::Status status = ProbeServiceClient(remote_).Look(Deadline(), request).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(status::Violations(status),
              ElementsAre(status::FieldViolation{.field = "row.cells[0].word",
                                                 .rule = "must not contain the character NUL"}));
  WatchRequest watch;
  watch.set_text(std::string("\0", 1));
  EXPECT_TRUE(absl::IsInvalidArgument(ProbeServiceClient(remote_).Watch(
      Deadline(), watch, [](const WatchResponse&) { return true; })));
  EXPECT_THAT(probe_->looked, IsEmpty());
}

TEST_F(GrpcServerTest, AMillionEmptyMessagesMakeAShortLogLine) {
  LookRequest request;
  for (int i = 0; i < 1'000'000; ++i) request.add_rows();
  observe::FlushLog();
  ::testing::internal::CaptureStderr();
  const absl::Status status = ProbeServiceClient(remote_).Look(Deadline(), request).status();
  observe::FlushLog();
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), SizeIs(Le(2000u)));
  EXPECT_THAT(status::Violations(status), SizeIs(1));
}

TEST_F(GrpcServerTest, AReportOfManyViolationsSurvivesTheTrailer) {
  probe_->on_look = [](const Call&) {
    status::FieldViolations bad;
    for (int i = 0; i < 100'000; ++i) bad.Add(std::string(300, 'f'), std::string(300, '\xd0'));
    return bad.ToStatus();
  };
  const absl::Status status = ProbeServiceClient(remote_).Look(Deadline(), {}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_FALSE(status::Violations(status).empty());
}

TEST_F(GrpcServerTest, CallersWithoutADeadlineGetTheContracts) {
  // Not ForStubs of the remote one: that sets a deadline on the client's side already.
  const auto stub = rpc::probe::v1::ProbeService::NewStub(server_.InProcessChannel());
  ::grpc::ClientContext look, change, watch;
  LookResponse looked;
  ASSERT_TRUE(stub->Look(&look, {}, &looked).ok());
  EXPECT_THAT(probe_->remaining, Le(absl::Milliseconds(200)));
  ChangeResponse changed;
  ASSERT_TRUE(stub->Change(&change, {}, &changed).ok());
  EXPECT_THAT(probe_->remaining, Gt(absl::Seconds(20)));
  EXPECT_THAT(probe_->remaining, Le(absl::Seconds(30)));
  WatchResponse ignored;
  const auto stream = stub->Watch(&watch, {});
  while (stream->Read(&ignored)) {
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_THAT(probe_->remaining, Gt(absl::Minutes(50)));
}

TEST_F(GrpcServerTest, ADeadlineThatWasAskedForIsKept) {
  ASSERT_TRUE(ProbeServiceClient(remote_).Look(Deadline(), {}).ok());
  EXPECT_THAT(probe_->remaining, Gt(absl::Seconds(10)));
}

TEST_F(GrpcServerTest, WhatAMethodAsksOfAPeerIsBoundedByThePeersContract) {
  const ProbeServiceClient peer(local_);
  std::optional<absl::Duration> patience;
  absl::Duration look_had;
  probe_->on_look = [&](const Call& call) {
    look_had = call.Remaining();
    return absl::OkStatus();
  };
  probe_->on_change = [&](const Call& call) {
    return peer.Look(patience ? call.WithTimeout(*patience) : call, {}).status();
  };
  ASSERT_TRUE(ProbeServiceClient(remote_).Change(Deadline(), {}).ok());
  // gRPC rounds a timeout up on its way.
  EXPECT_THAT(look_had, Le(absl::Milliseconds(250)));
  patience = absl::Seconds(3);
  ASSERT_TRUE(ProbeServiceClient(remote_).Change(Deadline(), {}).ok());
  EXPECT_THAT(look_had, Gt(absl::Seconds(1))) << "asked for";
}

TEST_F(GrpcServerTest, StubsFollowTheServiceConfig) {
  probe_->on_look = [](const Call& call) {
    EXPECT_TRUE(call.MayWait().ok());  // So that another thread hears of the caller's end.
    while (!call.Cancelled()) std::this_thread::yield();
    return absl::CancelledError("nobody waits");
  };
  const auto stub = rpc::probe::v1::ProbeService::NewStub(ForStubs());
  ::grpc::ClientContext context;  // No deadline.
  LookResponse response;
  const absl::Time start = absl::Now();
  EXPECT_EQ(stub->Look(&context, {}, &response).error_code(),
            ::grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_THAT(absl::Now() - start, Gt(absl::Milliseconds(190))) << "no sooner than the contract";
  EXPECT_THAT(absl::Now() - start, Le(absl::Seconds(10)));
}

// By which proxies route and certificates are checked.
TEST(ChannelTest, TheAuthorityIsTheTargets) {
  ::grpc::AsyncGenericService service;
  ::grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", ::grpc::InsecureServerCredentials(), &port);
  builder.RegisterAsyncGenericService(&service);
  const auto queue = builder.AddCompletionQueue();
  const auto server = builder.BuildAndStart();
  ASSERT_NE(server, nullptr);
  ::grpc::GenericServerContext context;
  ::grpc::GenericServerAsyncReaderWriter stream(&context);
  service.RequestCall(&context, &stream, queue.get(), queue.get(), nullptr);

  observe::Requests called(nullptr, "rpc_client");
  const std::string address = absl::StrCat("127.0.0.1:", port);
  const auto channel = rpc::Channel::Connect("a_peer", address, called);
  std::thread caller([&] {
    const auto status = ProbeServiceClient(channel).Change(Call::Background(absl::Seconds(20)), {});
    EXPECT_TRUE(absl::IsUnimplemented(status.status())) << status.status();
  });
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue->Next(&tag, &ok));
  EXPECT_EQ(context.host(), address);
  stream.Finish({::grpc::StatusCode::UNIMPLEMENTED, ""}, nullptr);
  caller.join();
  server->Shutdown();
  queue->Shutdown();
  while (queue->Next(&tag, &ok)) {
  }
}

TEST_F(GrpcServerTest, DeleteUserDataIsTheKernels) {
  const ProbeServiceClient client(remote_);
  DeleteUserDataRequest request;
  request.set_user_id(7);
  EXPECT_TRUE(absl::IsUnimplemented(client.DeleteUserData(Deadline(), request).status()));
  int64_t erased = 0;
  probe_->OnDeleteUserData([&](const Call&, int64_t user_id) -> absl::StatusOr<int64_t> {
    if (user_id == 8) return absl::UnavailableError("later");
    erased = user_id;
    return 3;
  });
  EXPECT_EQ(client.DeleteUserData(Deadline(), request)->deleted_rows(), 3);
  EXPECT_EQ(erased, 7);
  EXPECT_THAT(status::Violations(client.DeleteUserData(Deadline(), {}).status()),
              ElementsAre(status::FieldViolation{.field = "user_id", .rule = "must be above 0"}));
}

}  // namespace
}  // namespace selfology::service
