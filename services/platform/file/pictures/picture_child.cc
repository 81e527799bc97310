#include "services/platform/file/pictures/picture_child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vips/vips.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/platform/file/jail.h"

namespace selfology::file {

const int kPictureChildIsLinked = 1;

namespace {

// Nothing here may rely on what main() or constructors of the program set up.

constexpr rlim_t kSeconds = 8;                         // Of CPU.
constexpr rlim_t kMemory = rlim_t{512} * 1024 * 1024;  // Bytes, writable.
constexpr rlim_t kOutputBytes = rlim_t{64} * 1024 * 1024;
constexpr rlim_t kFiles = 64;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define SELFOLOGY_SANITIZED 1
#endif
#endif

[[noreturn]] void Say(const std::string& line) {
  ssize_t written = write(STDOUT_FILENO, line.data(), line.size());
  _exit(written == static_cast<ssize_t>(line.size()) ? 0 : 3);
}

[[noreturn]] void Refuse(const std::string& reason) { Say("refused " + reason); }

// What libvips says of broken pictures is for its developers, and may quote the picture.
[[noreturn]] void RefuseBroken() { Refuse("the picture is damaged"); }

struct Opened {
  VipsSource* source = nullptr;
  const char* format = nullptr;
  int width = 0;
  int height = 0;
  int pages = 1;
};

const char* FormatOf(VipsSource* source) {
  const char* loader = vips_foreign_find_load_source(source);
  if (loader == nullptr) return nullptr;
  for (const auto& [part, format] : {std::pair("Jpeg", "jpeg"), std::pair("Png", "png"),
                                     std::pair("Webp", "webp"), std::pair("Nsgif", "gif")}) {
    if (std::strstr(loader, part) != nullptr) return format;
  }
  return nullptr;
}

// Reads the header only, and refuses what would take too much to decode.
Opened Open() {
  Opened opened;
  opened.source = vips_source_new_from_descriptor(kInput);
  if (opened.source == nullptr) _exit(3);
  opened.format = FormatOf(opened.source);
  if (opened.format == nullptr) Refuse("this is no picture that can be read: JPEG, PNG, WebP, GIF");
  VipsImage* image =
      vips_image_new_from_source(opened.source, "", "access", VIPS_ACCESS_SEQUENTIAL, nullptr);
  if (image == nullptr) RefuseBroken();
  opened.width = vips_image_get_width(image);
  opened.height = vips_image_get_height(image);
  opened.pages = std::max(vips_image_get_n_pages(image), 1);
  const int orientation = vips_image_get_orientation(image);
  g_object_unref(image);
  const int64_t pixels = int64_t{opened.width} * opened.height;
  const auto size = [&] {
    return "the picture has " + std::to_string(opened.width) + " x " +
           std::to_string(opened.height) + " pixels";
  };
  if (pixels > kMaxPixels) Refuse(size() + ", more than " + std::to_string(kMaxPixels));
  if (opened.pages > kMaxFrames) {
    Refuse("the picture has " + std::to_string(opened.pages) + " frames, more than " +
           std::to_string(kMaxFrames));
  }
  if (pixels * opened.pages > kMaxAllPixels) {
    Refuse(size() + " in " + std::to_string(opened.pages) + " frames, more than " +
           std::to_string(kMaxAllPixels));
  }
  if (orientation >= 5) std::swap(opened.width, opened.height);  // It lies on its side.
  return opened;
}

struct Asked {
  int width;
  int height;
  bool cover;
  std::string_view format;
  int quality;
  int64_t max_bytes;
};

void* NoteName(VipsImage*, const char* name, GValue*, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return nullptr;
}

// Decodes it, once: what follows may write it several times. Where and with what it was taken goes
// here: not every writer heeds "strip". The colours are sRGB by now, which needs no profile.
VipsImage* WithoutMetadata(VipsImage* image) {
  VipsImage* whole = vips_image_copy_memory(image);
  if (whole == nullptr) RefuseBroken();
  g_object_unref(image);
  std::vector<std::string> names;
  vips_image_map(whole, &NoteName, &names);
  for (const std::string& name : names) vips_image_remove(whole, name.c_str());
  return whole;
}

VipsImage* Shrunk(const Opened& opened, const Asked& asked) {
  constexpr int kAny = 10'000'000;  // VIPS_MAX_COORD.
  int width = asked.width > 0 ? asked.width : kAny;
  int height = asked.height > 0 ? asked.height : kAny;
  if (asked.width == 0 && asked.height == 0) width = height = std::max(opened.width, opened.height);
  VipsImage* image = nullptr;
  const int failed =
      vips_thumbnail_source(opened.source, &image, width, "height", height, "size",
                            asked.cover ? VIPS_SIZE_BOTH : VIPS_SIZE_DOWN, "crop",
                            asked.cover ? VIPS_INTERESTING_CENTRE : VIPS_INTERESTING_NONE,
                            "export_profile", "srgb", "option_string", "[fail_on=error]", nullptr);
  if (failed != 0) RefuseBroken();
  return WithoutMetadata(image);
}

bool Encode(VipsImage* image, std::string_view format, int quality, void** bytes, size_t* size) {
  if (format == "png") {
    return vips_pngsave_buffer(image, bytes, size, "strip", TRUE, nullptr) == 0;
  }
  if (format == "webp") {
    return vips_webpsave_buffer(image, bytes, size, "strip", TRUE, "Q", quality, nullptr) == 0;
  }
  VipsArrayDouble* white = vips_array_double_newv(1, 255.0);
  const int failed = vips_jpegsave_buffer(image, bytes, size, "strip", TRUE, "Q", quality,
                                          "background", white, "optimize_coding", TRUE, nullptr);
  vips_area_unref(VIPS_AREA(white));
  return failed == 0;
}

[[noreturn]] void Make(const Asked& asked) {
  constexpr int kWorstQuality = 40;
  constexpr int kQualityStep = 10;
  constexpr double kShrink = 0.8;
  VipsImage* image = Shrunk(Open(), asked);
  int quality = asked.quality;
  void* bytes = nullptr;
  size_t size = 0;
  for (;;) {
    if (!Encode(image, asked.format, quality, &bytes, &size)) RefuseBroken();
    if (asked.max_bytes == 0 || static_cast<int64_t>(size) <= asked.max_bytes) break;
    g_free(bytes);
    if (asked.format != "png" && quality > kWorstQuality) {
      quality = std::max(quality - kQualityStep, kWorstQuality);
      continue;
    }
    if (vips_image_get_width(image) < 16 || vips_image_get_height(image) < 16) {
      Refuse("the picture cannot be made so small");
    }
    VipsImage* smaller = nullptr;
    if (vips_resize(image, &smaller, kShrink, nullptr) != 0) RefuseBroken();
    g_object_unref(image);
    image = WithoutMetadata(smaller);
  }
  for (size_t done = 0; done < size;) {
    const ssize_t written = write(kOutput, static_cast<char*>(bytes) + done, size - done);
    if (written <= 0) _exit(3);
    done += written;
  }
  Say("ok " + std::to_string(vips_image_get_width(image)) + " " +
      std::to_string(vips_image_get_height(image)));
}

[[noreturn]] void Work(const std::vector<const char*>& words) {
#ifndef SELFOLOGY_SANITIZED
  Limit(RLIMIT_DATA, kMemory);
#endif
  Limit(RLIMIT_CPU, kSeconds);
  Limit(RLIMIT_FSIZE, kOutputBytes);
  Limit(RLIMIT_NOFILE, kFiles);
  Limit(RLIMIT_CORE, 0);
  LockUp(Opening::kNever);
  const std::string_view what = words[0];
  if (what == "look" && words.size() == 1) {
    const Opened opened = Open();
    Say(std::string("ok ") + opened.format + " " + std::to_string(opened.width) + " " +
        std::to_string(opened.height) + " " + std::to_string(opened.pages));
  }
  if (what == "make" && words.size() == 7) {
    Make({.width = std::atoi(words[1]),
          .height = std::atoi(words[2]),
          .cover = std::string_view(words[3]) == "1",
          .format = words[4],
          .quality = std::atoi(words[5]),
          .max_bytes = std::atoll(words[6])});
  }
  _exit(2);
}

struct Request {
  char bytes[kLongestWords];
  size_t size = 0;
  int descriptors[kDescriptors] = {-1, -1, -1};
};

// False: nobody will ask any more.
bool Receive(Request& request) {
  iovec part = {.iov_base = request.bytes, .iov_len = sizeof(request.bytes)};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(request.descriptors))];
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  ssize_t got = -1;
  do {
    got = recvmsg(kInput, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return false;
  request.size = static_cast<size_t>(got);
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS ||
      header->cmsg_len != CMSG_LEN(sizeof(request.descriptors))) {
    return false;
  }
  std::memcpy(request.descriptors, CMSG_DATA(header), sizeof(request.descriptors));
  return request.bytes[request.size - 1] == '\0';
}

bool SendProcess(int process) {
  char nothing = 0;
  iovec part = {.iov_base = &nothing, .iov_len = 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(process))] = {};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(process));
  std::memcpy(CMSG_DATA(header), &process, sizeof(process));
  ssize_t sent = -1;
  do {
    sent = sendmsg(kInput, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == 1;
}

[[noreturn]] void Begin(const Request& request, pid_t server) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != server) _exit(3);
  // Away from the numbers that they will have.
  int moved[kDescriptors];
  for (int i = 0; i < kDescriptors; ++i) moved[i] = fcntl(request.descriptors[i], F_DUPFD, 100);
  if (dup2(moved[0], kInput) < 0 || dup2(moved[1], kOutput) < 0 ||
      dup2(moved[2], STDOUT_FILENO) < 0) {
    _exit(3);
  }
  syscall(SYS_close_range, kOutput + 1, ~0U, 0);
  std::vector<const char*> words;
  for (const char* word = request.bytes; word < request.bytes + request.size;
       word += std::strlen(word) + 1) {
    words.push_back(word);
  }
  Work(words);
}

