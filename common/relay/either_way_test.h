// For what holds whichever way the relay finds new events.
//
//   class ReplayTest : public EitherWayTest {};
//   INSTANTIATE_TEST_SUITE_P(Ways, ReplayTest, Ways(), &NameOfWay);
//   TEST_P(ReplayTest, ...) { ... AwaitMode(*relay, WorkingMode()); ... }
#pragma once

#include <string>

#include "common/relay/relay.h"
#include "gtest/gtest.h"
#include "testing/relay/relay_fixture.h"

namespace selfology::relay {

class EitherWayTest : public RelayFixture, public ::testing::WithParamInterface<Preference> {
 protected:
  Preference preference() const override { return GetParam(); }
  Mode WorkingMode() const {
    return GetParam() == Preference::kSnapshot ? Mode::kSnapshotDifference : Mode::kLogicalDecoding;
  }
};

inline auto Ways() { return ::testing::Values(Preference::kAuto, Preference::kSnapshot); }

inline std::string NameOfWay(const ::testing::TestParamInfo<Preference>& way) {
  return way.param == Preference::kAuto ? "Logical" : "Snapshot";
}

}  // namespace selfology::relay
