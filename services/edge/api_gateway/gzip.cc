#include "services/edge/api_gateway/gzip.h"

#include <zlib.h>

#include <memory>

namespace selfology::api_gateway {

std::string Gzip(std::string_view text) {
  constexpr int kWindowAndGzip = 15 + 16;
  constexpr int kMemory = 8;
  z_stream stream = {};
  // Speed before size: packing is on the way of every large answer.
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kWindowAndGzip, kMemory,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return "";
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, &deflateEnd);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  // zlib reads only.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) return "";
  packed.resize(packed.size() - stream.avail_out);
  return packed;
}

}  // namespace selfology::api_gateway
