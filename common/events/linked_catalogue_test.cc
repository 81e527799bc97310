// A process that links one file of events: it knows those and no others.

#include <string>
#include <vector>

#include "common/events/catalogue.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/gateway.pb.h"

namespace selfology::events {
namespace {

TEST(LinkedCatalogueTest, HoldsTheEventsOfTheFileThatIsLinkedIn) {
  const auto* const gateway = v1::MessageSendRequested::descriptor()->file();
  std::vector<const google::protobuf::Descriptor*> linked;
  for (int i = 0; i < gateway->message_type_count(); ++i) {
    linked.push_back(gateway->message_type(i));
  }
  std::vector<const google::protobuf::Descriptor*> known;
  for (const auto& [type, descriptor] : Catalogue()) known.push_back(descriptor);
  EXPECT_THAT(known, ::testing::UnorderedElementsAreArray(linked));
}

TEST(LinkedCatalogueTest, RefusesAnEventOfAnotherFile) {
  EXPECT_EQ(status::Reason(NewEvent("session.created").status()), "INVALID_EVENT_PAYLOAD");
  EXPECT_EQ(status::Reason(PayloadToJson("session.created", "").status()), "INVALID_EVENT_PAYLOAD");
}

}  // namespace
}  // namespace selfology::events
