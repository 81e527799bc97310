// The events of one type among a person's facts, with their payloads read.
//
//   for (const auto& told : ReadTold<events::v1::SessionCreated>(facts, "session.created", report))
//
// What cannot be read is reported and left out. Threads: any.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/chaos/facts.h"
#include "tests/chaos/findings.h"

namespace selfology::chaos {

template <typename Payload>
struct Told {
  const Event* event = nullptr;
  Payload payload = {};
};

template <typename Payload>
std::vector<Told<Payload>> ReadTold(const Facts& facts, std::string_view type, Report& report) {
  std::vector<Told<Payload>> all;
  for (const Event* event : facts.OfType(type)) {
    Told<Payload> told{.event = event};
    if (told.payload.ParseFromString(event->payload)) {
      all.push_back(std::move(told));
    } else {
      report.Say(Harm::kWrong, absl::StrCat("unreadable ", type, " ", event->id));
    }
  }
  return all;
}

}  // namespace selfology::chaos
