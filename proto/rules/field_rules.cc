// Fields: people's ids, and what is personal.

#include <set>
#include <string>

#include "absl/strings/str_split.h"
#include "proto/rules/rule_set.h"
#include "selfology/mesh/v1/options.pb.h"

namespace selfology::contracts {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// Last words of the names of fields that usually hold what a person said, is called or is like.
const std::set<std::string>& PersonalWords() {
  static const auto& words = *new std::set<std::string>{
      "address",  "answer",   "answers", "avatar", "bio",     "birthday",    "body",
      "caption",  "comment",  "content", "delta",  "email",   "description", "insight",
      "insights", "ip",       "json",    "label",  "message", "messages",    "name",
      "names",    "nickname", "note",    "notes",  "payload", "phone",       "photo",
      "prompt",   "summary",  "text",    "texts",  "theme",   "themes",      "narrative",
      "title",    "trigger",  "username"};
  return words;
}

bool IsWords(const FieldDescriptor& field) {
  return field.type() == FieldDescriptor::TYPE_STRING ||
         field.type() == FieldDescriptor::TYPE_BYTES;
}

bool LooksPersonal(const FieldDescriptor& field) {
  const std::vector<std::string> words = absl::StrSplit(field.name(), '_');
  return IsWords(field) && PersonalWords().contains(words.back());
}

}  // namespace

void CheckFields(const Files& files, const Exceptions& exceptions, FaultList& faults) {
  Waivers waivers(exceptions.not_personal);
  for (const Descriptor* message : Messages(files)) {
    for (int i = 0; i < message->field_count(); ++i) {
      const FieldDescriptor& field = *message->field(i);
      const bool is_personal = field.options().GetExtension(mesh::v1::personal);
      if (field.name() == "user_id") {
        if (field.type() != FieldDescriptor::TYPE_INT64) {
          faults.Add(field.full_name(), "is no int64");
        }
        if (is_personal) faults.Add(field.full_name(), "is a person's id, and marked as personal");
      }
      if (LooksPersonal(field) && !is_personal && !waivers.Has(field.full_name()) &&
          !waivers.Has(field.name())) {
        faults.Add(field.full_name(), "looks personal and is not marked");
      }
    }
  }
  waivers.AddUnused(faults);
}

}  // namespace selfology::contracts
