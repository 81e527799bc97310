#include "common/events/event_type.h"

#include "google/protobuf/descriptor.pb.h"
#include "selfology/events/v1/options.pb.h"

namespace selfology::events {

const std::string& TypeOf(const google::protobuf::Descriptor& descriptor) {
  return descriptor.options().GetExtension(v1::event).type();
}

}  // namespace selfology::events
