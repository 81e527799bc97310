// Files for tests: as much of each format as Telegram looks at, filled up with bytes of no meaning.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

namespace selfology::telegram_emulator {

// All 256 of them, again and again.
inline std::string Filling(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + i / 256);
  return bytes;
}

inline std::string FilledUp(std::string beginning, size_t size) {
  if (beginning.size() < size) beginning += Filling(size - beginning.size());
  return beginning;
}

inline std::string Png(int width, int height, size_t size = 100) {
  std::string bytes("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", 16);
  for (const int side : {width, height}) {
    for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<char>(side >> shift));
  }
  return FilledUp(std::move(bytes), size);
}

inline std::string Ogg(size_t size = 100) { return FilledUp("OggS", size); }

// Of 512 to 512 points.
inline std::string Webp(size_t size = 100) {
  std::string bytes("RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x01\0\xff\x01\0", 30);
  return FilledUp(std::move(bytes), size);
}

}  // namespace selfology::telegram_emulator
