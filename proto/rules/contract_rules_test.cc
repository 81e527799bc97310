// Every rule finds what breaks it: sound contracts, spoilt in one place each.

#include "proto/rules/contract_rules.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "google/protobuf/compiler/parser.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "gtest/gtest.h"

namespace selfology::contracts {
namespace {

using ::google::protobuf::DescriptorPool;
using ::google::protobuf::FileDescriptor;
using ::google::protobuf::FileDescriptorProto;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kService[] = R"(
syntax = "proto3";
package selfology.test.v1;
import "google/api/annotations.proto";
import "selfology/mesh/v1/grants.proto";
import "selfology/mesh/v1/options.proto";
service ThingService {
  rpc GetThing(GetThingRequest) returns (GetThingResponse) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (google.api.http) = {get: "/api/v1/things/{thing_id}"};
    option (selfology.mesh.v1.access) = {permission: "test.things.read" subject: "user_id"};
    option (selfology.mesh.v1.grants) = {team: "team_id" resource: "thing/{thing_id}"};
    option (selfology.mesh.v1.deadline) = {milliseconds: 3000};
  }
  rpc ListThings(ListThingsRequest) returns (ListThingsResponse) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (google.api.http) = {get: "/api/v1/things"};
    option (selfology.mesh.v1.access) = {permission: "test.things.list" subject: "user_id"};
    option (selfology.mesh.v1.deadline) = {milliseconds: 5000};
    option (selfology.mesh.v1.exported) = true;
  }
  rpc UpdateThing(UpdateThingRequest) returns (UpdateThingResponse) {
    option idempotency_level = IDEMPOTENT;
    option (google.api.http) = {
      patch: "/api/v1/things/{thing.thing_id}"
      body: "thing"
      additional_bindings {put: "/api/v1/things/{thing.thing_id}:replace" body: "*"}
    };
    option (selfology.mesh.v1.access) = {
      permission: "test.things.write"
      subject: "thing.user_id"
    };
    option (selfology.mesh.v1.deadline) = {milliseconds: 4000};
  }
  rpc WatchThing(WatchThingRequest) returns (stream WatchThingResponse) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (google.api.http) = {get: "/api/v1/things/{thing_id}:watch"};
    option (selfology.mesh.v1.access) = {permission: "test.things.read" subject: "user_id"};
    option (selfology.mesh.v1.deadline) = {unlimited: true};
  }
  rpc CountThings(CountThingsRequest) returns (CountThingsResponse) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (google.api.http) = {get: "/api/v1/mesh/things"};
    option (selfology.mesh.v1.access) = {public: true};
    option (selfology.mesh.v1.deadline) = {milliseconds: 2000};
  }
  rpc DeleteUserData(DeleteUserDataRequest) returns (DeleteUserDataResponse) {
    option idempotency_level = IDEMPOTENT;
    option (google.api.http) = {delete: "/api/v1/users/{user_id}/things"};
    option (selfology.mesh.v1.access) = {permission: "test.things.erase" subject: "user_id"};
    option (selfology.mesh.v1.deadline) = {milliseconds: 30000};
  }
}
message Thing {
  int64 user_id = 1;
  int64 thing_id = 2;
  string text = 3 [(selfology.mesh.v1.personal) = true];
  repeated Thing parts = 4;
}
message GetThingRequest { int64 user_id = 1; int64 thing_id = 2; int64 team_id = 3; }
message GetThingResponse { Thing thing = 1; }
message ListThingsRequest { int64 user_id = 1; int32 page_size = 2; string page_token = 3; }
message ListThingsResponse { repeated Thing things = 1; string next_page_token = 2; }
message UpdateThingRequest { Thing thing = 1; repeated string paths = 2; }
message UpdateThingResponse { Thing thing = 1; }
message WatchThingRequest { int64 user_id = 1; int64 thing_id = 2; }
message WatchThingResponse { Thing thing = 1; }
message CountThingsRequest {}
message CountThingsResponse { int64 count = 1; }
message DeleteUserDataRequest { int64 user_id = 1; }
message DeleteUserDataResponse { int64 deleted_rows = 1; }
)";

