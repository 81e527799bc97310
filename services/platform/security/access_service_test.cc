#include "services/platform/security/access_service.h"

#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "selfology/events/v1/security.pb.h"
#include "selfology/events/v1/user.pb.h"
#include "services/platform/security/security_fixture_test.h"

namespace selfology::security {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kTeam = 9;

class AccessServiceTest : public SecurityTest {
 protected:
  absl::StatusOr<v1::Grant> Grant(const v1::GrantAccessRequest& request) {
    const auto response = access_->GrantAccess(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->grant();
  }

  v1::GrantAccessRequest ToUser(const std::string& pattern, const std::string& resource = "") {
    v1::GrantAccessRequest request;
    request.mutable_principal()->set_person_id(kUser);
    request.set_pattern(pattern);
    request.set_resource(resource);
    return request;
  }

  template <typename Event>
  void Happened(int64_t person_id = 0) {
    Event event;
    event.set_team_id(kTeam);
    if constexpr (requires { event.set_user_id(person_id); }) event.set_user_id(person_id);
    Publish(event);
    AwaitHandled("security_monitoring", ++handled_);
  }

  // By what; "" if not.
  std::vector<std::string> Check(
      const std::vector<std::pair<std::string, std::string>>& questions) {
    v1::CheckPermissionRequest request;
    request.set_user_id(kUser);
    for (const auto& [permission, resource] : questions) {
      v1::PermissionQuestion& question = *request.add_questions();
      question.set_permission(permission);
      question.set_resource(resource);
    }
    const auto response = access_->CheckPermission(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::string> by;
    if (!response.ok()) return by;
    for (const auto& answer : response->answers()) {
      EXPECT_EQ(answer.allowed(), !answer.granted_by().empty());
      by.push_back(answer.granted_by());
    }
    return by;
  }

  size_t handled_ = 0;
};

TEST_F(AccessServiceTest, ARoleIsGivenAndTakenOnce) {
  v1::GrantRoleRequest grant;
  grant.set_user_id(kUser);
  grant.set_role("editor");
  EXPECT_THAT(access_->GrantRole(Deadline(), grant)->roles(), ElementsAre("editor"));
  EXPECT_THAT(access_->GrantRole(Deadline(), grant)->roles(), ElementsAre("editor"));
  v1::ListRolesRequest list;
  list.set_user_id(kUser);
  EXPECT_THAT(access_->ListRoles(Deadline(), list)->roles(), ElementsAre("user", "editor"));
  EXPECT_THAT(access_->ListRoles(Deadline(), list)->permissions(), Contains("studio.posts.*"));
  EXPECT_THAT(Check({{"studio.posts.write", ""}, {"mesh.roles.write", ""}}),
              ElementsAre("role", ""));
  v1::RevokeRoleRequest revoke;
  revoke.set_user_id(kUser);
  revoke.set_role("editor");
  EXPECT_THAT(access_->RevokeRole(Deadline(), revoke)->roles(), IsEmpty());
  EXPECT_THAT(access_->RevokeRole(Deadline(), revoke)->roles(), IsEmpty());
  EXPECT_THAT(Published<events::v1::TokensRevoked>(), SizeIs(1));
  EXPECT_THAT(Audit("role.granted", kUser), SizeIs(1));
  EXPECT_THAT(Audit("role.revoked", kUser), SizeIs(1));
}

TEST_F(AccessServiceTest, ThereAreFiveRolesToBeGiven) {
  for (const char* role : {"user", "", "owner", "Admin"}) {
    v1::GrantRoleRequest request;
    request.set_user_id(kUser);
    request.set_role(role);
    EXPECT_EQ(status::Violations(access_->GrantRole(Deadline(), request).status())[0].field,
              "role");
  }
}

TEST_F(AccessServiceTest, AGrantOfOneResourceIsNotForOthers) {
  ASSERT_TRUE(Grant(ToUser("feed.channels.*", "channel/1")).ok());
  EXPECT_THAT(Check({{"feed.channels.write", "channel/1"},
                     {"feed.channels.write", "channel/2"},
                     {"feed.channels.write", ""}}),
              ElementsAre("grant", "", ""));
}

TEST_F(AccessServiceTest, AGrantEndsByItselfOrWhenItIsTakenBack) {
  v1::GrantAccessRequest request = ToUser("feed.channels.*");
  *request.mutable_expires_at() = timestamps::ToProto(Now() + absl::Hours(1));
  const auto grant = Grant(request);
  ASSERT_TRUE(grant.ok()) << grant.status();
  EXPECT_THAT(Check({{"feed.channels.write", ""}}), ElementsAre("grant"));
  Advance(absl::Hours(2));
  EXPECT_THAT(Check({{"feed.channels.write", ""}}), ElementsAre(""));
  // Granted again, it is the same grant with another end.
  request.clear_expires_at();
  EXPECT_EQ(Grant(request)->grant_id(), grant->grant_id());
  EXPECT_THAT(Check({{"feed.channels.write", ""}}), ElementsAre("grant"));
  v1::RevokeAccessRequest revoke;
  revoke.set_grant_id(grant->grant_id());
  ASSERT_TRUE(access_->RevokeAccess(Deadline(), revoke).ok());
  EXPECT_THAT(Check({{"feed.channels.write", ""}}), ElementsAre(""));
  EXPECT_EQ(status::Reason(access_->RevokeAccess(Deadline(), revoke).status()), "GRANT_NOT_FOUND");
}

TEST_F(AccessServiceTest, ATeamsGrantIsForItsMembers) {
  v1::GrantAccessRequest request;
  request.mutable_principal()->set_team_id(kTeam);
  request.set_pattern("feed.channels.*");
  ASSERT_TRUE(Grant(request).ok());
  Happened<events::v1::TeamCreated>(kUser + 1);
  EXPECT_THAT(Check({{"feed.channels.write", ""}}), ElementsAre(""));
  Happened<events::v1::TeamMemberJoined>(kUser);
  EXPECT_THAT(Check({{"feed.channels.write", ""}}), ElementsAre("team"));
  Happened<events::v1::TeamMemberLeft>(kUser);
  EXPECT_THAT(Check({{"feed.channels.write", ""}}), ElementsAre(""));
  Happened<events::v1::TeamDeleted>();
  v1::ListGrantsRequest list;
  list.set_team_id(kTeam);
  EXPECT_THAT(access_->ListGrants(Deadline(), list)->grants(), IsEmpty());
}

TEST_F(AccessServiceTest, ListsGrantsPageByPage) {
  for (const char* resource : {"channel/1", "channel/2", "channel/3"}) {
    ASSERT_TRUE(Grant(ToUser("feed.channels.*", resource)).ok());
  }
  std::vector<std::string> resources;
  v1::ListGrantsRequest request;
  request.set_person_id(kUser);
  request.set_page_size(2);
  do {
    const auto page = access_->ListGrants(Deadline(), request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& grant : page->grants()) resources.push_back(grant.resource());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(resources, ElementsAre("channel/3", "channel/2", "channel/1"));
  v1::ListGrantsRequest of_resource;
  of_resource.set_resource("channel/2");
  EXPECT_THAT(access_->ListGrants(Deadline(), of_resource)->grants(), SizeIs(1));
}

TEST_F(AccessServiceTest, NamesWhatIsWrong) {
  const auto fields = [](const absl::Status& status) {
    std::vector<std::string> names;
    for (const auto& violation : status::Violations(status)) names.push_back(violation.field);
    return names;
  };
  EXPECT_THAT(fields(access_->GrantAccess(Deadline(), v1::GrantAccessRequest()).status()),
              ElementsAre("principal", "pattern"));
  EXPECT_THAT(fields(Grant(ToUser("*")).status()), ElementsAre("pattern"));
  EXPECT_THAT(fields(Grant(ToUser("mesh.*")).status()), ElementsAre("pattern"));
  EXPECT_THAT(fields(Grant(ToUser("feed.*", "a b")).status()), ElementsAre("resource"));
  EXPECT_THAT(fields(access_->ListGrants(Deadline(), v1::ListGrantsRequest()).status()),
              ElementsAre("person_id"));
  v1::CheckPermissionRequest check;
  check.set_user_id(kUser);
  EXPECT_THAT(fields(access_->CheckPermission(Deadline(), check).status()),
              ElementsAre("questions"));
  check.add_questions()->set_permission("feed.*");
  EXPECT_THAT(fields(access_->CheckPermission(Deadline(), check).status()),
              ElementsAre("questions[0].permission"));
}

}  // namespace
}  // namespace selfology::security
