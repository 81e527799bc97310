// Which errors a method answers over REST, as its contract says them: the codes that its comment and its
// service's name ("Errors: EMAIL_TAKEN.", "Errors as UpdateUser."), and those that every call may have.
//
//   for (const auto& [http_status, codes] : ErrorsOf(route, comments)) ...   // 409: {"EMAIL_TAKEN"}
//
// Threads: pure functions.
#pragma once

#include <map>
#include <set>
#include <string>

#include "common/transcode/route_table.h"
#include "services/edge/api_gateway/comments.h"

namespace selfology::api_gateway {

using CodesByStatus = std::map<int, std::set<std::string>>;

CodesByStatus ErrorsOf(const transcode::Route& route, const Comments& comments);

}  // namespace selfology::api_gateway
