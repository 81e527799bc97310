// Events: their types, keys and audiences, and that the catalogue has them all.

#include <map>
#include <regex>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "proto/rules/rule_set.h"
#include "selfology/events/v1/options.pb.h"
#include "selfology/events/v1/webhook_names.pb.h"

namespace selfology::contracts {
namespace {

using events::v1::EventOptions;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

// The files that define options, and the one that imports all others.
constexpr char kOptions[] = "selfology/events/v1/options.proto";
constexpr char kWebhookNames[] = "selfology/events/v1/webhook_names.proto";
constexpr char kCatalogue[] = "selfology/events/v1/catalogue.proto";

// "session.created" is carried by SessionCreated, so that one is found by the other. "_" and "."
// both end a word.
std::string NameOf(const std::string& type) {
  std::string name;
  bool word_begins = true;
  for (const char letter : type) {
    const bool separator = letter == '.' || letter == '_';
    if (!separator) name += word_begins ? absl::ascii_toupper(letter) : letter;
    word_begins = separator;
  }
  return name;
}

void CheckType(const Descriptor& event, const std::string& type, FaultList& faults) {
  static const std::regex& shape = *new std::regex("[a-z]+(_[a-z]+)*(\\.[a-z]+(_[a-z]+)*)+");
  if (!std::regex_match(type, shape)) {
    faults.Add(event.full_name(), absl::StrCat("the type \"", type, "\" is no words with dots"));
  } else if (event.name() != NameOf(type)) {
    faults.Add(event.full_name(), absl::StrCat("is not named after its type ", type));
  }
}

void CheckKey(const Descriptor& event, const std::string& key, FaultList& faults) {
  if (key.empty()) {
    const FieldDescriptor* const user = event.FindFieldByName("user_id");
    if (user == nullptr || user->number() != 1 || user->is_repeated()) {
      faults.Add(event.full_name(), "has neither an ordering_key nor one user_id = 1");
    }
    return;
  }
  const FieldDescriptor* const field = event.FindFieldByName(key);
  if (field == nullptr) {
    faults.Add(event.full_name(), absl::StrCat("has no field ", key, " to order by"));
  } else if (field->is_repeated() || (field->type() != FieldDescriptor::TYPE_INT64 &&
                                      field->type() != FieldDescriptor::TYPE_STRING)) {
    faults.Add(event.full_name(), absl::StrCat("is ordered by ", key, ", no int64 or string"));
  }
}

void CheckAudience(const Descriptor& event, const EventOptions& options, FaultList& faults) {
  // What asks a service for something is nobody else's business; what happened is.
  if (options.audience().empty() && !absl::EndsWith(options.type(), ".requested")) {
    faults.Add(event.full_name(), "has no audience");
  }
  std::set<int> seen;
  for (const int audience : options.audience()) {
    if (!seen.insert(audience).second) faults.Add(event.full_name(), "has an audience twice");
    if (audience == events::v1::AUDIENCE_UNSPECIFIED) {
      faults.Add(event.full_name(), "has an unspecified audience");
    }
    if (audience == events::v1::AUDIENCE_SUBJECT && event.FindFieldByName("user_id") == nullptr) {
      faults.Add(event.full_name(), "is for its subject and has no user_id");
    }
    if (audience == events::v1::AUDIENCE_WEBHOOKS && HoldsPersonal(event)) {
      faults.Add(event.full_name(), "is for webhooks and holds personal fields");
    }
  }
}

// owners: the events by the names seen so far.
void CheckWebhookNames(const Descriptor& event, std::map<std::string, std::string>& owners,
                       FaultList& faults) {
  static const std::regex& shape = *new std::regex("[a-z]+(_[a-z]+)*");
  const int count = event.options().ExtensionSize(events::v1::webhook_name);
  for (int i = 0; i < count; ++i) {
    const std::string& name = event.options().GetExtension(events::v1::webhook_name, i);
    if (!std::regex_match(name, shape)) {
      faults.Add(event.full_name(), absl::StrCat("the webhook name \"", name, "\" is no words"));
    }
    const auto [first, is_new] = owners.emplace(name, event.full_name());
    if (!is_new) {
      faults.Add(event.full_name(), absl::StrCat("has the webhook name of ", first->second));
    }
  }
  const FieldDescriptor* const kind = event.FindFieldByName("kind");
  if (count > 1 && (kind == nullptr || kind->type() != FieldDescriptor::TYPE_STRING)) {
    faults.Add(event.full_name(), "has several webhook names and no field kind that says which");
  }
}

void CheckCatalogue(const Files& files, FaultList& faults) {
  std::set<const FileDescriptor*> imported;
  const FileDescriptor* catalogue = nullptr;
  for (const FileDescriptor* file : files) {
    if (file->name() == kCatalogue) catalogue = file;
  }
  if (catalogue == nullptr) return;
  for (int i = 0; i < catalogue->public_dependency_count(); ++i) {
    imported.insert(catalogue->public_dependency(i));
  }
  for (const FileDescriptor* file : files) {
    if (file->package() != kEventPackage || file == catalogue || file->name() == kOptions ||
        file->name() == kWebhookNames) {
      continue;
    }
    if (!imported.contains(file)) faults.Add(file->name(), "is not imported by the catalogue");
  }
}

}  // namespace

void CheckEvents(const Files& files, FaultList& faults) {
  std::map<std::string, std::string> types;
  std::map<std::string, std::string> webhook_names;
  for (const Descriptor* message : Messages(files)) {
    const bool is_event = message->options().HasExtension(events::v1::event);
    const bool belongs = message->file()->package() == kEventPackage &&
                         message->file()->name() != kOptions &&
                         message->containing_type() == nullptr;
    if (is_event && !belongs) faults.Add(message->full_name(), "is an event outside their package");
    if (!is_event && belongs) faults.Add(message->full_name(), "is no event, in their package");
    if (!is_event) continue;
    const EventOptions& options = message->options().GetExtension(events::v1::event);
    const auto [first, is_new] = types.emplace(options.type(), message->full_name());
    if (!is_new) {
      faults.Add(message->full_name(), absl::StrCat("has the type of ", first->second));
    }
    CheckType(*message, options.type(), faults);
    CheckKey(*message, options.ordering_key(), faults);
    CheckAudience(*message, options, faults);
    CheckWebhookNames(*message, webhook_names, faults);
    if (message->FindFieldByName("timestamp") != nullptr) {
      faults.Add(message->full_name(), "has a timestamp, which the envelope has already");
    }
  }
  CheckCatalogue(files, faults);
}

}  // namespace selfology::contracts
