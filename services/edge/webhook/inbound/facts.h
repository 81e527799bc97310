// What rules look into: one request as JSON.
//
//   const Json body = ReadBody(incoming);
//   const Json facts = Facts(source_id, provider, said, incoming, body);
//   rule.Matches(facts);
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "services/edge/webhook/inbound/incoming.h"
#include "services/edge/webhook/inbound/kinds.h"
#include "services/edge/webhook/inbound/rule.h"

namespace selfology::webhook {

// JSON as it is; a form as an object of texts, of which a member `payload` that holds JSON stands for
// all, as Slack and GitHub send it; other UTF-8 as a text. Discarded (is_discarded()): none of these.
Json ReadBody(const Incoming& incoming);

Json Facts(std::string_view endpoint_id, std::string_view provider, const Said& said,
           const Incoming& incoming, const Json& body);

// Whether a header proves who sends, so that it is not kept.
bool IsSecretHeader(std::string_view lower_case_name);

}  // namespace selfology::webhook
