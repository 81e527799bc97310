#include "services/edge/api_gateway/comments.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/descriptor_database.h"

namespace selfology::api_gateway {

using google::protobuf::DescriptorPool;
using google::protobuf::SourceLocation;

struct Comments::Pool {
  google::protobuf::SimpleDescriptorDatabase database;
  DescriptorPool pool{&database};
};

namespace {

std::string Paragraph(std::string_view comment) {
  std::string text;
  for (const absl::string_view line :
       absl::StrSplit(absl::string_view(comment.data(), comment.size()), '\n')) {
    const absl::string_view words = absl::StripAsciiWhitespace(line);
    if (!words.empty()) absl::StrAppend(&text, text.empty() ? "" : " ", words);
  }
  return text;
}

template <typename Descriptor>
std::string CommentOf(const Descriptor* described) {
  SourceLocation location;
  if (described == nullptr || !described->GetSourceLocation(&location)) return "";
  return Paragraph(location.leading_comments);
}

}  // namespace

Comments::Comments(std::string_view descriptor_set) : pool_(std::make_unique<Pool>()) {
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromArray(descriptor_set.data(), static_cast<int>(descriptor_set.size()))) return;
  for (const google::protobuf::FileDescriptorProto& file : set.file()) pool_->database.Add(file);
}

Comments::~Comments() = default;

std::string Comments::Of(const google::protobuf::MethodDescriptor& method) const {
  return CommentOf(pool_->pool.FindMethodByName(method.full_name()));
}

std::string Comments::Of(const google::protobuf::ServiceDescriptor& service) const {
  return CommentOf(pool_->pool.FindServiceByName(service.full_name()));
}

std::string Comments::Of(const google::protobuf::Descriptor& message) const {
  return CommentOf(pool_->pool.FindMessageTypeByName(message.full_name()));
}

std::string Comments::Of(const google::protobuf::FieldDescriptor& field) const {
  return CommentOf(pool_->pool.FindFieldByName(field.full_name()));
}

std::string Comments::Of(const google::protobuf::EnumDescriptor& type) const {
  return CommentOf(pool_->pool.FindEnumTypeByName(type.full_name()));
}

std::string FirstSentence(std::string_view text) {
  const size_t stop = text.find(". ");
  std::string sentence(text.substr(0, stop));
  if (sentence.ends_with(".")) sentence.pop_back();
  return sentence;
}

}  // namespace selfology::api_gateway