void Wake(int) {}

[[noreturn]] void Serve() {
  constexpr int kIdleSeconds = 60;
  prctl(PR_SET_DUMPABLE, 0);
  syscall(SYS_close_range, kInput + 1, ~0U, 0);
  if (vips_init(kPictureChild) != 0) _exit(3);
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  // Of all that libvips reads, these only.
  vips_operation_block_set("VipsForeignLoad", TRUE);
  for (const char* loader : {"VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp",
                             "VipsForeignLoadNsgif"}) {
    vips_operation_block_set(loader, FALSE);
  }
  struct sigaction wake = {};
  wake.sa_handler = &Wake;  // A process that ended ends the wait, too.
  sigaction(SIGCHLD, &wake, nullptr);
  const pid_t own = getpid();
  for (int idle = 0; idle < kIdleSeconds;) {
    int working = 0;
    while ((working = waitpid(-1, nullptr, WNOHANG)) > 0) {
    }
    pollfd waited = {.fd = kInput, .events = POLLIN, .revents = 0};
    const int ready = poll(&waited, 1, 1000);
    if (ready == 0 && working < 0) ++idle;  // Nobody works.
    if (ready <= 0) continue;
    idle = 0;
    Request request;
    if (!Receive(request)) _exit(0);
    const pid_t child = fork();
    if (child == 0) Begin(request, own);
    for (const int descriptor : request.descriptors) close(descriptor);
    const int process = child < 0 ? -1 : static_cast<int>(syscall(SYS_pidfd_open, child, 0));
    if (process < 0 || !SendProcess(process)) _exit(3);
    close(process);
  }
  _exit(0);
}

// glibc calls it with main()'s arguments, before main().
[[gnu::constructor]] void RunAsPictureChild(int argc, char** argv, char**) {
  if (argc == 1 && std::strcmp(argv[0], kPictureChild) == 0) Serve();
}

}  // namespace
}  // namespace selfology::file
