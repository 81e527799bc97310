// What a message of selfology.events.v1 says of itself: its type and its ordering key, by the
// message option (selfology.events.v1.event), and the person it is about, by its field user_id.
//
//   events::TypeOf<SessionCreated>()             -> "session.created"
//   events::KeyOf(session_created).partition_key -> session_created.user_id()
//
// All are read from descriptors, so each is written once, in the proto. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace selfology::events {

// Empty for a message that is no event.
const std::string& TypeOf(const google::protobuf::Descriptor& descriptor);

template <typename Event>
const std::string& TypeOf() {
  return TypeOf(*Event::descriptor());
}

struct EventKey {
  // Events of one key are handled in order. The person, or where the event names another ordering
  // key a negative number, which is no person's: a hash of that field's name and value. 0: the
  // field is empty.
  int64_t partition_key = 0;
  // The person the event is about, if the key is another; else 0.
  int64_t subject = 0;

  friend bool operator==(const EventKey&, const EventKey&) = default;
};

// Reads the keys of one type's events.
class KeyReader {
 public:
  explicit KeyReader(const google::protobuf::Descriptor& descriptor);

  EventKey Read(const google::protobuf::Message& event) const;
  // The field that is the ordering key.
  const std::string& field() const { return field_; }
  // Whether there is such a field, of a type that a key may have (int64 or string).
  bool valid() const { return key_ != nullptr; }

 private:
  std::string field_;
  const google::protobuf::FieldDescriptor* user_ = nullptr;  // Absent: null.
  const google::protobuf::FieldDescriptor* key_ = nullptr;
};

EventKey KeyOf(const google::protobuf::Message& event);

template <typename Event>
EventKey KeyOf(const Event& event) {
  static const KeyReader& reader = *new KeyReader(*Event::descriptor());
  return reader.Read(event);
}

// The partition key of a value that is no person's. The hash is part of the wire contract (FNV-1a
// of "field:value", 64 bits, made negative): changing it would break the order of events under way.
int64_t HashedKey(std::string_view field, std::string_view value);

}  // namespace selfology::events
