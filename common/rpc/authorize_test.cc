#include "common/rpc/authorize.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "common/identity/roles.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "gtest/gtest.h"
#include "selfology/mesh/v1/grants.pb.h"
#include "selfology/mesh/v1/options.pb.h"

namespace selfology::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::DynamicMessageFactory;
using google::protobuf::FieldDescriptorProto;
using google::protobuf::FileDescriptorProto;
using google::protobuf::Message;
using identity::Caller;
using Kind = Caller::Kind;

// A permission that the role "user" has, and one that only some staff has.
constexpr char kOwn[] = "coaching.answers.read";
constexpr char kStaffs[] = "mesh.events.replay";

// Contracts made for the test: a request with `user_id`, a text `name`, a list `ids`, `filter`, a request
// in it, and `team_id` and `post_id`.
class Contracts {
 public:
  Contracts() {
    file_.set_name("contracts.proto");
    file_.set_syntax("proto3");
    auto& request = *file_.add_message_type();
    request.set_name("Request");
    AddField(request, "user_id", 1, FieldDescriptorProto::TYPE_INT64);
    AddField(request, "name", 2, FieldDescriptorProto::TYPE_STRING);
    AddField(request, "ids", 3, FieldDescriptorProto::TYPE_INT64)
        .set_label(FieldDescriptorProto::LABEL_REPEATED);
    AddField(request, "filter", 4, FieldDescriptorProto::TYPE_MESSAGE).set_type_name(".Request");
    AddField(request, "team_id", 5, FieldDescriptorProto::TYPE_INT64);
    AddField(request, "post_id", 6, FieldDescriptorProto::TYPE_INT64);
    file_.add_service()->set_name("Service");
  }

  void AddMethod(const std::string& name, const mesh::v1::Access* access) {
    auto& method = *file_.mutable_service(0)->add_method();
    method.set_name(name);
    method.set_input_type(".Request");
    method.set_output_type(".Request");
    if (access != nullptr) *method.mutable_options()->MutableExtension(mesh::v1::access) = *access;
  }
  void AddMethod(const std::string& name, const std::string& permission,
                 const std::string& subject = "") {
    mesh::v1::Access access;
    access.set_permission(permission);
    access.set_subject(subject);
    AddMethod(name, &access);
  }
  void AddGranted(const std::string& name, const std::string& permission, const std::string& team,
                  const std::string& resource, const std::string& subject = "user_id") {
    AddMethod(name, permission, subject);
    auto& method = *file_.mutable_service(0)->mutable_method()->rbegin();
    auto& grants = *method.mutable_options()->MutableExtension(mesh::v1::grants);
    grants.set_team(team);
    grants.set_resource(resource);
  }
  void AddPublic(const std::string& name) {
    mesh::v1::Access access;
    access.set_public_(true);
    AddMethod(name, &access);
  }
  void Build() { built_ = pool_.BuildFile(file_); }

  AccessRule Rule(const std::string& method) const {
    return AccessRule(*built_->service(0)->FindMethodByName(method));
  }
  // A request with `user_id` at that path; 0: not set.
  std::unique_ptr<Message> Request(int64_t user_id, bool in_filter = false) {
    const auto* type = built_->message_type(0);
    std::unique_ptr<Message> request(factory_.GetPrototype(type)->New());
    Message* message = request.get();
    if (in_filter) {
      message = message->GetReflection()->MutableMessage(message, type->FindFieldByName("filter"));
    }
    message->GetReflection()->SetInt64(message, type->FindFieldByName("user_id"), user_id);
    return request;
  }
  std::unique_ptr<Message> Request(int64_t user_id, int64_t team_id, int64_t post_id) {
    std::unique_ptr<Message> request = Request(user_id);
    const auto set = [&](const char* name, int64_t value) {
      const auto* field = built_->message_type(0)->FindFieldByName(name);
      request->GetReflection()->SetInt64(request.get(), field, value);
    };
    set("team_id", team_id);
    set("post_id", post_id);
    return request;
  }

 private:
  static FieldDescriptorProto& AddField(google::protobuf::DescriptorProto& message,
                                        const std::string& name, int number,
                                        FieldDescriptorProto::Type type) {
    auto& field = *message.add_field();
    field.set_name(name);
    field.set_number(number);
    field.set_type(type);
    field.set_label(FieldDescriptorProto::LABEL_OPTIONAL);
    return field;
  }