constexpr char kEvents[] = R"(
syntax = "proto3";
package selfology.events.v1;
import "selfology/events/v1/options.proto";
import "selfology/events/v1/webhook_names.proto";
import "selfology/mesh/v1/options.proto";
message ThingMade {
  option (event) = {type: "thing.made" audience: [AUDIENCE_SUBJECT, AUDIENCE_WEBHOOKS]};
  option (webhook_name) = "thing_creation";
  int64 user_id = 1;
  int64 thing_id = 2;
}
message ThingMadeAgain {
  option (event) = {type: "thing.made_again" audience: AUDIENCE_ANALYTICS};
  int64 user_id = 1;
  Words words = 2;
  message Words { string text = 1 [(selfology.mesh.v1.personal) = true]; }
}
message PostSeen {
  option (event) = {type: "post.seen" ordering_key: "channel" audience: AUDIENCE_ANALYTICS};
  option (webhook_name) = "post_view";
  option (webhook_name) = "post_read";
  string channel = 1;
  string kind = 2;
}
message ThingRequested {
  option (event) = {type: "thing.requested"};
  int64 user_id = 1;
}
)";

constexpr char kCatalogue[] = R"(
syntax = "proto3";
package selfology.events.v1;
import public "selfology/events/v1/things.proto";
)";

// .proto files out of texts, on top of those that are linked in.
class Sources {
 public:
  const FileDescriptor* Build(const std::string& name, const std::string& text) {
    google::protobuf::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
    Complaints complaints;
    google::protobuf::io::Tokenizer tokens(&stream, &complaints);
    google::protobuf::compiler::Parser parser;
    parser.RecordErrorsTo(&complaints);
    FileDescriptorProto file;
    const bool parsed = parser.Parse(&tokens, &file);
    EXPECT_TRUE(parsed) << name;
    file.set_name(name);
    const FileDescriptor* const built = pool_.BuildFile(file);
    EXPECT_NE(built, nullptr) << name;
    if (built != nullptr) files_.push_back(built);
    return built;
  }
  const Files& files() const { return files_; }

 private:
  struct Complaints : google::protobuf::io::ErrorCollector {
    void AddError(int line, int, const std::string& message) override {
      ADD_FAILURE() << "line " << line + 1 << ": " << message;
    }
  };

  DescriptorPool pool_{DescriptorPool::generated_pool()};
  Files files_;
};

std::vector<std::string> FaultsOf(const std::string& service, const std::string& events,
                                  const Exceptions& exceptions = {}) {
  Sources sources;
  sources.Build("selfology/test/v1/thing_service.proto", service);
  sources.Build("selfology/events/v1/things.proto", events);
  sources.Build("selfology/events/v1/catalogue.proto", kCatalogue);
  return Faults(sources.files(), {{"selfology.test.v1", "test"}}, exceptions);
}

TEST(ContractRulesTest, SoundContractsHaveNoFaults) {
  EXPECT_THAT(FaultsOf(kService, kEvents), IsEmpty());
}

// One place of the sound contracts spoilt, and the fault that it makes.
struct Spoilt {
  std::string from;
  std::string to;
  std::string fault;
};

void ExpectFault(const std::string& sound, bool is_service, const Spoilt& spoilt) {
  SCOPED_TRACE(absl::StrCat(spoilt.from, " -> ", spoilt.to));
  const size_t at = sound.find(spoilt.from);
  ASSERT_NE(at, std::string::npos);
  std::string text = sound;
  text.replace(at, spoilt.from.size(), spoilt.to);
  const auto faults = is_service ? FaultsOf(text, kEvents) : FaultsOf(kService, text);
  EXPECT_THAT(faults, Contains(HasSubstr(spoilt.fault)));
}

