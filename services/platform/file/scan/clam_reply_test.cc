#include "services/platform/file/scan/clam_reply.h"

#include <string>

#include "gtest/gtest.h"

namespace selfology::file {
namespace {

using Verdict = ClamReply::Verdict;

TEST(ClamReplyTest, SaysWhatClamdSaid) {
  EXPECT_EQ(ReadClamReply(std::string("stream: OK\0", 11)).verdict, Verdict::kClean);
  const ClamReply found = ReadClamReply("stream: Eicar-Test-Signature FOUND\n");
  EXPECT_EQ(found.verdict, Verdict::kInfected);
  EXPECT_EQ(found.what, "Eicar-Test-Signature");
  EXPECT_EQ(ReadClamReply("INSTREAM size limit exceeded. ERROR").verdict, Verdict::kTooLarge);
}

// What is not understood is never taken for clean.
TEST(ClamReplyTest, AnythingElseIsAnError) {
  for (const char* reply : {"", "OK", "stream: ", "stream: OK FOUND OK", "stream: ok",
                            "UNKNOWN COMMAND", "stream: Can't allocate memory ERROR"}) {
    EXPECT_EQ(ReadClamReply(reply).verdict, Verdict::kError) << reply;
  }
  EXPECT_EQ(ReadClamReply("stream: a\x01\xFF"
                          "b FOUND")
                .what,
            "ab");
}

}  // namespace
}  // namespace selfology::file