  FileDescriptorProto file_;
  DescriptorPool pool_;
  const google::protobuf::FileDescriptor* built_ = nullptr;
  DynamicMessageFactory factory_{&pool_};
};

Caller Person(int64_t user_id, std::vector<std::string> roles = {}) {
  Caller caller{.kind = Kind::kPerson, .user_id = user_id, .roles = std::move(roles)};
  caller.permissions = identity::PatternsOf(caller.roles);
  return caller;
}

Caller Machine(int64_t owner, std::vector<std::string> scopes) {
  return {.kind = Kind::kMachine, .user_id = owner, .permissions = std::move(scopes)};
}

class AuthorizeTest : public ::testing::Test {
 protected:
  AuthorizeTest() {
    contracts_.AddPublic("Public");
    contracts_.AddMethod("Own", kOwn, "user_id");
    contracts_.AddMethod("OwnInFilter", kOwn, "filter.user_id");
    contracts_.AddMethod("WithoutSubject", kOwn);
    contracts_.AddMethod("Staffs", kStaffs, "user_id");
    contracts_.AddMethod("Silent", static_cast<const mesh::v1::Access*>(nullptr));
    contracts_.AddMethod("NoSuchField", kOwn, "person_id");
    contracts_.AddMethod("TextSubject", kOwn, "name");
    contracts_.AddMethod("ListSubject", kOwn, "ids");
    contracts_.AddMethod("MessageSubject", kOwn, "filter");
    contracts_.AddMethod("PathThroughANumber", kOwn, "user_id.user_id");
    contracts_.AddGranted("Shared", kOwn, "team_id", "content/{post_id}");
    contracts_.AddGranted("Reviewed", kStaffs, "team_id", "");
    contracts_.AddGranted("GrantedWithoutSubject", kStaffs, "team_id", "content/{post_id}", "");
    contracts_.Build();
  }

  std::string Reason(const Caller& caller, const std::string& method, int64_t user_id) {
    const auto request = contracts_.Request(user_id, method == "OwnInFilter");
    return status::Reason(Authorize(caller, contracts_.Rule(method), *request));
  }

  // With what was granted; and what was asked about.
  std::string Granted(const Caller& caller, const std::string& method, const Message& request,
                      const std::vector<std::string>& granted) {
    asked_.clear();
    return status::Reason(Authorize(
        caller, contracts_.Rule(method), request,
        [&](absl::Span<const std::string> resources) -> absl::StatusOr<bool> {
          asked_.assign(resources.begin(), resources.end());
          return std::any_of(resources.begin(), resources.end(), [&](const std::string& one) {
            return std::find(granted.begin(), granted.end(), one) != granted.end();
          });
        }));
  }

  Contracts contracts_;
  std::vector<std::string> asked_;
};

TEST_F(AuthorizeTest, ATeamsThingsAreForWhomThatIsGranted) {
  const auto request = contracts_.Request(7, 9, 0);
  for (const char* method : {"Shared", "Reviewed"}) {
    EXPECT_EQ(Granted(Person(7), method, *request, {"team/9"}), "OK") << method;
    EXPECT_EQ(Granted(Person(7), method, *request, {"team/8"}), "PERMISSION_DENIED") << method;
    EXPECT_EQ(Granted(Person(7), method, *request, {}), "PERMISSION_DENIED") << method;
    EXPECT_EQ(asked_, std::vector<std::string>{"team/9"});
    EXPECT_EQ(Granted(Person(8), method, *request, {"team/9"}), "PERMISSION_DENIED")
        << "who does it is named";
  }
  EXPECT_EQ(Granted(Person(7), "Shared", *contracts_.Request(7, -9, 0), {"team/-9"}),
            "PERMISSION_DENIED");
}

TEST_F(AuthorizeTest, WithoutATeamNothingIsAskedOfTheirOwn) {
  EXPECT_EQ(Granted(Person(7), "Shared", *contracts_.Request(7, 0, 42), {}), "OK");
  EXPECT_EQ(asked_, std::vector<std::string>());
  EXPECT_EQ(Granted(Person(7), "Reviewed", *contracts_.Request(7, 0, 0), {"team/0"}),
            "PERMISSION_DENIED");
  EXPECT_EQ(asked_, std::vector<std::string>());
}

