// Videos for tests, which the locked ffmpeg makes while they run, good ones and hostile ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace selfology::file::samples {

// The locked program, among the test's runfiles.
std::string Ffmpeg();

// What ffmpeg writes to a file of such a name, "a.mp4", when it is told so.
std::string FromFfmpeg(const std::string& arguments, const std::string& name);

// A test picture that moves, with a tone; in its metadata stand a title and a place, "+52.5200".
std::string Video(int width, int height, int seconds);

// What ffprobe says of all streams, of the format and of all tags, a line each: "codec_name=h264".
std::string Probed(std::string_view video);

// A QuickTime film of raw frames whose header claims such a size.
std::string HugeVideo(uint16_t width, uint16_t height);

// The video with each length in the header of the film, and of its tracks, replaced.
std::string WithClaimedLength(std::string video, uint32_t units);

}  // namespace selfology::file::samples