TEST(ContractRulesTest, FindWhatIsWrongWithMethodsAndFields) {
  const std::string kGet = "selfology.test.v1.ThingService.GetThing: ";
  const std::string get_access =
      R"(option (selfology.mesh.v1.access) = {permission: "test.things.read" subject: "user_id"};)";
  const std::vector<Spoilt> all = {
      {"option idempotency_level = NO_SIDE_EFFECTS;", "", kGet + "does not say whether"},
      {"string next_page_token", "string more", "ListThings: lists without pages"},
      // Access.
      {get_access, "", kGet + "does not say who may call"},
      {"test.things.read", "things.read", kGet + "the permission \"things.read\" is not"},
      {"test.things.read", "other.things.read",
       kGet + "the permission \"other.things.read\" is of another"},
      {"{public: true}", "{public: false}", "CountThings: is public: false"},
      {"{permission: \"test.things.read\" subject: \"user_id\"}", "{public: true}",
       kGet + "is public and tells something personal"},
      {"subject: \"user_id\"", "", kGet + "has a user_id and no subject"},
      {"subject: \"user_id\"", "subject: \"owner_id\"", kGet + "has no field owner_id for its"},
      {"subject: \"thing.user_id\"", "subject: \"thing.text\"",
       "its subject thing.text is no int64"},
      {"{public: true}", "{permission: \"test.things.read\"}",
       kGet + "has a subject; selfology.test.v1.ThingService.CountThings with the same permission"},
      {"team: \"team_id\"", "team: \"group_id\"", kGet + "has no int64 group_id for its grants"},
      {"resource: \"thing/{thing_id}\"", "resource: \"thing/{id}\"",
       kGet + "has no int64 id for its grants"},
      {"resource: \"thing/{thing_id}\"", "resource: \"thing\"",
       kGet + "what is granted, \"thing\""},
      {"subject: \"user_id\"", "", kGet + "can be granted and has no subject"},
      // Exports.
      {"option (selfology.mesh.v1.exported) = true;", "",
       "ThingService: erases people and exports nothing of them"},
      {"{permission: \"test.things.list\" subject: \"user_id\"}",
       "{permission: \"test.things.list\"}", "ListThings: is exported and has no subject"},
      // Deadlines.
      {"option (selfology.mesh.v1.deadline) = {milliseconds: 3000};", "", kGet + "has no deadline"},
      {"milliseconds: 3000", "milliseconds: 0", kGet + "has a deadline of nothing"},
      {"milliseconds: 3000", "unlimited: true", kGet + "is unlimited and no stream"},
      {"unlimited: true", "unlimited: false", "WatchThing: is unlimited: false"},
      // Routes.
      {R"(option (google.api.http) = {get: "/api/v1/things/{thing_id}"};)", "",
       kGet + "has no route"},
      {"/api/v1/things/{thing_id}", "/things/{thing_id}",
       kGet + "the route \"/things/{thing_id}\""},
      {"/api/v1/things/{thing_id}", "/api/v1/{id}", kGet + "has no field id for its route"},
      {"/api/v1/things/{thing_id}\"", "/api/v1/things\"", "ListThings: has the route of"},
      {"/api/v1/things/{thing.thing_id}", "/api/v1/things/{thing}",
       "thing does not fit into a path"},
      {"/api/v1/things/{thing.thing_id}:replace", "/api/v1/things/{thing.thing_id}:r 1",
       "UpdateThing: the route"},
      {"get: \"/api/v1/things/{thing_id}\"", "post: \"/api/v1/things/{thing_id}\"",
       kGet + "POST without a body"},
      {"{get: \"/api/v1/things\"}", "{get: \"/api/v1/things\" body: \"*\"}",
       "ListThings: GET with a body"},
      {"body: \"thing\"", "body: \"thought\"", "UpdateThing: has no field thought for the body"},
      {"repeated string paths", "repeated Thing paths", "paths does not fit into a query"},
      {"idempotency_level = NO_SIDE_EFFECTS", "idempotency_level = IDEMPOTENT",
       kGet + "is reached by GET and has side effects"},
      {"{permission: \"test.things.list\" subject: \"user_id\"}",
       "{permission: \"mesh.things.list\" subject: \"user_id\"}",
       "ListThings: is for operators and not below"},
      // Erasure.
      {"rpc DeleteUserData", "rpc Delete", "ThingService: deals with people and cannot erase them"},
      {"test.things.erase", "test.things.write", "erases without a permission to erase"},
      {R"({permission: "test.things.erase" subject: "user_id"})",
       R"({permission: "test.things.erase"})", "DeleteUserData: does not erase user_id"},
      // Fields.
      {"string text = 3 [(selfology.mesh.v1.personal) = true]", "string text = 3",
       "Thing.text: looks personal and is not marked"},
      {"int64 user_id = 1;", "int64 user_id = 1 [(selfology.mesh.v1.personal) = true];",
       "Thing.user_id: is a person's id, and marked"},
      {"message DeleteUserDataRequest { int64 user_id",
       "message DeleteUserDataRequest { int32 user_id",
       "DeleteUserDataRequest.user_id: is no int64"},
      {"message CountThingsResponse { int64 count = 1; }",
       "message CountThingsResponse { Inner inner = 1; message Inner { string first_name = 1; } }",
       "CountThingsResponse.Inner.first_name: looks personal"},
  };
  for (const Spoilt& spoilt : all) ExpectFault(kService, true, spoilt);
}

