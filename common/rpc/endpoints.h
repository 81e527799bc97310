#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/call/call.h"
#include "common/observe/span.h"
#include "google/protobuf/message.h"

namespace selfology::rpc {

class Endpoints;

// Used by generated code, to serve one RPC:
// Receive parses the request into the message it is given, checks it, and gives the endpoints that
// it is for: never null, and of the service that the method belongs to.
using Receive = absl::FunctionRef<absl::StatusOr<Endpoints*>(google::protobuf::Message& request)>;
// Reply sends a response; false once the caller has gone away.
using Reply = absl::FunctionRef<bool(const google::protobuf::Message& response)>;
using Run = absl::Status (*)(const Call&, Receive, Reply);

// One gRPC service as a room implements it. The build generates `FooServiceEndpoints` from
// `service FooService` (see plugin/), with a pure virtual method for each RPC:
//
//   class SessionService : public v1::SessionServiceEndpoints {
//     absl::StatusOr<v1::SubmitAnswerResponse> SubmitAnswer(
//         const Call& call, const v1::SubmitAnswerRequest& request) override;
//
// Methods run concurrently. What they return becomes the gRPC status with google.rpc details;
// deadline, trace, metrics and logs are the kernel's business. A request reaches its method only if
// it keeps the rules of request_check.h.
//
// DeleteUserData(user_id) has an implementation already: it checks the id and runs what the kernel
// has set by OnDeleteUserData. A room may override it.
class Endpoints {
 public:
  // Erases what the service keeps about the person; gives the number of rows deleted.
  using DeleteUserDataFunction = std::function<absl::StatusOr<int64_t>(const Call&, int64_t)>;

  virtual ~Endpoints() = default;
  // The full name, such as "selfology.session.v1.SessionService".
  virtual std::string_view service_name() const = 0;
  // One for each method, in the order of the .proto file.
  virtual absl::Span<const Run> methods() const = 0;

  // Whether the request is for these endpoints, where several modules of a process serve the same
  // contract: the first that says so gets it. When none does, the first of all gets it, to say what
  // is wrong with it. Thread-safe.
  virtual bool Serves(const google::protobuf::Message& /*request*/) const { return true; }

  // Whether RPCs of the contract from other processes are still served while this one drains: what
  // its own consumers have begun may need them, by way of another service, in order to finish. Such
  // RPCs are short.
  virtual bool ServesWhileDraining() const { return false; }

  // Before it is served.
  void OnDeleteUserData(DeleteUserDataFunction erase) { delete_user_data_ = std::move(erase); }
  // Before it is served: who records the spans of its RPCs. Null, or never called: nobody.
  void RecordBy(const observe::Tracer* tracer) { tracer_ = tracer; }
  const observe::Tracer* tracer() const { return tracer_; }

 protected:
  // Used by generated code. INVALID_ARGUMENT for a user_id below 1, UNIMPLEMENTED when nothing was
  // set by OnDeleteUserData.
  absl::StatusOr<int64_t> DeleteDataOf(const Call& call, int64_t user_id);

 private:
  DeleteUserDataFunction delete_user_data_;
  const observe::Tracer* tracer_ = nullptr;
};

// Sends the messages of a server-streaming RPC. Not thread-safe: one writer at a time.
template <typename Message>
class Writer {
 public:
  explicit Writer(Reply reply) : reply_(reply) {}
  // False once the caller has gone away; the method should then return.
  bool Write(const Message& message) { return reply_(message); }

 private:
  const Reply reply_;
};

}  // namespace selfology::rpc
