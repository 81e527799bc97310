#pragma once

namespace selfology::rpc {

// What libprotobuf has to say, such as that a text it parses is not UTF-8, becomes lines of our log
// (common/observe/log.h) instead of bare ones on standard error. For the whole process; calling it
// again changes nothing.
void LogWhatProtobufSays();

}  // namespace selfology::rpc
