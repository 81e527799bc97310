// Matchers for protobuf messages.
//
//   EXPECT_THAT(again, EqualsProto(first));
#pragma once

#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/message_differencer.h"

namespace selfology::testing {

MATCHER_P(EqualsProto, expected, "") {
  google::protobuf::util::MessageDifferencer differencer;
  std::string difference;
  differencer.ReportDifferencesToString(&difference);
  if (differencer.Compare(expected, arg)) return true;
  *result_listener << "which differs:\n" << difference;
  return false;
}

}  // namespace selfology::testing
