// An answer as analysis sees it, wherever it came from.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/question/v1/question.pb.h"
#include "selfology/session/v1/session.pb.h"
#include "services/coaching/lib/lexicon/lexicon.h"

namespace selfology::analysis {

// Personal data.
struct Answer {
  int64_t answer_id = 0;
  int64_t user_id = 0;
  int64_t session_id = 0;
  std::string question_id = {};
  std::string question_text = {};
  std::string domain = {};
  question::v1::DepthLevel depth = question::v1::DEPTH_LEVEL_UNSPECIFIED;
  std::string text = {};
  lexicon::Language language = lexicon::Language::kEnglish;
  int32_t number = 0;  // Of the answer in its session, from 1; 0: not known.
  absl::Time given_at = absl::InfiniteFuture();
};

Answer FromEvent(const events::v1::UserAnswerSubmitted& event, absl::Time given_at);
Answer FromSession(const session::v1::Answer& answer);

}  // namespace selfology::analysis
