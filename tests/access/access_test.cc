// Every method of every service of the whole mesh, with access enforced: called without a token, with
// a wrong grant, with a sufficient one, and as another person than the one whose data it is. Which
// methods there are, and what each needs, is read from the contracts.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/identity/caller.h"
#include "common/identity/jws.h"
#include "common/identity/roles.h"
#include "common/identity/token_verifier.h"
#include "common/rpc/authorize.h"
#include "common/rpc/contract.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor_database.h"
#include "google/protobuf/message.h"
#include "services/modules.h"
#include "testing/tokens.h"
#include "tests/errors/whole_mesh_test.h"

namespace selfology {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::ServiceDescriptor;
using testing::TokenSigner;

constexpr int64_t kPerson = 123'456;
constexpr int64_t kAnother = 123'457;

// Of all contracts that are linked in.
std::vector<const ServiceDescriptor*> Services() {
  std::vector<std::string> names;
  DescriptorPool::internal_generated_database()->FindAllFileNames(&names);
  std::vector<const ServiceDescriptor*> services;
  for (const std::string& name : names) {
    if (!absl::StartsWith(name, "selfology/")) continue;
    const auto* file = DescriptorPool::generated_pool()->FindFileByName(name);
    for (int i = 0; i < file->service_count(); ++i) services.push_back(file->service(i));
  }
  return services;
}

std::unique_ptr<Message> New(const google::protobuf::Descriptor& type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

void SetAt(Message& request, std::string_view path, int64_t value) {
  Message* message = &request;
  const std::vector<std::string> names = absl::StrSplit(path, '.');
  for (size_t i = 0; i < names.size(); ++i) {
    const FieldDescriptor* const field = message->GetDescriptor()->FindFieldByName(names[i]);
    ASSERT_NE(field, nullptr) << path;
    if (i + 1 == names.size()) {
      message->GetReflection()->SetInt64(message, field, value);
    } else {
      message = message->GetReflection()->MutableMessage(message, field);
    }
  }
}

class AccessTest : public WholeMeshTest {
 protected:
  struct Method {
    explicit Method(const google::protobuf::MethodDescriptor& descriptor)
        : contract(descriptor), access(descriptor) {}
    rpc::MethodContract contract;
    rpc::AccessRule access;
  };

  void Adjust(service::Settings& settings) override {
    settings.enforce_access = true;
    settings.authenticate = [this](const Call&, std::string_view authorization)
        -> absl::StatusOr<std::shared_ptr<const identity::Caller>> {
      auto caller = identity::VerifyToken(authorization.substr(std::string_view("Bearer ").size()),
                                          keys_, {}, absl::Now());
      if (!caller.ok()) return caller.status();
      return std::make_shared<const identity::Caller>(*std::move(caller));
    };
  }

  void SetUp() override {
    WholeMeshTest::SetUp();
    for (const ServiceDescriptor* service : Services()) {
      // A contract whose service is not of this mesh.
      if (!IsServed(*service)) {
        unserved_.insert(service->full_name());
        continue;
      }
      for (int i = 0; i < service->method_count(); ++i) methods_.emplace_back(*service->method(i));
    }
  }

  bool IsServed(const ServiceDescriptor& service) {
    return Outcome(Method(*service.method(0)), Call(Deadline()), 0) != "UNIMPLEMENTED";
  }

  // What the method says to `call` about that person.
  std::string Outcome(const Method& method, const Call& call, int64_t subject) {
    const auto request = New(*method.contract.descriptor->input_type());
    const auto reply = New(*method.contract.descriptor->output_type());
    if (!method.access.subject().empty()) SetAt(*request, method.access.subject(), subject);
    if (!method.contract.descriptor->server_streaming()) {
      return status::Reason(Peer()->Unary(method.contract, call, *request, *reply));
    }
    return status::Reason(
        Peer()->Stream(method.contract, call, *request, *reply, [] { return false; }));
  }
  std::string As(const std::string& token, const Method& method, int64_t subject) {
    // Some streams have nothing to say for a long time, to those who may hear it.
    return Outcome(method, Call::Background(absl::Seconds(5)).WithToken(token), subject);
  }

  std::string Service(const std::string& scope) {
    return signer_.Sign(TokenSigner::ServiceClaims("access_test", scope));
  }

  static bool IsRefusal(const std::string& reason) {
    return reason == "UNAUTHENTICATED" || reason == "PERMISSION_DENIED";
  }

  const TokenSigner signer_{"key-1"};
  const identity::KeySet keys_{{signer_.key()}};
  std::vector<Method> methods_;
  std::set<std::string> unserved_;
};

TEST_F(AccessTest, EveryMethodAsksForWhatItsContractSays) {
  std::set<std::string> names;
  for (const service::LinkedModule& linked : LinkedModules()) names.emplace(linked.name);
  for (const std::string& service : unserved_) {
    const std::vector<std::string> parts = absl::StrSplit(service, '.');
    EXPECT_FALSE(names.contains(parts[1])) << service << " is not served";
  }
  ASSERT_FALSE(methods_.empty());

  int with_subject = 0;
  for (const Method& method : methods_) {
    const std::string& name = method.contract.name;
    if (method.access.is_public()) {
      EXPECT_FALSE(IsRefusal(Outcome(method, Deadline(), kPerson))) << name;
      continue;
    }
    const std::string& permission = method.access.permission();
    EXPECT_FALSE(permission.empty()) << name;
    EXPECT_EQ(Outcome(method, Deadline(), kPerson), "UNAUTHENTICATED") << name;
    EXPECT_EQ(As("nonsense", method, kPerson), "UNAUTHENTICATED") << name;

    EXPECT_EQ(As(Service("nothing.of.this"), method, kPerson), "PERMISSION_DENIED") << name;
    EXPECT_EQ(As(Service(""), method, kPerson), "PERMISSION_DENIED") << name;
    EXPECT_FALSE(IsRefusal(As(Service(permission), method, kPerson))) << name;

    const std::string own = As(signer_.Person(kPerson), method, kPerson);
    if (!identity::UserAllows(permission)) {
      EXPECT_EQ(own, "PERMISSION_DENIED") << name;
      continue;
    }
    EXPECT_FALSE(IsRefusal(own)) << name;
    if (method.access.subject().empty()) continue;
    ++with_subject;
    EXPECT_EQ(As(signer_.Person(kAnother), method, kPerson), "PERMISSION_DENIED") << name;
    // Operators' roles open nobody's data. Viewers and editors of the studio see its posts.
    EXPECT_EQ(As(signer_.Person(kAnother, {"developer"}), method, kPerson), "PERMISSION_DENIED")
        << name;
    EXPECT_FALSE(IsRefusal(As(signer_.Person(kPerson), method, 0))) << name;
  }
  EXPECT_GT(with_subject, 0);
}

// A permission that is spelt wrong in the table of roles would give nobody anything. What is about
// things that no service here has is for services that run elsewhere.
TEST_F(AccessTest, WhatAUserMayDoExists) {
  const auto thing = [](std::string_view permission) {
    return permission.substr(0, permission.rfind('.'));
  };
  std::set<std::string_view> permissions, things;
  for (const Method& method : methods_) {
    permissions.insert(method.access.permission());
    things.insert(thing(method.access.permission()));
  }
  int found = 0;
  for (const identity::RoleGrant& row : identity::RoleGrants()) {
    if (row.role != identity::kUserRole || !things.contains(thing(row.pattern))) continue;
    EXPECT_TRUE(permissions.contains(row.pattern)) << row.pattern;
    ++found;
  }
  EXPECT_GT(found, 0);
}

// What names nobody is the same for all, so everybody may be shown it. Whoever adds a line says why.
TEST_F(AccessTest, WhatAUserMayDoIsAboutThemselvesOrAboutNobody) {
  const std::map<std::string, std::string> about_nobody = {
      {"coaching.questions.read", "the bank of questions"},
      {"growth.leaderboards.read", "who wants to be on a board is there by a number"},
      {"platform.models.read", "which models there are"},
  };
  for (const Method& method : methods_) {
    const std::string& permission = method.access.permission();
    if (permission.empty() || !method.access.subject().empty()) continue;
    EXPECT_EQ(identity::UserAllows(permission), about_nobody.contains(permission))
        << method.contract.name;
  }
}

}  // namespace
}  // namespace selfology
