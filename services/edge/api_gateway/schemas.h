// JSON Schemas of messages, as OpenAPI 3.1 has them, for what transcode/ reads and writes.
//
//   Schemas schemas(comments);
//   schemas.Of(*Session::descriptor(), style)   // {"$ref": "#/components/schemas/selfology.session.v1.Session"}
//   schemas.components()                        // all that was asked for, and what that contains
//
// A message has one schema for each style that a service writes it in.
#pragma once

#include <string>

#include "common/transcode/json_writer.h"
#include "google/protobuf/descriptor.h"
#include "nlohmann/json.hpp"
#include "services/edge/api_gateway/comments.h"

namespace selfology::api_gateway {

class Schemas {
 public:
  using Value = nlohmann::ordered_json;

  explicit Schemas(const Comments& comments) : comments_(comments) {}

  Value Of(const google::protobuf::Descriptor& message, const transcode::JsonStyle& style);
  // With its description.
  Value OfField(const google::protobuf::FieldDescriptor& field, const transcode::JsonStyle& style);
  // Of one value in a path or a query.
  Value OfText(const google::protobuf::FieldDescriptor& field) const;

  const Value& components() const { return components_; }

 private:
  Value OfValue(const google::protobuf::FieldDescriptor& field, const transcode::JsonStyle& style);
  static Value OfEnum(const google::protobuf::EnumDescriptor& type,
                      const transcode::JsonStyle& style);

  const Comments& comments_;
  Value components_ = Value::object();
};

}  // namespace selfology::api_gateway
