// The HTTP answer that a response message means.
//
//   ASSIGN_OR_RETURN(http::Response answer, AnswerOf(route, response, style));
//
// JSON of the message or of the route's response_body, but a google.api.HttpBody and a
// selfology.mesh.v1.HttpResponse are sent as they say. Headers that belong to the connection
// (Content-Length and its kin) are the server's.
// Errors: INTERNAL for what cannot be JSON (json_writer.h), for a status outside 200 to 599.
// Threads: pure functions.
#pragma once

#include "absl/status/statusor.h"
#include "common/http/server.h"
#include "common/transcode/json_writer.h"
#include "common/transcode/route_table.h"
#include "google/protobuf/message.h"

namespace selfology::transcode {

absl::StatusOr<http::Response> AnswerOf(const Route& route,
                                        const google::protobuf::Message& response,
                                        const JsonStyle& style);

// Whether a method answers with something of its own in place of JSON.
bool IsRaw(const Route& route);

}  // namespace selfology::transcode