TEST_F(AuthorizeTest, AGrantedThingIsNamedByItsOwner) {
  const auto request = contracts_.Request(8, 0, 42);
  EXPECT_EQ(Granted(Person(7), "Shared", *request, {"content/42"}), "OK");
  EXPECT_EQ(Granted(Person(7), "Shared", *request, {"content/41"}), "PERMISSION_DENIED");
  EXPECT_EQ(Granted(Person(7), "Reviewed", *request, {"content/42"}), "PERMISSION_DENIED");
  EXPECT_EQ(Granted(Person(7), "Shared", *contracts_.Request(7, 9, 42), {"content/42"}), "OK");
  EXPECT_EQ(asked_, (std::vector<std::string>{"team/9", "content/42"}));
  EXPECT_EQ(Granted({}, "Shared", *request, {"content/42"}), "UNAUTHENTICATED");
}

TEST_F(AuthorizeTest, AnAppAndAMachineHaveNoMoreInATeamThanTheirScope) {
  const auto request = contracts_.Request(7, 9, 0);
  Caller app = Person(7);
  app.client_id = "app";
  app.permissions = {"coaching.traits.read"};
  EXPECT_EQ(Granted(app, "Shared", *request, {"team/9"}), "PERMISSION_DENIED");
  EXPECT_EQ(Granted(Machine(7, {"coaching.traits.read"}), "Shared", *request, {"team/9"}),
            "PERMISSION_DENIED");
  EXPECT_EQ(Granted(Machine(7, {kOwn}), "Shared", *request, {"team/9"}), "OK");
  EXPECT_EQ(Granted(Machine(7, {kOwn}), "Shared", *request, {}), "PERMISSION_DENIED");
}

TEST_F(AuthorizeTest, WithoutASubjectNothingIsGranted) {
  const auto request = contracts_.Request(7, 9, 42);
  EXPECT_EQ(Granted(Person(7), "GrantedWithoutSubject", *request, {"team/9", "content/42"}),
            "PERMISSION_DENIED");
}

TEST_F(AuthorizeTest, WhatCannotBeAskedIsNotAllowed) {
  const auto request = contracts_.Request(7, 9, 0);
  const absl::Status status = Authorize(Person(7), contracts_.Rule("Shared"), *request,
                                        [](absl::Span<const std::string>) -> absl::StatusOr<bool> {
                                          return absl::UnavailableError("away");
                                        });
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_EQ(Granted(Person(7, {"admin"}), "Shared", *request, {}), "OK") << "staff need no role";
  EXPECT_EQ(Granted(*identity::Service("content"), "Shared", *request, {}), "OK");
}

TEST_F(AuthorizeTest, WhatIsPublicIsEverybodys) {
  for (const Caller& caller : {Caller{}, Person(7), Machine(7, {}), *identity::Service("coach")}) {
    EXPECT_EQ(Reason(caller, "Public", 8), "OK");
  }
}

TEST_F(AuthorizeTest, NobodyNeedsATokenFirst) {
  for (const char* method : {"Own", "WithoutSubject", "Staffs", "Silent"}) {
    EXPECT_EQ(Reason({}, method, 7), "UNAUTHENTICATED") << method;
  }
}

TEST_F(AuthorizeTest, APersonMayNameThemselves) {
  for (const char* method : {"Own", "OwnInFilter"}) {
    EXPECT_EQ(Reason(Person(7), method, 7), "OK");
    EXPECT_EQ(Reason(Person(7), method, 8), "PERMISSION_DENIED");
    EXPECT_EQ(Reason(Person(7), method, 0), "INVALID_ARGUMENT");
    EXPECT_EQ(Reason(Person(7), method, -7), "INVALID_ARGUMENT");
  }
  EXPECT_EQ(Reason(Person(7), "WithoutSubject", 8), "OK");
  EXPECT_EQ(Reason(Person(7), "Staffs", 7), "PERMISSION_DENIED");
}

