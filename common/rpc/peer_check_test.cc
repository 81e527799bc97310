#include "common/rpc/peer_check.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/mesh/v1/erasure_service.pb.h"
#include "selfology/security/v1/token_service.pb.h"

namespace selfology::rpc {
namespace {

using ::testing::HasSubstr;

// The two kinds of methods, of one contract.
MethodContract Method(const std::string& name) {
  return MethodContract(*mesh::v1::EraseUserRequest::descriptor()
                             ->file()
                             ->FindServiceByName("ErasureService")
                             ->FindMethodByName(name));
}

class PeerCheckTest : public ::testing::Test {
 protected:
  bool Allows(const std::vector<std::string>& names, Port port, const std::string& method) {
    return check_.Check(names, {.services = {"session", "trait"}, .port = port}, Method(method))
        .ok();
  }

  observe::Metrics metrics_;
  const PeerCheck check_{nullptr, Edges::Parse("user -> session\nuser -> coach\n").value(),
                         metrics_};
};

constexpr char kOperators[] = "EraseUser";
constexpr char kServices[] = "EraseData";

TEST_F(PeerCheckTest, ContractsSayWhatIsForOperators) {
  EXPECT_TRUE(Method(kOperators).for_operators);
  EXPECT_FALSE(Method(kServices).for_operators) << "services ask it of each other";
  EXPECT_TRUE(ServesAt(Port::kAll, Method(kOperators)));
  EXPECT_FALSE(ServesAt(Port::kServices, Method(kOperators)));
  EXPECT_FALSE(ServesAt(Port::kOperators, Method(kServices)));
}

TEST_F(PeerCheckTest, AServiceMayCallWhomItsCodeAsks) {
  EXPECT_TRUE(Allows({"user"}, Port::kServices, kServices));
  EXPECT_TRUE(Allows({"coach", "user"}, Port::kServices, kServices)) << "one of its names";
  EXPECT_FALSE(Allows({"coach"}, Port::kServices, kServices));
  EXPECT_FALSE(Allows({"session"}, Port::kServices, kServices));
  EXPECT_FALSE(Allows({}, Port::kServices, kServices));
  EXPECT_FALSE(Allows({"user"}, Port::kOperators, kOperators));
}

TEST_F(PeerCheckTest, OnlyOneServiceMakesTokensForPeople) {
  const MethodContract issue(*security::v1::IssueTokensRequest::descriptor()
                                  ->file()
                                  ->FindServiceByName("TokenService")
                                  ->FindMethodByName("IssueTokens"));
  const PeerCheck check(nullptr, Edges::Parse("user -> security\ncoach -> security\n").value(),
                        metrics_);
  const Binding binding = {.services = {"security"}, .port = Port::kServices};
  EXPECT_TRUE(check.Check({"user"}, binding, issue).ok());
  EXPECT_FALSE(check.Check({"coach"}, binding, issue).ok()) << "though it asks security";
}

TEST_F(PeerCheckTest, AnOperatorMayCallOperatorsMethodsOnly) {
  EXPECT_TRUE(Allows({kOperator}, Port::kOperators, kOperators));
  EXPECT_TRUE(Allows({kOperator}, Port::kAll, kOperators));
  EXPECT_FALSE(Allows({kOperator}, Port::kAll, kServices));
}

TEST_F(PeerCheckTest, ARefusalSaysWhoWasRefusedAndIsCounted) {
  const absl::Status status = check_.Check({"coach"}, {.services = {"session"}}, Method(kServices));
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"coach\" may not call"));
  EXPECT_THAT(metrics_.Expose(), HasSubstr("peer_denied_total{caller=\"coach\"} 1"));
}

}  // namespace
}  // namespace selfology::rpc
