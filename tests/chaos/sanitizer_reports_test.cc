#include "tests/chaos/sanitizer_reports.h"

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/binaries.h"

namespace selfology::chaos {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class SanitizerReportsTest : public ::testing::Test {
 protected:
  void Write(const std::string& file, std::string_view text) {
    std::ofstream(folder_.path() + "/" + file) << text;
  }
  std::vector<std::string> Reports() const { return SanitizerReports(folder_.path()); }

  servers::ScratchFolder folder_ = servers::ScratchFolder::Make().value();
};

constexpr std::string_view kServing = "{\"message\":\"serving\"}\n";

TEST_F(SanitizerReportsTest, AProgramThatWasKilledIsNoReport) {
  Write("session.log", kServing);
  Write("trait.log", "{\"message\":\"serv");
  EXPECT_THAT(Reports(), IsEmpty());
}

TEST_F(SanitizerReportsTest, EachReportIsFoundWhole) {
  Write("session.log", std::string(kServing) +
                           "==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x1\n"
                           "    #0 0x1 in First a.cc:1\n"
                           "SUMMARY: AddressSanitizer: heap-use-after-free a.cc:1 in First\n" +
                           std::string(kServing) +
                           "==8==ERROR: LeakSanitizer: detected memory leaks\n"
                           "    #0 0x1 in Second b.cc:1\n"
                           "SUMMARY: AddressSanitizer: 1 byte(s) leaked in 1 allocation(s).\n");
  EXPECT_THAT(Reports(), ElementsAre(AllOf(StartsWith("session: "), HasSubstr("in First"),
                                           Not(HasSubstr("serving"))),
                                     AllOf(StartsWith("session: "), HasSubstr("in Second"))));
}

TEST_F(SanitizerReportsTest, EachSanitizerIsUnderstood) {
  Write("coach.log",
        "a.cc:1:2: runtime error: signed integer overflow\n"
        "SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior a.cc:1:2\n");
  // Killed while it spoke.
  Write("trait.log", "WARNING: ThreadSanitizer: data race (pid=7)\n");
  EXPECT_THAT(Reports(), ElementsAre(HasSubstr("overflow"), HasSubstr("data race")));
}

}  // namespace
}  // namespace selfology::chaos