TEST_F(AuthorizeTest, WhoMayNameOnlyThemselvesIsNamedWhereTheyNameNobody) {
  const auto named = [&](const Caller& caller, const std::string& method, int64_t user_id) {
    const bool in_filter = method == "OwnInFilter";
    const auto request = contracts_.Request(user_id, in_filter);
    contracts_.Rule(method).NameCaller(caller, *request);
    return request->SerializeAsString() == contracts_.Request(7, in_filter)->SerializeAsString();
  };
  for (const char* method : {"Own", "OwnInFilter"}) {
    EXPECT_TRUE(named(Person(7), method, 0));
    EXPECT_TRUE(named(Machine(7, {"*"}), method, 0));
    EXPECT_FALSE(named(Person(7), method, 8)) << "somebody else is left to be refused";
    EXPECT_FALSE(named(Person(7, {"admin"}), method, 0)) << "may mean everybody";
    EXPECT_FALSE(named(*identity::Service("coach"), method, 0));
    EXPECT_FALSE(named(Caller{}, method, 0));
  }
  EXPECT_FALSE(named(Person(7), "Public", 0));
  EXPECT_FALSE(named(Person(7), "WithoutSubject", 0));
  EXPECT_FALSE(named(Person(7), "TextSubject", 0));
}

TEST_F(AuthorizeTest, TheErrorNamesTheField) {
  const auto request = contracts_.Request(0, /*in_filter=*/true);
  const absl::Status status = Authorize(Person(7), contracts_.Rule("OwnInFilter"), *request);
  ASSERT_THAT(status::Violations(status), ::testing::SizeIs(1));
  EXPECT_EQ(status::Violations(status)[0].field, "filter.user_id");
}

TEST_F(AuthorizeTest, StaffMayNameOthers) {
  EXPECT_EQ(Reason(Person(7, {"developer"}), "Staffs", 8), "OK");
  EXPECT_EQ(Reason(Person(7, {"developer"}), "Own", 8), "PERMISSION_DENIED");
  EXPECT_EQ(Reason(Person(7, {"developer"}), "Own", 7), "OK") << "as everybody may";
  EXPECT_EQ(Reason(Person(7, {"admin"}), "Own", 8), "OK");
  EXPECT_EQ(Reason(Person(7, {"no such role"}), "Own", 8), "PERMISSION_DENIED");
}

TEST_F(AuthorizeTest, AnAppOfStaffActsForItsPersonOnly) {
  Caller app = Person(7, {"admin"});
  app.client_id = "app";
  EXPECT_EQ(Reason(app, "Own", 7), "OK");
  EXPECT_EQ(Reason(app, "Own", 8), "PERMISSION_DENIED");
  app.permissions = {"coaching.traits.read"};
  EXPECT_EQ(Reason(app, "Own", 7), "PERMISSION_DENIED") << "not in its scope";
}

TEST_F(AuthorizeTest, AMachineHasItsScopesAsFarAsItsOwnerMay) {
  EXPECT_EQ(Reason(Machine(7, {"coaching.*"}), "Own", 7), "OK");
  EXPECT_EQ(Reason(Machine(7, {"coaching.*"}), "Own", 8), "PERMISSION_DENIED");
  EXPECT_EQ(Reason(Machine(7, {"coaching.*"}), "Own", 0), "INVALID_ARGUMENT");
  EXPECT_EQ(Reason(Machine(7, {"platform.*"}), "Own", 7), "PERMISSION_DENIED");
  EXPECT_EQ(Reason(Machine(7, {"*"}), "Staffs", 7), "PERMISSION_DENIED");
  EXPECT_EQ(Reason(Machine(0, {"*"}), "WithoutSubject", 0), "OK") << "an app of its own";
  EXPECT_EQ(Reason(Machine(0, {"*"}), "Own", 0), "INVALID_ARGUMENT");
}

TEST_F(AuthorizeTest, AServiceNeedsThePermissionOnly) {
  EXPECT_EQ(Reason(*identity::Service("coach"), "Own", 8), "OK");
  EXPECT_EQ(Reason(*identity::Service("coach"), "Own", 0), "OK") << "the method says what it lacks";
  const Caller narrow{.kind = Kind::kService, .service = "coach", .permissions = {"coaching.*"}};
  EXPECT_EQ(Reason(narrow, "Own", 8), "OK");
  EXPECT_EQ(Reason(narrow, "Staffs", 8), "PERMISSION_DENIED");
  EXPECT_EQ(Reason(narrow, "Silent", 8), "PERMISSION_DENIED");
}