TEST(ContractRulesTest, FindWhatIsWrongWithEvents) {
  const std::vector<Spoilt> all = {
      {"type: \"thing.made\"", "type: \"thing\"", "ThingMade: the type \"thing\" is no words"},
      {"type: \"thing.made\"", "type: \"thing.done\"", "ThingMade: is not named after its type"},
      {"type: \"thing.made_again\"", "type: \"thing.made\"",
       "has the type of selfology.events.v1.Th"},
      {"int64 user_id = 1;", "int64 user_id = 9;", "ThingMade: has neither an ordering_key nor"},
      {"int64 user_id = 1;", "repeated int64 user_id = 1;",
       "ThingMade: has neither an ordering_key nor"},
      {"ordering_key: \"channel\"", "", "PostSeen: has neither an ordering_key nor"},
      {"ordering_key: \"channel\"", "ordering_key: \"feed\"", "PostSeen: has no field feed"},
      {"string channel", "int32 channel", "PostSeen: is ordered by channel, no int64 or string"},
      {"string channel", "repeated string channel", "PostSeen: is ordered by channel, no int64"},
      {"int64 thing_id", "int64 timestamp", "ThingMade: has a timestamp"},
      {"audience: [AUDIENCE_SUBJECT, AUDIENCE_WEBHOOKS]", "", "ThingMade: has no audience"},
      {"AUDIENCE_WEBHOOKS", "AUDIENCE_SUBJECT", "ThingMade: has an audience twice"},
      {"AUDIENCE_WEBHOOKS", "AUDIENCE_UNSPECIFIED", "ThingMade: has an unspecified audience"},
      {"ordering_key: \"channel\" audience: AUDIENCE_ANALYTICS",
       "ordering_key: \"channel\" audience: AUDIENCE_SUBJECT",
       "PostSeen: is for its subject and has"},
      {"type: \"thing.made_again\" audience: AUDIENCE_ANALYTICS",
       "type: \"thing.made_again\" audience: AUDIENCE_WEBHOOKS",
       "ThingMadeAgain: is for webhooks and holds personal fields"},
      {"option (event) = {type: \"thing.requested\"};", "",
       "ThingRequested: is no event, in their"},
      {"\"thing_creation\"", "\"thing.creation\"",
       "ThingMade: the webhook name \"thing.creation\" is no words"},
      {"\"post_read\"", "\"thing_creation\"",
       "PostSeen: has the webhook name of selfology.events.v1.ThingMade"},
      {"string kind = 2;", "", "PostSeen: has several webhook names and no field kind"},
      {"string kind = 2;", "int32 kind = 2;",
       "PostSeen: has several webhook names and no field kind"},
  };
  for (const Spoilt& spoilt : all) ExpectFault(kEvents, false, spoilt);
  EXPECT_THAT(FaultsOf(absl::StrReplaceAll(
                           kService, {{"message CountThingsRequest {}",
                                       "message CountThingsRequest { option (events.v1.event) = "
                                       "{type: \"count.things\"}; int64 user_id = 1; }"},
                                      {"import \"selfology/mesh/v1/options",
                                       "import \"selfology/events/v1/options.proto\";\n"
                                       "import \"selfology/mesh/v1/options"}}),
                       kEvents),
              Contains(HasSubstr("CountThingsRequest: is an event outside their package")));
}

TEST(ContractRulesTest, TheCatalogueImportsEveryFileOfEvents) {
  Sources sources;
  sources.Build("selfology/events/v1/things.proto", kEvents);
  sources.Build("selfology/events/v1/more.proto",
                "syntax = \"proto3\"; package selfology.events.v1;");
  sources.Build("selfology/events/v1/catalogue.proto", kCatalogue);
  EXPECT_THAT(Faults(sources.files(), {}, {}),
              Contains("selfology/events/v1/more.proto: is not imported by the catalogue"));
}

TEST(ContractRulesTest, ExceptionsLetOffWhatNeedsThemAndNothingElse) {
  const std::string renamed =
      absl::StrReplaceAll(kService, {{"[(selfology.mesh.v1.personal) = true]", ""}});
  EXPECT_THAT(FaultsOf(renamed, kEvents, {.not_personal = {{"text", "Words of the product."}}}),
              IsEmpty());
  EXPECT_THAT(FaultsOf(renamed, kEvents, {.not_personal = {{"text", ""}}}),
              Contains("text: has an exception without a reason"));
  EXPECT_THAT(FaultsOf(kService, kEvents, {.not_personal = {{"text", "Words of the product."}}}),
              Contains("text: has an exception that it does not need"));
  const std::string name = "selfology.test.v1.ThingService";
  EXPECT_THAT(FaultsOf(kService, kEvents, {.not_erasing = {{name, "Keeps nothing."}}}),
              Contains(name + ": has an exception that it does not need"));
}

}  // namespace
}  // namespace selfology::contracts
