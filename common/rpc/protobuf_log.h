#pragma once

namespace selfology::rpc {

// Routes libprotobuf's messages, such as that a text it parses is not UTF-8, to our log
// (common/observe/log.h) instead of standard error. For the whole process; calling it again changes
// nothing.
void RouteProtobufLog();

}  // namespace selfology::rpc
