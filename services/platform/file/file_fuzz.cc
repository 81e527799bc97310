// What strangers send is taken apart without a crash: names, headers, media types, answers of S3 and
// of clamd. What is accepted keeps its promises.
#include <cstdint>
#include <string>
#include <string_view>

#include "common/status/status.h"
#include "services/platform/file/file_rules.h"
#include "services/platform/file/media_types.h"
#include "services/platform/file/scan/clam_reply.h"
#include "services/platform/file/storage/s3_store.h"
#include "services/platform/file/tus/protocol.h"
#include "testing/fuzz.h"

namespace selfology::file {
namespace {

void Check(std::string_view text) {
  status::FieldViolations bad;
  CheckName(CleanName(text), bad);
  MUST(bad.empty());
  const ByteRange range = ReadRange(text, 1000);
  if (range.kind != ByteRange::Kind::kUnsatisfiable) {
    MUST(range.offset >= 0 && range.length > 0 && range.offset + range.length <= 1000);
  }
  const auto metadata = tus::ReadMetadata(text);
  if (metadata.ok()) MUST(metadata->size() <= 64);
  tus::ReadChecksum(text).IgnoreError();
  const auto bytes = tus::ReadBytes("x", text);
  if (bytes.ok()) MUST(*bytes >= 0);
  const std::string type = SniffMediaType(text.substr(0, kHeadBytes));
  MUST(!type.empty());
  CheckContent(type, text.substr(0, kHeadBytes), text).IgnoreError();
  const ClamReply reply = ReadClamReply(text);
  if (reply.verdict == ClamReply::Verdict::kClean) MUST(text.starts_with("stream: OK"));
  ReadListing(text, "files/").status().IgnoreError();
}

}  // namespace
}  // namespace selfology::file

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  selfology::file::Check(selfology::testing::InputText(data, size));
  return 0;
}
