// The rules that every request keeps before its method sees it, whatever the method is:
//   - no text holds the character NUL, which PostgreSQL cannot store;
//   - every google.protobuf.Timestamp and Duration lies in its documented range;
//   - no repeated field or map has more than 1,000 elements, and all of a request together no more
//     than 10,000: a few megabytes of empty elements would take a hundred times that in memory;
//   - messages are nested at most 32 deep.
// Counts are looked at before elements.
//
//   const rpc::RequestCheck check(*v1::SubmitAnswerRequest::descriptor());
//   RETURN_IF_ERROR(check(request));
//
// Violations are INVALID_ARGUMENT and name the field with dots and indexes: "filter.types[0]". What
// there is to look at is found out once, from the descriptor: a type without texts, times or
// repeated fields costs nothing. Thread-safe.
#pragma once

#include <memory>

#include "absl/status/status.h"

namespace google::protobuf {
class Descriptor;
class Message;
}  // namespace google::protobuf

namespace selfology::rpc {

class RequestCheck {
 public:
  explicit RequestCheck(const google::protobuf::Descriptor& type);
  RequestCheck(RequestCheck&&) noexcept;
  ~RequestCheck();

  // `request` must be of the type.
  absl::Status operator()(const google::protobuf::Message& request) const;

  // Whether there is anything to look at in a message of the type.
  bool looks() const;

 private:
  class Plans;
  std::unique_ptr<const Plans> plans_;
};

}  // namespace selfology::rpc
