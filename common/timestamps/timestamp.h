// absl::Time to google.protobuf.Timestamp and back.
//
//   *session.mutable_started_at() = timestamps::ToProto(started_at);
//
// Times outside of the years 1 to 9999, which a Timestamp cannot say, become the nearest it can.
// Threads: pure functions. Source: google/protobuf/timestamp.proto.
#pragma once

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace selfology::timestamps {

google::protobuf::Timestamp ToProto(absl::Time time);
absl::Time FromProto(const google::protobuf::Timestamp& timestamp);

// The time as PostgreSQL keeps it. For what is both stored and answered at once, so that the answer
// is what will be read later.
absl::Time WholeMicroseconds(absl::Time time);

}  // namespace selfology::timestamps
