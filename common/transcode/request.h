// The request message that an HTTP request means.
//
//   auto message = NewMessage(*route.method->input_type());
//   RETURN_IF_ERROR(FillRequest(route, {.variables = match.variables,
//                                       .query = request.query,
//                                       .content_type = "application/json",
//                                       .body = request.body}, style, *message));
//
// From the path come its variables; from the body, all the rest or one field; from the query, what
// neither has. A body is JSON (also without a Content-Type), a form
// (application/x-www-form-urlencoded), or anything where the contract takes a google.api.HttpBody.
// A PATCH whose body is one field, with an empty FieldMask beside it, changes what its JSON names:
// the mask becomes the names in it, also of what is null.
// An `idempotency_key` (the header Idempotency-Key) fills the request's field of that name, and an app's name and
// secret (Authorization: Basic) its `client_id` and `client_secret`, where it has both (RFC 6749,
// 2.3.1). Methods that answer with an HttpResponse speak a protocol of others: names that their
// requests do not know are passed over, as OAuth asks. Fields with (selfology.mesh.v1.filled_from) are
// filled from the client's address and agent, whatever else says.
// Errors: INVALID_ARGUMENT that names the fields and the rules; reason UNSUPPORTED_MEDIA_TYPE for a
// body of another type.
// Threads: pure functions.
// Source: google/api/http.proto.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "common/http/url.h"
#include "common/transcode/json_writer.h"
#include "common/transcode/route_table.h"
#include "google/protobuf/message.h"

namespace selfology::transcode {

inline constexpr std::string_view kUnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE";
// As violations name the header.
inline constexpr std::string_view kAuthorizationField = "Authorization";

// An empty message of a type that is linked in.
std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor& type);

struct HttpInput {
  absl::Span<const RouteTable::Variable> variables = {};
  const http::Parameters& query;
  std::string_view content_type = {};
  std::string_view body = {};
  std::string_view idempotency_key = {};
  std::string_view authorization = {};
  std::string_view client_address = {};
  std::string_view user_agent = {};
};

absl::Status FillRequest(const Route& route, const HttpInput& input, const JsonStyle& style,
                         google::protobuf::Message& request);

// Whether the request takes an app's name and secret.
bool TakesClientSecret(const google::protobuf::Descriptor& request);

// The request's field for an idempotency key; null: it has none.
const google::protobuf::FieldDescriptor* IdempotencyField(
    const google::protobuf::Descriptor& request);

}  // namespace selfology::transcode
