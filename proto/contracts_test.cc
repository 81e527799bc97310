// Rules of the contracts that lint cannot check, held against every message and RPC that is linked
// in.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor_database.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/options.pb.h"

namespace selfology {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::DescriptorPool;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::FileDescriptor;
using ::google::protobuf::MethodDescriptor;
using ::google::protobuf::MethodOptions;

std::vector<const FileDescriptor*> Files() {
  std::vector<std::string> names;
  // Descriptors are built when first asked for; only the database knows the names of all files that
  // are linked in.
  DescriptorPool::internal_generated_database()->FindAllFileNames(&names);
  std::vector<const FileDescriptor*> files;
  for (const std::string& name : names) {
    if (absl::StartsWith(name, "selfology/")) {
      files.push_back(DescriptorPool::generated_pool()->FindFileByName(name));
    }
  }
  return files;
}

std::vector<const Descriptor*> Messages() {
  std::vector<const Descriptor*> messages;
  for (const FileDescriptor* file : Files()) {
    for (int i = 0; i < file->message_type_count(); ++i) messages.push_back(file->message_type(i));
  }
  return messages;
}

std::vector<const Descriptor*> Events() {
  std::vector<const Descriptor*> events;
  for (const Descriptor* message : Messages()) {
    if (message->options().HasExtension(events::v1::event)) events.push_back(message);
  }
  return events;
}

std::string EventType(const Descriptor* message) {
  return message->options().GetExtension(events::v1::event).type();
}

std::vector<const MethodDescriptor*> Methods() {
  std::vector<const MethodDescriptor*> methods;
  for (const FileDescriptor* file : Files()) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        methods.push_back(file->service(i)->method(j));
      }
    }
  }
  return methods;
}

TEST(Events, AreThoseOfTheCatalogue) {
  std::vector<std::string> types;
  for (const Descriptor* event : Events()) types.push_back(EventType(event));
  EXPECT_THAT(types, ::testing::UnorderedElementsAre(
                         "user.onboarding.initiated", "session.created", "session.completed",
                         "session.timeout", "question.selected", "user.answer.submitted",
                         "answer.analyzed.instant", "answer.analyzed.deep", "trait.extracted",
                         "profile.created", "profile.updated", "trait.evolution.detected",
                         "trait.pattern.identified", "user.message.received", "coach.message.ready",
                         "conversation.started", "conversation.ended", "message.send.requested",
                         "state.change.requested", "insight.generated", "insight.ready_for_user"));
}

TEST(Events, HaveTheUserAsPartitionKey) {
  for (const Descriptor* event : Events()) {
    SCOPED_TRACE(event->full_name());
    const FieldDescriptor* key = event->FindFieldByNumber(1);
    ASSERT_NE(key, nullptr);
    EXPECT_EQ(key->name(), "user_id");
    EXPECT_EQ(key->type(), FieldDescriptor::TYPE_INT64);
    EXPECT_FALSE(key->is_repeated());
  }
}

TEST(Events, LeaveTheirTimeToTheEnvelope) {
  for (const Descriptor* event : Events()) {
    EXPECT_EQ(event->FindFieldByName("timestamp"), nullptr) << event->full_name();
  }
}

// SessionCreated carries "session.created", so one is found by the other. "_" and "." both end a
// word.
TEST(Events, AreNamedAfterTheirType) {
  for (const Descriptor* event : Events()) {
    std::string camel;
    bool word_begins = true;
    for (const char letter : EventType(event)) {
      const bool separator = letter == '.' || letter == '_';
      if (!separator) {
        camel += static_cast<char>(word_begins ? letter - 'a' + 'A' : letter);
      }
      word_begins = separator;
    }
    EXPECT_EQ(event->name(), camel);
  }
}

TEST(Events, AreWhatTheEventsPackageHolds) {
  for (const Descriptor* message : Messages()) {
    const bool is_event = message->options().HasExtension(events::v1::event);
    const bool in_package = message->file()->package() == "selfology.events.v1";
    EXPECT_EQ(is_event, in_package && message->name() != "EventOptions") << message->full_name();
  }
}

// Clients decide from this whether they may repeat a call.
TEST(Methods, SayWhetherTheyMayBeRepeated) {
  for (const MethodDescriptor* method : Methods()) {
    EXPECT_NE(method->options().idempotency_level(), MethodOptions::IDEMPOTENCY_UNKNOWN)
        << method->full_name();
  }
}

TEST(Methods, PageWhereverTheyList) {
  // Short by nature: the domains of life, the models of the chain.
  const std::set<std::string> short_lists = {"ListDomains", "ListModels"};
  for (const MethodDescriptor* method : Methods()) {
    if (!absl::StartsWith(method->name(), "List") || short_lists.contains(method->name())) continue;
    SCOPED_TRACE(method->full_name());
    EXPECT_NE(method->input_type()->FindFieldByName("page_size"), nullptr);
    EXPECT_NE(method->input_type()->FindFieldByName("page_token"), nullptr);
    EXPECT_NE(method->output_type()->FindFieldByName("next_page_token"), nullptr);
  }
}

// Whoever keeps something about a person can erase it.
TEST(Services, OfTheDomainEraseAPersonsData) {
  // These hold nothing that is about a person beyond the events' retention.
  const std::set<std::string> keep_nothing = {"AiService", "OutboxRelayService",
                                              "DeadLetterService"};
  std::map<std::string, bool> erases;
  for (const MethodDescriptor* method : Methods()) {
    erases[method->service()->name()] |= method->name() == "DeleteUserData";
  }
  EXPECT_EQ(erases.size(), 10u);
  for (const auto& [service, can_erase] : erases) {
    EXPECT_NE(can_erase, keep_nothing.contains(service)) << service;
  }
}

TEST(Fields, NumberUsersAlike) {
  for (const Descriptor* message : Messages()) {
    for (int i = 0; i < message->field_count(); ++i) {
      const FieldDescriptor* field = message->field(i);
      if (field->name() == "user_id") {
        EXPECT_EQ(field->type(), FieldDescriptor::TYPE_INT64) << field->full_name();
      }
    }
  }
}

}  // namespace
}  // namespace selfology
