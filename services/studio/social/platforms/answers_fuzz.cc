// Whatever a platform answers, it is understood or not, never more.
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "common/http/client.h"
#include "services/studio/social/accounts.h"
#include "services/studio/social/domains.h"
#include "services/studio/social/limits.h"
#include "services/studio/social/platforms/answer.h"
#include "services/studio/social/platforms/api_table.h"
#include "services/studio/social/platforms/channel_page.h"
#include "services/studio/social/platforms/heard.h"
#include "services/studio/social/platforms/plain_html.h"
#include "services/studio/social/platforms/read_back.h"
#include "testing/fuzz.h"

namespace selfology::social {
namespace {

void Check(std::string_view text) {
  const nlohmann::json body = JsonOf({.status = 200, .body = std::string(text)});
  MUST(body.is_object() || body.is_array());
  MUST(NumberAt(body, "n") >= 0);
  MUST(NumberAt(ObjectAt(ObjectAt(body, "a"), "b"), "n") >= 0);
  TextAt(body, "id");
  const Said said = SaidOf(400, body);
  for (const ApiTable& table : ApiTables()) FindError(table, said);
  PlainOfX(body);
  MUST(PlainOfLittle(LittleOf(text)) == text);
  MUST(SameText(text, text));
  ReadTime(std::string(text));
  HeardAtMastodon(body, "11", "a.example");
  HeardAtBluesky(body, "did:plc:me");
  for (const Heard& heard : HeardAtFacebook(body, body, "17")) MUST(!heard.place.empty());
  ReadReference(text);
  PlainOfHtml(text);
  for (const ChannelMessage& message : ReadChannelPage(text)) {
    MUST(!message.id.empty());
    MUST(SameWords(message.text, message.text));
  }
  const auto server = ReadServer(text);
  if (server.ok()) MUST(absl::StartsWith(*server, "http") && !server->ends_with('/'));
  size_t end = 0;
  for (const Link& link : FindLinks(text)) {
    MUST(link.begin >= end && link.begin < link.end && link.end <= text.size());
    end = link.end;
  }
  end = 0;
  for (const Link& link : FindXLinks(text)) {
    MUST(link.begin >= end && link.begin < link.end && link.end <= text.size());
    end = link.end;
  }
  for (const v1::PlatformLimits& limits : AllLimits()) {
    MUST(CheckText(limits.platform(), text, 0).length >= 0);
  }
}

}  // namespace
}  // namespace selfology::social

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  selfology::social::Check(selfology::testing::InputText(data, size));
  return 0;
}
