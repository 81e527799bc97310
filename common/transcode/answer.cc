#include "common/transcode/answer.h"

#include <string>
#include <utility>

#include "common/status/status_macros.h"
#include "google/api/httpbody.pb.h"
#include "selfology/mesh/v1/http_response.pb.h"

namespace selfology::transcode {
namespace {

using google::api::HttpBody;
using google::protobuf::Descriptor;
using google::protobuf::Message;

constexpr std::string_view kBytes = "application/octet-stream";

// Null for a field that is no message.
const Descriptor* TypeOf(const Route& route) {
  return route.answer == nullptr ? route.method->output_type() : route.answer->message_type();
}

template <typename Type>
bool Is(const Descriptor* type) {
  return type != nullptr && type->full_name() == Type::descriptor()->full_name();
}

// Perhaps of another factory, hence by way of the bytes.
template <typename Type>
absl::StatusOr<Type> As(const Message& message) {
  Type same;
  if (!same.ParseFromString(message.SerializeAsString())) {
    return absl::InternalError(message.GetDescriptor()->full_name());
  }
  return same;
}

http::Response Raw(const HttpBody& body) {
  return {.headers = {{"Content-Type",
                       body.content_type().empty() ? std::string(kBytes) : body.content_type()}},
          .body = body.data()};
}

absl::StatusOr<http::Response> Raw(mesh::v1::HttpResponse response) {
  const int status = response.status() == 0 ? 200 : response.status();
  if (status < 200 || status > 599) return absl::InternalError("an answer's status is invalid");
  http::Response answer = {.status = status};
  if (!response.content_type().empty()) {
    answer.headers.Set("Content-Type", response.content_type());
  } else if (!response.body().empty()) {
    answer.headers.Set("Content-Type", kBytes);
  }
  for (const mesh::v1::HttpHeader& header : response.headers()) {
    answer.headers.Add(header.name(), header.value());
  }
  answer.body = std::move(*response.mutable_body());
  return answer;
}

}  // namespace

bool IsRaw(const Route& route) {
  const Descriptor* const type = TypeOf(route);
  return Is<HttpBody>(type) || Is<mesh::v1::HttpResponse>(type);
}

absl::StatusOr<http::Response> AnswerOf(const Route& route, const Message& response,
                                        const JsonStyle& style) {
  const Descriptor* const type = TypeOf(route);
  if (IsRaw(route)) {
    const Message& raw = route.answer == nullptr
                             ? response
                             : response.GetReflection()->GetMessage(response, route.answer);
    if (Is<HttpBody>(type)) {
      ASSIGN_OR_RETURN(const HttpBody body, As<HttpBody>(raw));
      return Raw(body);
    }
    ASSIGN_OR_RETURN(mesh::v1::HttpResponse said, As<mesh::v1::HttpResponse>(raw));
    return Raw(std::move(said));
  }
  std::string body;
  if (route.answer == nullptr) {
    RETURN_IF_ERROR(AppendJson(response, style, body));
  } else {
    RETURN_IF_ERROR(AppendFieldJson(response, *route.answer, style, body));
  }
  return http::Response::Json(std::move(body));
}

}  // namespace selfology::transcode