TEST_F(AuthorizeTest, ContractsThatSayTooLittleAreForServicesOnly) {
  for (const char* method : {"Silent", "NoSuchField", "TextSubject", "ListSubject",
                             "MessageSubject", "PathThroughANumber"}) {
    EXPECT_EQ(Reason(Person(7, {"admin"}), method, 7), "PERMISSION_DENIED") << method;
    EXPECT_EQ(Reason(Machine(7, {"*"}), method, 7), "PERMISSION_DENIED") << method;
    EXPECT_EQ(Reason(*identity::Service("coach"), method, 7), "OK") << method;
  }
}

// What is said above, for any caller: nobody gets at another person's data but services and staff.
TEST_F(AuthorizeTest, RandomCallers) {
  absl::BitGen random;
  const std::vector<std::string> methods = {"Own", "WithoutSubject", "Staffs"};
  const std::vector<std::string> roles = {"user",      "viewer", "editor", "manager",
                                          "developer", "admin",  "other"};
  const std::vector<std::string> patterns = {"*",     "coaching.*", "coaching.answers.*", kOwn,
                                             kStaffs, "mesh.*",     "platform.*"};
  const auto some = [&](const std::vector<std::string>& of) {
    std::vector<std::string> chosen;
    for (const std::string& one : of) {
      if (absl::Bernoulli(random, 0.3)) chosen.push_back(one);
    }
    return chosen;
  };
  std::map<std::string, int> outcomes;
  for (int i = 0; i < 20'000; ++i) {
    Caller caller{.kind = static_cast<Kind>(absl::Uniform(random, 0, 4)),
                  .user_id = absl::Uniform<int64_t>(random, 1, 4),
                  .roles = some(roles)};
    if (absl::Bernoulli(random, 0.2)) caller.client_id = "app";
    caller.permissions = some(patterns);
    if (caller.kind == Kind::kPerson) {
      const auto of_roles = identity::PatternsOf(caller.roles);
      caller.permissions = caller.client_id.empty()
                               ? of_roles
                               : identity::Intersection(of_roles, caller.permissions);
    }
    const std::string& method = methods[absl::Uniform<size_t>(random, 0, methods.size())];
    const int64_t subject = absl::Uniform<int64_t>(random, 0, 4);
    const std::string reason = Reason(caller, method, subject);
    ++outcomes[reason];

    const std::string permission = method == "Staffs" ? kStaffs : kOwn;
    const bool has_subject = method != "WithoutSubject";
    const bool is_admin = std::count(caller.roles.begin(), caller.roles.end(), "admin") > 0;
    const bool is_developer = std::count(caller.roles.begin(), caller.roles.end(), "developer") > 0;
    const bool is_staff = is_admin || (is_developer && permission == kStaffs);
    if (caller.kind == Kind::kAnonymous) {
      EXPECT_EQ(reason, "UNAUTHENTICATED");
    } else if (!identity::Allows(caller, permission)) {
      EXPECT_EQ(reason, "PERMISSION_DENIED");
    } else if (caller.kind == Kind::kService ||
               (caller.kind == Kind::kPerson && caller.client_id.empty() && is_staff)) {
      EXPECT_EQ(reason, "OK");
    } else if (caller.kind == Kind::kMachine && permission == kStaffs) {
      EXPECT_EQ(reason, "PERMISSION_DENIED");
    } else if (!has_subject || subject == caller.user_id) {
      EXPECT_EQ(reason, "OK");
    } else {
      EXPECT_EQ(reason, subject == 0 ? "INVALID_ARGUMENT" : "PERMISSION_DENIED");
    }
  }
  EXPECT_GT(outcomes["OK"], 1000);
  EXPECT_GT(outcomes["PERMISSION_DENIED"], 1000);
  EXPECT_GT(outcomes["INVALID_ARGUMENT"], 100);
}

}  // namespace
}  // namespace selfology::rpc
