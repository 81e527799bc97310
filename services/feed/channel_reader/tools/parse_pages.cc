// How long reading preview pages takes, to be measured beside another program (tests/peers/channels.py): reads the files
// that it is given, over and over for a second of the processor's time, and prints pages, posts of one round and
// microseconds a page, each in a line with its name.
//
//   bazel run //services/feed/channel_reader:parse_pages -- PAGE.html...
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "services/feed/channel_reader/reading/preview_page.h"

int main(int argc, char** argv) {
  constexpr double kLong = 1;  // Seconds.
  std::vector<std::string> pages;
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    pages.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    if (!file || pages.back().empty()) {
      std::cerr << argv[i] << " cannot be read\n";
      return 1;
    }
  }
  if (pages.empty()) {
    std::cerr << "no page is named\n";
    return 1;
  }
  const auto seconds = [] { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; };
  size_t posts = 0;
  int rounds = 0;
  const double begun = seconds();
  do {
    posts = 0;
    for (const std::string& page : pages) {
      const auto parsed = selfology::channel_reader::ParsePreviewPage(page);
      if (!parsed.ok()) {
        std::cerr << parsed.status() << '\n';
        return 1;
      }
      posts += parsed->posts.size();
    }
    ++rounds;
  } while (seconds() - begun < kLong);
  std::cout << "pages " << pages.size() << "\nposts " << posts << "\nmicroseconds "
            << (seconds() - begun) * 1e6 / rounds / static_cast<double>(pages.size()) << '\n';
}
