#include "services/platform/file/scan/scanner.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/platform/file/scan/fake_clamd_test.h"

namespace selfology::file {
namespace {

using Verdict = ClamReply::Verdict;

absl::StatusOr<ClamReply> Ask(const std::string& address, const std::string& bytes) {
  auto scan = Scan::Begin(Call::Background(absl::Seconds(20)), address);
  if (!scan.ok()) return scan.status();
  if (auto added = scan->Add(bytes); !added.ok()) return added;
  return scan->Finish();
}

TEST(ScannerTest, AsksClamdAboutWhatComes) {
  FakeClamd clamd(/*limit=*/1 << 20);
  const auto clean = Ask(clamd.address(), std::string(300'000, 'a'));
  ASSERT_TRUE(clean.ok()) << clean.status();
  EXPECT_EQ(clean->verdict, Verdict::kClean);
  const auto infected = Ask(clamd.address(), std::string(100'000, 'a') + kTestVirus);
  ASSERT_TRUE(infected.ok()) << infected.status();
  EXPECT_EQ(infected->verdict, Verdict::kInfected);
  EXPECT_EQ(infected->what, "Test-Signature");
  const auto empty = Ask(clamd.address(), "");
  ASSERT_TRUE(empty.ok()) << empty.status();
  EXPECT_EQ(empty->verdict, Verdict::kClean);
}

TEST(ScannerTest, TooMuchIsNotTakenForClean) {
  FakeClamd clamd(/*limit=*/100'000);
  const auto reply = Ask(clamd.address(), std::string(5'000'000, 'a'));
  // The connection may break before the answer is read; then it is asked again.
  if (reply.ok()) {
    EXPECT_EQ(reply->verdict, Verdict::kTooLarge);
  } else {
    EXPECT_EQ(reply.status().code(), absl::StatusCode::kUnavailable);
  }
}

TEST(ScannerTest, NobodyThere) {
  EXPECT_EQ(Ask("/no/such/socket", "a").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Ask("example.org:1", "a").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace selfology::file
