#include "services/platform/security/audit_service.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "services/platform/security/key_ring.h"
#include "services/platform/security/security_fixture_test.h"

namespace selfology::security {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AuditServiceTest : public SecurityTest {
 protected:
  int64_t Record(const std::string& action, const std::string& key, int64_t subject_id = 0) {
    v1::RecordAuditRequest request;
    request.set_service("file");
    request.set_action(action);
    request.set_subject_id(subject_id);
    request.set_outcome("ok");
    request.set_idempotency_key(key);
    const auto response = audit_->RecordAudit(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->sequence() : 0;
  }

  // What the daily timer does, at this moment.
  void SignAndForget() {
    SecuritySettings settings;
    KeyRing keys(DatabaseAs("selfology_security"), [this] { return Now(); }, {}, settings.keys);
    AuditService service(
        DatabaseAs("selfology_security"), [this] { return Now(); }, keys, settings,
        /*places=*/nullptr);
    const absl::Status status = service.SignAndForget(Deadline());
    ASSERT_TRUE(status.ok()) << status;
  }
};

TEST_F(AuditServiceTest, AppendsInOrderAndOnceForAKey) {
  EXPECT_EQ(Record("file.refused", "1"), 1);
  EXPECT_EQ(Record("file.refused", "2"), 2);
  EXPECT_EQ(Record("file.refused", "1"), 1);
  const auto records = Audit("");
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[0].sequence(), 2);
  EXPECT_EQ(records[0].actor(), "service:file");
  EXPECT_EQ(VerifyChain().record_count(), 2);
  EXPECT_TRUE(VerifyChain().intact());
}

TEST_F(AuditServiceTest, PeopleAreFoundByTheirIdAndSeenByTheirPseudonym) {
  Record("data.read", "1", kUser);
  Record("data.read", "2", kUser + 1);
  Record("data.read", "3", kUser);
  const auto records = Audit("data.read", kUser);
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[0].subject(), records[1].subject());
  EXPECT_EQ(records[0].subject().find(absl::StrCat(kUser)), std::string::npos);
  EXPECT_THAT(Audit("data.read", kUser + 2), IsEmpty());
}

TEST_F(AuditServiceTest, AnEmptyChainIsWhole) {
  EXPECT_TRUE(VerifyChain().intact());
  EXPECT_EQ(VerifyChain().record_count(), 0);
}

TEST_F(AuditServiceTest, AChangedRecordIsFound) {
  for (int i = 1; i <= 5; ++i) Record("data.read", absl::StrCat(i));
  Execute("UPDATE selfology.security_audit SET outcome = 'refused' WHERE sequence = 3");
  const auto verified = VerifyChain();
  EXPECT_FALSE(verified.intact());
  EXPECT_EQ(verified.broken_at(), 3);
  EXPECT_THAT(verified.fault(), HasSubstr("changed"));
}

TEST_F(AuditServiceTest, AMissingRecordIsFound) {
  for (int i = 1; i <= 5; ++i) Record("data.read", absl::StrCat(i));
  Execute("DELETE FROM selfology.security_audit WHERE sequence = 3");
  EXPECT_EQ(VerifyChain().broken_at(), 4);
  Execute("DELETE FROM selfology.security_audit WHERE sequence < 4");
  EXPECT_FALSE(VerifyChain().intact()) << "no checkpoint says that these may be gone";
}

TEST_F(AuditServiceTest, WhatIsSignedCannotBeCutOff) {
  for (int i = 1; i <= 5; ++i) Record("data.read", absl::StrCat(i));
  SignAndForget();
  EXPECT_GE(VerifyChain().checkpoint_count(), 1);
  EXPECT_TRUE(VerifyChain().intact());
  Execute("CREATE TABLE kept AS SELECT * FROM selfology.security_audit");
  Execute("DELETE FROM selfology.security_audit");
  EXPECT_FALSE(VerifyChain().intact()) << "all of it";
  Execute("INSERT INTO selfology.security_audit SELECT * FROM kept WHERE sequence < 5");
  Execute("DROP TABLE kept");
  const auto verified = VerifyChain();
  EXPECT_FALSE(verified.intact());
  EXPECT_EQ(verified.broken_at(), 5);
}

TEST_F(AuditServiceTest, AForgedCheckpointIsFound) {
  Record("data.read", "1");
  SignAndForget();
  Execute(
      "UPDATE selfology.security_audit_checkpoints SET signature ="
      " regexp_replace(signature, '[.][^.]*$', '.AAAA')");
  EXPECT_FALSE(VerifyChain().intact());
}

TEST_F(AuditServiceTest, AfterItsRetentionTheRestStillVerifies) {
  for (int i = 1; i <= 3; ++i) Record("data.read", absl::StrCat(i));
  SignAndForget();
  Advance(absl::Hours(24));
  for (int i = 4; i <= 6; ++i) Record("data.read", absl::StrCat(i));
  SignAndForget();
  Advance(absl::Hours(24 * 90) - absl::Hours(1));
  Record("data.read", "7");
  SignAndForget();
  const auto verified = VerifyChain();
  EXPECT_TRUE(verified.intact()) << verified.fault();
  EXPECT_EQ(verified.record_count(), 4) << "three of four days ago are gone";
  EXPECT_EQ(Audit("").back().sequence(), 4);
  // And once all of them are gone, the chain goes on where it was.
  Advance(absl::Hours(24 * 91));
  SignAndForget();
  SignAndForget();
  EXPECT_EQ(VerifyChain().record_count(), 0);
  EXPECT_TRUE(VerifyChain().intact());
  EXPECT_EQ(Record("data.read", "8"), 8);
  EXPECT_TRUE(VerifyChain().intact()) << VerifyChain().fault();
}

TEST_F(AuditServiceTest, NamesAllThatIsWrongWithAFact) {
  v1::RecordAuditRequest request;
  request.set_actor_id(-1);
  request.set_subject_id(-1);
  request.set_action("Data Read");
  request.set_method(std::string(101, 'x'));
  std::vector<std::string> fields;
  for (const auto& violation :
       status::Violations(audit_->RecordAudit(Deadline(), request).status())) {
    fields.push_back(violation.field);
  }
  EXPECT_THAT(fields, ElementsAre("actor_id", "subject_id", "service", "action", "outcome",
                                  "method", "idempotency_key"));
}

}  // namespace
}  // namespace selfology::security
