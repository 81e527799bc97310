#include "services/platform/security/audit_chain.h"

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/platform/security/signing.h"

namespace selfology::security {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'760'000'000);

std::vector<ChainRecord> Chain(int records) {
  std::vector<ChainRecord> chain;
  std::string previous = FirstHash();
  for (int i = 1; i <= records; ++i) {
    ChainRecord& record = chain.emplace_back(ChainRecord{.sequence = i,
                                                         .recorded_at = kStart + absl::Seconds(i),
                                                         .actor = absl::StrCat("actor", i),
                                                         .action = "role.granted",
                                                         .subject = "subject",
                                                         .outcome = "ok",
                                                         .method = "editor"});
    record.hash = HashOf(record, previous);
    previous = record.hash;
  }
  return chain;
}

// The first record that does not follow; 0: all do.
int64_t FirstBreak(const std::vector<ChainRecord>& chain) {
  ChainCheck check(0, FirstHash());
  for (const ChainRecord& record : chain) {
    if (!check.Next(record).ok()) return record.sequence;
  }
  return 0;
}

TEST(AuditChainTest, AWholeChainFollows) { EXPECT_EQ(FirstBreak(Chain(100)), 0); }

TEST(AuditChainTest, AChangeOfAnyFieldIsNoticedWhereItIs) {
  const std::vector<std::function<void(ChainRecord&)>> changes = {
      [](ChainRecord& r) { r.actor = "somebody else"; },
      [](ChainRecord& r) { r.action = "role.revoked"; },
      [](ChainRecord& r) { r.subject = ""; },
      [](ChainRecord& r) { r.outcome = "refused"; },
      [](ChainRecord& r) { r.method = "admin"; },
      [](ChainRecord& r) { r.recorded_at += absl::Microseconds(1); },
      [](ChainRecord& r) { r.hash[0] = static_cast<char>(r.hash[0] ^ 1); },
      // The same letters, divided otherwise.
      [](ChainRecord& r) {
        r.method = "editor;";
        r.outcome = "o";
      },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    std::vector<ChainRecord> chain = Chain(10);
    changes[i](chain[4]);
    EXPECT_EQ(FirstBreak(chain), 5) << i;
  }
}

TEST(AuditChainTest, ARecordThatIsGoneOrMovedOrAddedIsNoticed) {
  std::vector<ChainRecord> chain = Chain(10);
  chain.erase(chain.begin() + 4);
  EXPECT_EQ(FirstBreak(chain), 6);
  chain = Chain(10);
  std::swap(chain[4], chain[5]);
  EXPECT_NE(FirstBreak(chain), 0);
  chain = Chain(10);
  chain.insert(chain.begin() + 4, chain[4]);
  EXPECT_EQ(FirstBreak(chain), 5);
  chain = Chain(10);
  chain.erase(chain.begin());
  EXPECT_EQ(FirstBreak(chain), 2);
}

TEST(AuditChainTest, GoesOnFromACheckpoint) {
  const std::vector<ChainRecord> chain = Chain(10);
  const SigningKey key = *SigningKey::Generate();
  const std::string signature =
      *key.Sign("audit-checkpoint", ToPayload({5, chain[4].hash, kStart}));
  const Checkpoint point = *CheckpointIn(signature);
  EXPECT_EQ(point.sequence, 5);
  EXPECT_EQ(point.made_at, kStart);
  ChainCheck check(point.sequence, point.hash);
  for (size_t i = 5; i < chain.size(); ++i) EXPECT_TRUE(check.Next(chain[i]).ok()) << i;
  EXPECT_FALSE(CheckpointIn("a.b").ok());
  EXPECT_FALSE(FromPayload("{}").ok());
}

TEST(AuditChainTest, APseudonymIsTheKeys) {
  const std::string one = Pseudonym("key one", 7);
  EXPECT_EQ(one.size(), 22);
  EXPECT_EQ(Pseudonym("key one", 7), one);
  EXPECT_NE(Pseudonym("key two", 7), one);
  EXPECT_NE(Pseudonym("key one", 8), one);
}

}  // namespace
}  // namespace selfology::security
