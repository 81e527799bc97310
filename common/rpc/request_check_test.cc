#include "common/rpc/request_check.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/rpc/probe/probe_service.pb.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "selfology/ai/v1/ai_service.pb.h"
#include "selfology/coach/v1/coach_service.pb.h"
#include "selfology/mesh/v1/dead_letter_service.pb.h"
#include "selfology/profile/v1/profile_service.pb.h"
#include "selfology/question/v1/question_service.pb.h"
#include "selfology/session/v1/session_service.pb.h"
#include "selfology/telegram/v1/telegram_gateway_service.pb.h"
#include "selfology/trait/v1/trait_service.pb.h"

namespace selfology::rpc {
namespace {

using google::protobuf::Message;
using probe::v1::ChangeRequest;
using probe::v1::LookRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kNul("a\0b", 3);

absl::Status Check(const Message& request) {
  return RequestCheck(*request.GetDescriptor())(request);
}

// The fields that the check refuses.
std::vector<std::string> Refused(const Message& request) {
  std::vector<std::string> fields;
  for (const status::FieldViolation& violation : status::Violations(Check(request))) {
    fields.push_back(violation.field);
  }
  return fields;
}

TEST(RequestCheckTest, FindsNulInEveryKindOfText) {
  LookRequest request;
  request.set_text(kNul);
  request.add_texts("fine");
  request.add_texts(kNul);
  (*request.mutable_words())["fine"] = kNul;
  request.set_chosen(kNul);
  request.add_rows()->add_cells();
  request.add_rows()->add_cells()->set_word("fine");
  request.mutable_rows(1)->add_cells()->set_word(kNul);
  request.mutable_inner()->set_text(kNul);
  (*request.mutable_rows_by_number())[7].add_cells()->set_word(kNul);
  EXPECT_THAT(Refused(request),
              ElementsAre("text", "texts[1]", "words.value", "chosen", "rows[1].cells[1].word",
                          "inner.text", "rows_by_number.value.cells[0].word"));
}

TEST(RequestCheckTest, BytesMayHoldAnything) {
  LookRequest request;
  request.set_raw(kNul);
  EXPECT_TRUE(Check(request).ok());
}

TEST(RequestCheckTest, AKeyOfAMapIsATextToo) {
  LookRequest request;
  (*request.mutable_words())[kNul] = "fine";
  EXPECT_THAT(Refused(request), ElementsAre("words.key"));
}

TEST(RequestCheckTest, TimesKeepTheirRange) {
  LookRequest request;
  for (const int64_t seconds : {-62'135'596'800, int64_t{0}, 253'402'300'799}) {
    request.mutable_time()->set_seconds(seconds);
    EXPECT_TRUE(Check(request).ok()) << seconds;
  }
  for (const int64_t seconds : {-62'135'596'801, 253'402'300'800}) {
    request.mutable_time()->set_seconds(seconds);
    EXPECT_THAT(Refused(request), ElementsAre("time")) << seconds;
  }
  request.mutable_time()->set_seconds(0);
  for (const int32_t nanos : {-1, 1'000'000'000}) {
    request.mutable_time()->set_nanos(nanos);
    EXPECT_THAT(Refused(request), ElementsAre("time")) << nanos;
  }
  request.clear_time();
  request.add_times();
  request.add_times()->set_nanos(-1);
  EXPECT_THAT(Refused(request), ElementsAre("times[1]"));
}

TEST(RequestCheckTest, DurationsKeepTheirRange) {
  LookRequest request;
  request.mutable_duration()->set_seconds(-315'576'000'000);
  request.mutable_duration()->set_nanos(-999'999'999);
  EXPECT_TRUE(Check(request).ok());
  request.mutable_duration()->set_seconds(1);
  EXPECT_THAT(Refused(request), ElementsAre("duration")) << "signs differ";
  request.mutable_duration()->set_nanos(0);
  request.mutable_duration()->set_seconds(315'576'000'001);
  EXPECT_THAT(Refused(request), ElementsAre("duration"));
}

TEST(RequestCheckTest, CountsBeforeItLooks) {
  LookRequest request;
  for (int i = 0; i < 1000; ++i) request.add_texts();
  EXPECT_TRUE(Check(request).ok());
  request.add_texts(kNul);
  EXPECT_THAT(Refused(request), ElementsAre("texts"));
  request.clear_texts();
  for (int i = 0; i < 1001; ++i) request.add_numbers(i);
  EXPECT_THAT(Refused(request), ElementsAre("numbers"));
  request.clear_numbers();
  for (int i = 0; i < 1001; ++i) (*request.mutable_rows_by_number())[i];
  EXPECT_THAT(Refused(request), ElementsAre("rows_by_number"));
}

TEST(RequestCheckTest, CountsTheElementsOfAllListsTogether) {
  LookRequest request;
  for (int i = 0; i < 100; ++i) {
    probe::v1::Row& row = *request.add_rows();
    for (int j = 0; j < 99; ++j) row.add_cells();
  }
  EXPECT_TRUE(Check(request).ok()) << "10,000 are fine";
  request.add_rows();
  EXPECT_THAT(Refused(request), ElementsAre("rows[99].cells"));
  for (probe::v1::Row& row : *request.mutable_rows()) row.add_cells()->set_word(kNul);
  const absl::Status status = Check(request);
  EXPECT_THAT(std::string(status.message()), HasSubstr("more"));
  EXPECT_LE(status::Violations(status).size(), 16u);
}

TEST(RequestCheckTest, NestsOnlySoDeep) {
  LookRequest request;
  LookRequest* at = &request;
  for (int i = 0; i < 32; ++i) at = at->mutable_inner();
  EXPECT_TRUE(Check(request).ok());
  at->mutable_inner();
  EXPECT_THAT(Refused(request), ::testing::SizeIs(1));
}

TEST(RequestCheckTest, WhereThereIsNothingToSeeItDoesNotLook) {
  EXPECT_FALSE(RequestCheck(*ChangeRequest::descriptor()).looks());
  EXPECT_TRUE(RequestCheck(*LookRequest::descriptor()).looks());
  EXPECT_TRUE(Check(ChangeRequest()).ok());
}

// The fields through which NUL and impossible times have reached SQL.
TEST(RequestCheckTest, HoldsForTheContracts) {
  session::v1::SubmitAnswerRequest answer;
  answer.set_question_id(kNul);
  EXPECT_THAT(Refused(answer), ElementsAre("question_id"));

  question::v1::UpdateQuestionRequest question;
  question.mutable_question()->set_question_id(kNul);
  EXPECT_THAT(Refused(question), ElementsAre("question.question_id"));

  trait::v1::ListTraitHistoryRequest history;
  history.set_trait_name(kNul);
  history.mutable_start_time()->set_seconds(-99'999'999'999'999);
  history.mutable_end_time()->set_seconds(99'999'999'999'999);
  EXPECT_THAT(Refused(history),
              ::testing::UnorderedElementsAre("trait_name", "start_time", "end_time"));

  profile::v1::UpdateProfileRequest profile;
  profile.mutable_profile()->mutable_adaptive_traits()->set_learning_style(kNul);
  (*profile.mutable_profile()->mutable_domain_affinities())[kNul] = 0.5;
  profile.set_trigger(kNul);
  EXPECT_THAT(Refused(profile),
              ::testing::UnorderedElementsAre("profile.adaptive_traits.learning_style",
                                              "profile.domain_affinities.key", "trigger"));

  coach::v1::StartConversationRequest conversation;
  conversation.set_language(kNul);
  EXPECT_THAT(Refused(conversation), ElementsAre("language"));

  mesh::v1::ListDeadLettersRequest letters;
  letters.mutable_filter()->set_consumer_group(kNul);
  letters.mutable_filter()->add_event_ids(kNul);
  EXPECT_THAT(Refused(letters),
              ::testing::UnorderedElementsAre("filter.consumer_group", "filter.event_ids[0]"));
}

// What made a log line of 105 MB.
TEST(RequestCheckTest, AMillionEmptyMessagesMakeAShortError) {
  ai::v1::CompleteRequest completion;
  for (int i = 0; i < 1'000'000; ++i) completion.mutable_input()->add_messages();
  EXPECT_THAT(Refused(completion), ElementsAre("input.messages"));
  EXPECT_LT(Check(completion).message().size(), 100u);

  telegram::v1::SendMessageRequest message;
  for (int i = 0; i < 1001; ++i) message.add_button_rows();
  EXPECT_THAT(Refused(message), ElementsAre("button_rows"));

  profile::v1::UpdateProfileRequest profile;
  for (int i = 0; i < 1001; ++i) profile.mutable_update_mask()->add_paths();
  EXPECT_THAT(Refused(profile), ElementsAre("update_mask.paths"));
}

}  // namespace
}  // namespace selfology::rpc
