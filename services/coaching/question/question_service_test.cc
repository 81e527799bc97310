// The bank through its endpoints.
#include <string>
#include <vector>

#include "services/coaching/question/bank.h"
#include "services/coaching/question/question_fixture_test.h"

namespace selfology::question {
namespace {

using ::testing::ElementsAreArray;
using testing::EqualsProto;
using ::testing::SizeIs;

class BankServiceTest : public QuestionTest {
 protected:
  absl::StatusOr<v1::Question> Update(const v1::Question& question, bool allow_missing = false) {
    v1::UpdateQuestionRequest request;
    *request.mutable_question() = question;
    request.set_allow_missing(allow_missing);
    const auto response = questions_->UpdateQuestion(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->question();
  }
};

TEST_F(BankServiceTest, GetsQuestionsInTheirLanguages) {
  const v1::Question english = Get("q_identity_001").value();
  EXPECT_EQ(english.question_text(), "What makes you feel most alive?");
  EXPECT_EQ(english.language(), "en");
  EXPECT_EQ(english.version(), 2);
  EXPECT_EQ(english.why(), "It shows where your strength comes from.");
  const v1::Question russian = Get("q_identity_001", "ru").value();
  EXPECT_EQ(russian.question_text(), english.translations().at("ru"));
  const v1::Guidance& guidance = english.guidance().at("ru");
  EXPECT_EQ(russian.why(), guidance.why());
  EXPECT_EQ(russian.rephrased(), guidance.rephrased());
  EXPECT_EQ(russian.example(), guidance.example());
  EXPECT_THAT(russian.follow_ups(), ElementsAreArray(guidance.follow_ups()));
  EXPECT_EQ(ReasonOf(Get("q_unknown")), "QUESTION_NOT_FOUND");
  EXPECT_EQ(FieldOf(Get("")), "question_id");

  v1::BatchGetQuestionsRequest batch;
  EXPECT_EQ(FieldOf(questions_->BatchGetQuestions(Deadline(), batch)), "question_ids");
  for (const char* id : {"q_work_002", "q_unknown", "q_identity_001"}) batch.add_question_ids(id);
  const auto found = questions_->BatchGetQuestions(Deadline(), batch).value();
  ASSERT_THAT(found.questions(), SizeIs(2));
  EXPECT_EQ(found.questions(0).question_id(), "q_work_002");
  EXPECT_THAT(found.questions(1), EqualsProto(english));
}

TEST_F(BankServiceTest, ListsTheBankInPages) {
  const Bank shipped = ShippedBank().value();
  v1::ListQuestionsRequest request;
  request.set_page_size(20);
  std::vector<std::string> ids;
  do {
    const auto page = questions_->ListQuestions(Deadline(), request).value();
    EXPECT_LE(page.questions_size(), 20);
    for (const v1::Question& question : page.questions()) ids.push_back(question.question_id());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  std::vector<std::string> expected;
  for (const v1::Question& question : shipped.questions()) {
    if (!question.retired()) expected.push_back(question.question_id());
  }
  EXPECT_EQ(ids, expected);

  v1::ListQuestionsRequest filtered;
  filtered.set_domain("WORK");
  filtered.set_energy_dynamics(v1::ENERGY_DYNAMICS_HEAVY);
  filtered.set_language("ru");
  const auto heavy = questions_->ListQuestions(Deadline(), filtered).value();
  ASSERT_THAT(heavy.questions(), SizeIs(2));
  EXPECT_EQ(heavy.questions(0).language(), "ru");
  filtered.set_language("de");
  EXPECT_THAT(questions_->ListQuestions(Deadline(), filtered)->questions(), SizeIs(0));

  const auto domains = questions_->ListDomains(Deadline(), {}).value();
  EXPECT_THAT(domains.domains(), SizeIs(12));
  EXPECT_EQ(domains.domains(0).domain(), "CREATIVITY");
}

TEST_F(BankServiceTest, AChangeIsSeenAtOnceAndOutlivesARestart) {
  v1::Question change;
  change.set_question_id("q_identity_001");
  change.set_question_text("When do you feel most alive?");
  change.set_version(Get("q_identity_001")->version());
  const v1::Question updated = Update(change).value();
  EXPECT_EQ(updated.version(), 3);
  EXPECT_THAT(Get("q_identity_001").value(), EqualsProto(updated));
  EXPECT_THAT(Update(change).value(), EqualsProto(updated)) << "repeated";
  change.set_question_text("Another?");
  EXPECT_EQ(ReasonOf(Update(change)), "VERSION_CONFLICT");

  StopMesh();
  StartMesh(testing::Modules(MakeModule()));
  questions_.emplace(Peer("question"));
  EXPECT_THAT(Get("q_identity_001").value(), EqualsProto(updated))
      << "the shipped bank has version 2 of it";
}

TEST_F(BankServiceTest, WhatGoesWithAQuestionCanBeChanged) {
  v1::Question change;
  change.set_question_id("q_identity_001");
  v1::Guidance guidance = Get("q_identity_001")->guidance().at("en");
  guidance.set_why("Because we would like to know.");
  (*change.mutable_guidance())["en"] = guidance;
  EXPECT_EQ(Update(change)->why(), "Because we would like to know.");
  EXPECT_EQ(Get("q_identity_001")->why(), "Because we would like to know.");
  (*change.mutable_guidance())["de"] = guidance;
  EXPECT_EQ(FieldOf(Update(change)), "question.guidance") << "there is no German text";
}

TEST_F(BankServiceTest, AddsAndRetiresQuestions) {
  v1::Question question;
  question.set_question_id("q_play_001");
  question.set_question_text("What do you play?");
  question.set_domain("PLAY");
  question.set_depth_level(v1::DEPTH_LEVEL_SURFACE);
  question.set_energy_dynamics(v1::ENERGY_DYNAMICS_OPENING);
  EXPECT_EQ(ReasonOf(Update(question)), "QUESTION_NOT_FOUND");
  EXPECT_EQ(Update(question, /*allow_missing=*/true)->version(), 1);
  v1::ListQuestionsRequest request;
  request.set_domain("PLAY");
  EXPECT_THAT(questions_->ListQuestions(Deadline(), request)->questions(), SizeIs(1));

  v1::Question retire;
  retire.set_question_id("q_play_001");
  retire.set_retired(true);
  EXPECT_TRUE(Update(retire)->retired());
  EXPECT_THAT(questions_->ListQuestions(Deadline(), request)->questions(), SizeIs(0));
  request.set_include_retired(true);
  EXPECT_THAT(questions_->ListQuestions(Deadline(), request)->questions(), SizeIs(1));
  EXPECT_TRUE(Get("q_play_001").ok()) << "for those whom it was asked";
}

TEST_F(BankServiceTest, TheTableHasTheColumnsOfTheRequirements) {
  const auto row = DatabaseAs("selfology_question").Read(Deadline(), [](postgres::Transaction& tx) {
    return tx.QueryOne<std::string, std::string, std::string, std::string>(
        "SELECT question_text, domain, depth_level, energy_dynamics"
        " FROM questions_metadata WHERE question_id = 'q_identity_001'");
  });
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(**row,
            std::make_tuple("What makes you feel most alive?", "IDENTITY", "CONSCIOUS", "OPENING"));
}

}  // namespace
}  // namespace selfology::question
