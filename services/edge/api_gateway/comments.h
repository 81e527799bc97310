// What the contracts' comments say: descriptors that are linked in have none, so they come from a
// FileDescriptorSet with source info that is embedded beside them.
//
//   const Comments comments(contracts::kContractsBinpb);
//   comments.Of(*method)     // "Reads a profile. Errors: PROFILE_NOT_FOUND."
//
// Threads: immutable once made.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "google/protobuf/descriptor.h"

namespace selfology::api_gateway {

class Comments {
 public:
  // Without comments if the text is no FileDescriptorSet.
  explicit Comments(std::string_view descriptor_set);
  ~Comments();

  // The comment before it, in one paragraph; empty: none.
  std::string Of(const google::protobuf::MethodDescriptor& method) const;
  std::string Of(const google::protobuf::ServiceDescriptor& service) const;
  std::string Of(const google::protobuf::Descriptor& message) const;
  std::string Of(const google::protobuf::FieldDescriptor& field) const;
  std::string Of(const google::protobuf::EnumDescriptor& type) const;

 private:
  struct Pool;
  const std::unique_ptr<Pool> pool_;
};

// Up to the first full stop that ends a sentence.
std::string FirstSentence(std::string_view text);

}  // namespace selfology::api_gateway
