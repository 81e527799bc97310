#include "services/edge/api_gateway/gzip.h"

#include <zlib.h>

#include <string>

#include "gtest/gtest.h"

namespace selfology::api_gateway {
namespace {

std::string Unpacked(std::string packed) {
  z_stream stream = {};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string text(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

TEST(GzipTest, ComesBackAsItWas) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += std::to_string(i) + "я\n";
  const std::string packed = Gzip(text);
  EXPECT_LT(packed.size(), text.size() / 2);
  EXPECT_EQ(Unpacked(packed), text);
  EXPECT_EQ(Unpacked(Gzip("")), "");
}

}  // namespace
}  // namespace selfology::api_gateway
