#include "services/coaching/question/question_update.h"

#include <string>

#include "common/timestamps/timestamp.h"
#include "gtest/gtest.h"
#include "testing/proto_matchers.h"

namespace selfology::question {
namespace {

using testing::EqualsProto;

const absl::Time kNow = absl::FromUnixSeconds(1'760'000'000);

v1::Question Stored() {
  v1::Question question;
  question.set_question_id("q_work_001");
  question.set_domain("WORK");
  question.set_depth_level(v1::DEPTH_LEVEL_SURFACE);
  question.set_energy_dynamics(v1::ENERGY_DYNAMICS_OPENING);
  (*question.mutable_translations())["en"] = "Old?";
  (*question.mutable_translations())["ru"] = "Старый?";
  question.set_version(3);
  *question.mutable_create_time() = timestamps::ToProto(kNow - absl::Hours(1));
  *question.mutable_update_time() = timestamps::ToProto(kNow - absl::Hours(1));
  return question;
}

v1::UpdateQuestionRequest Request(std::initializer_list<const char*> paths) {
  v1::UpdateQuestionRequest request;
  request.mutable_question()->set_question_id("q_work_001");
  for (const char* path : paths) request.mutable_update_mask()->add_paths(path);
  return request;
}

v1::Guidance Complete() {
  v1::Guidance guidance;
  guidance.set_why("To know you.");
  guidance.set_rephrased("What is it?");
  guidance.set_example("A thing.");
  guidance.add_follow_ups("And then?");
  return guidance;
}

std::string FieldOf(const absl::Status& status) {
  const auto violations = status::Violations(status);
  return violations.empty() ? "" : violations.front().field;
}

TEST(UpdatedTest, ATextChangesItsOwnTranslationOnly) {
  v1::UpdateQuestionRequest request = Request({});
  request.mutable_question()->set_question_text("Новый?");
  request.mutable_question()->set_language("ru");
  const v1::Question stored = Stored();
  const v1::Question updated = Updated(&stored, request, kNow).value();
  EXPECT_EQ(updated.translations().at("ru"), "Новый?");
  EXPECT_EQ(updated.translations().at("en"), "Old?");
  EXPECT_EQ(updated.version(), 4);
  EXPECT_EQ(timestamps::FromProto(updated.update_time()), kNow);
  EXPECT_THAT(updated.create_time(), EqualsProto(stored.create_time()));
}

TEST(UpdatedTest, TakesWhatTheMaskNames) {
  v1::UpdateQuestionRequest request = Request({"depth_level"});
  request.mutable_question()->set_depth_level(v1::DEPTH_LEVEL_EDGE);
  request.mutable_question()->set_domain("MONEY");
  v1::Question stored = Stored();
  stored.set_retired(true);
  const v1::Question updated = Updated(&stored, request, kNow).value();
  EXPECT_EQ(updated.depth_level(), v1::DEPTH_LEVEL_EDGE);
  EXPECT_EQ(updated.domain(), "WORK");
  EXPECT_TRUE(updated.retired());
  EXPECT_FALSE(Updated(&stored, Request({"retired"}), kNow)->retired()) << "false is a value too";
  EXPECT_EQ(FieldOf(Updated(&stored, Request({"version"}), kNow).status()), "update_mask");
}

TEST(UpdatedTest, GuidanceIsReplacedAsAWholeAndItsFieldsInOneLanguageAreNotTaken) {
  v1::Question stored = Stored();
  (*stored.mutable_guidance())["en"] = Complete();
  v1::UpdateQuestionRequest request = Request({});
  request.mutable_question()->set_why("Not taken.");
  EXPECT_THAT(Updated(&stored, request, kNow).value(), EqualsProto(stored));
  (*request.mutable_question()->mutable_guidance())["ru"] = Complete();
  const v1::Question updated = Updated(&stored, request, kNow).value();
  EXPECT_EQ(updated.guidance_size(), 1);
  EXPECT_TRUE(updated.guidance().contains("ru"));
  EXPECT_EQ(updated.why(), "");
}

TEST(UpdatedTest, ARepeatedChangeChangesNothing) {
  v1::UpdateQuestionRequest request = Request({});
  request.mutable_question()->set_domain("MONEY");
  request.mutable_question()->set_version(3);
  const v1::Question stored = Stored();
  const v1::Question once = Updated(&stored, request, kNow).value();
  EXPECT_THAT(Updated(&once, request, kNow + absl::Hours(1)).value(), EqualsProto(once));
  request.mutable_question()->set_domain("PAST");
  EXPECT_EQ(status::Reason(Updated(&once, request, kNow).status()), "VERSION_CONFLICT");
}

TEST(UpdatedTest, AddsAQuestionThatHasAllItNeeds) {
  v1::UpdateQuestionRequest request = Request({});
  request.mutable_question()->set_question_text("New?");
  EXPECT_EQ(status::Reason(Updated(nullptr, request, kNow).status()), "QUESTION_NOT_FOUND");
  request.set_allow_missing(true);
  EXPECT_EQ(FieldOf(Updated(nullptr, request, kNow).status()), "question.domain");
  request.mutable_question()->set_domain("MONEY");
  request.mutable_question()->set_depth_level(v1::DEPTH_LEVEL_EDGE);
  request.mutable_question()->set_energy_dynamics(v1::ENERGY_DYNAMICS_NEUTRAL);
  const v1::Question added = Updated(nullptr, request, kNow).value();
  EXPECT_EQ(added.version(), 1);
  EXPECT_EQ(added.translations().at("en"), "New?");
  EXPECT_EQ(timestamps::FromProto(added.create_time()), kNow);
}

TEST(CheckQuestionTest, NamesWhatIsWrong) {
  const auto field = [](const std::function<void(v1::Question&)>& spoil) {
    v1::Question question = Stored();
    spoil(question);
    status::FieldViolations bad;
    CheckQuestion(question, bad);
    return FieldOf(bad.ToStatus());
  };
  EXPECT_EQ(field([](auto&) {}), "");
  EXPECT_EQ(field([](auto& q) { q.set_question_id("Q-1"); }), "question.question_id");
  EXPECT_EQ(field([](auto& q) { q.set_question_id(std::string(101, 'q')); }),
            "question.question_id");
  EXPECT_EQ(field([](auto& q) { q.set_domain("work"); }), "question.domain");
  EXPECT_EQ(field([](auto& q) { q.set_depth_level(static_cast<v1::DepthLevel>(99)); }),
            "question.depth_level");
  EXPECT_EQ(field([](auto& q) { q.clear_energy_dynamics(); }), "question.energy_dynamics");
  EXPECT_EQ(field([](auto& q) { q.clear_translations(); }), "question.question_text");
  for (const char* tag : {"x", "en--US", "EN", "pt_BR", "en-us"}) {
    EXPECT_EQ(field([&](auto& q) { (*q.mutable_translations())[tag] = "What tag?"; }),
              "question.translations");
  }
  EXPECT_EQ(field([](auto& q) { (*q.mutable_guidance())["en"] = Complete(); }), "");
  EXPECT_EQ(field([](auto& q) { (*q.mutable_guidance())["de"] = Complete(); }),
            "question.guidance");
  EXPECT_EQ(field([](auto& q) { (*q.mutable_guidance())["en"].set_why("Half of it."); }),
            "question.guidance");
  EXPECT_EQ(field([](auto& q) {
              (*q.mutable_guidance())["en"] = Complete();
              (*q.mutable_guidance())["en"].add_follow_ups(" Space?");
            }),
            "question.guidance");
  EXPECT_EQ(field([](auto& q) { (*q.mutable_translations())["en"] = " Space?"; }),
            "question.translations");
  EXPECT_EQ(field([](auto& q) { (*q.mutable_translations())["en"] = std::string(1001, '?'); }),
            "question.translations");
}

}  // namespace
}  // namespace selfology::question
