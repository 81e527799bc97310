#include "services/edge/api_gateway/stream_answer.h"

#include "gtest/gtest.h"

namespace selfology::api_gateway {
namespace {

TEST(StreamAnswerTest, AnErrorNeverLooksLikeAMessage) {
  const absl::Status lost = absl::UnavailableError("lost");
  EXPECT_EQ(MessagePiece(StreamForm::kLines, "{\"error\":1}"), "{\"result\":{\"error\":1}}\n");
  EXPECT_EQ(EndPiece(StreamForm::kLines, lost, "{\"status\":503}"),
            "{\"error\":{\"status\":503}}\n");
  EXPECT_EQ(EndPiece(StreamForm::kLines, absl::OkStatus(), ""), "");
  EXPECT_EQ(MessagePiece(StreamForm::kEvents, "{}"), "data: {}\n\n");
  EXPECT_EQ(EndPiece(StreamForm::kEvents, lost, "{\"status\":503}"),
            "event: error\ndata: {\"status\":503}\n\n");
  EXPECT_EQ(EndPiece(StreamForm::kEvents, absl::OkStatus(), ""), "event: end\ndata: {}\n\n");
}

}  // namespace
}  // namespace selfology::api_gateway
