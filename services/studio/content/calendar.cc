#include "services/studio/content/calendar.h"

#include <libical/ical.h>

#include <cstdlib>
#include <memory>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "common/timestamps/timestamp.h"
#include "services/studio/content/post_rules.h"

namespace selfology::content {
namespace {

constexpr int kSummary = 80;  // Characters.
constexpr absl::Duration kLength = absl::Minutes(15);

icaltimetype ToIcal(absl::Time time) {
  return icaltime_from_timet_with_zone(absl::ToTimeT(time), /*is_date=*/0,
                                       icaltimezone_get_utc_timezone());
}

std::string SummaryOf(const v1::Post& post) {
  std::string_view words = post.title().empty() ? post.text() : post.title();
  words = text::Trim(words);
  words = words.substr(0, words.find('\n'));
  return std::string(text::Prefix(words, kSummary));
}

}  // namespace

std::string CalendarOf(const std::vector<v1::Post>& posts, absl::Time now) {
  const std::unique_ptr<icalcomponent, void (*)(icalcomponent*)> calendar(
      icalcomponent_new(ICAL_VCALENDAR_COMPONENT), &icalcomponent_free);
  icalcomponent_add_property(calendar.get(), icalproperty_new_version("2.0"));
  icalcomponent_add_property(calendar.get(), icalproperty_new_prodid("-//Selfology//Studio//EN"));
  for (const v1::Post& post : posts) {
    if (!post.has_publish_at()) continue;
    const absl::Time at = timestamps::FromProto(post.publish_at());
    icalcomponent* event = icalcomponent_new(ICAL_VEVENT_COMPONENT);
    icalcomponent_add_property(
        event, icalproperty_new_uid(absl::StrCat("post-", post.post_id(), "@selfology").c_str()));
    icalcomponent_add_property(event, icalproperty_new_dtstamp(ToIcal(now)));
    icalcomponent_add_property(event, icalproperty_new_dtstart(ToIcal(at)));
    icalcomponent_add_property(event, icalproperty_new_dtend(ToIcal(at + kLength)));
    icalcomponent_add_property(event, icalproperty_new_summary(SummaryOf(post).c_str()));
    icalcomponent_add_property(event,
                               icalproperty_new_comment(std::string(WordOf(post.state())).c_str()));
    icalcomponent_add_component(calendar.get(), event);
  }
  const std::unique_ptr<char, void (*)(void*)> text(icalcomponent_as_ical_string_r(calendar.get()),
                                                    &std::free);
  return text == nullptr ? std::string() : std::string(text.get());
}

}  // namespace selfology::content
