// What a message of selfology.events.v1 says of itself: its type, by the message option
// (selfology.events.v1.event), and the user it concerns, by its field user_id.
//
//   events::TypeOf<SessionCreated>()     -> "session.created"
//   events::PartitionKeyOf(event)        -> event.user_id()
//
// Both are read from descriptors, so a type's name is written once, in the proto.
#pragma once

#include <cstdint>
#include <string>

#include "google/protobuf/descriptor.h"

namespace selfology::events {

// Empty for a message that is no event.
const std::string& TypeOf(const google::protobuf::Descriptor& descriptor);

template <typename Event>
const std::string& TypeOf() {
  return TypeOf(*Event::descriptor());
}

template <typename Event>
int64_t PartitionKeyOf(const Event& event) {
  return event.user_id();
}

}  // namespace selfology::events
