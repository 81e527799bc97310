// Prints the stem of each line of the standard input, for make_word_vectors.py.
#include <iostream>
#include <string>

#include "services/coaching/lib/safety/stem.h"

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << selfology::safety::Stem(line) << "\n";
  }
  return 0;
}
