#include "common/rpc/protobuf_log.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/observe/log.h"
#include "google/protobuf/stubs/logging.h"

namespace selfology::rpc {
namespace {

void Log(google::protobuf::LogLevel level, const char* file, int line, const std::string& message) {
  const std::string source = absl::StrCat(file, ":", line);
  const observe::Fields fields = {{"source", source}, {"detail", message}};
  switch (level) {
    case google::protobuf::LOGLEVEL_INFO:
      return observe::Info("message from the protobuf library", fields);
    case google::protobuf::LOGLEVEL_WARNING:
    case google::protobuf::LOGLEVEL_ERROR:  // Of somebody's bytes, mostly a caller's.
      return observe::Warning("message from the protobuf library", fields);
    case google::protobuf::LOGLEVEL_FATAL:
      return observe::Error("message from the protobuf library", fields);
  }
}

}  // namespace

void RouteProtobufLog() { google::protobuf::SetLogHandler(&Log); }

}  // namespace selfology::rpc
