#include "services/coaching/lib/reflection/quoting.h"

#include <utility>
#include <vector>

#include "common/text/text.h"
#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection {

using language::Language;

std::optional<std::string> Quotation(Language language, Clause clause, int characters) {
  const WordTable& words = WordTable::Of(language);
  const bool russian = language == Language::kRussian;
  std::vector<Token> written(clause.begin(), clause.end());
  bool open = false;
  for (Token& token : written) {
    const std::string& mark = token.lower;
    const bool opens = mark == "«" || mark == "“" || mark == "„";
    const bool closes = mark == "»" || mark == "”";
    if (opens || closes || mark == "\"") {
      if (opens == open && mark != "\"") return std::nullopt;
      open = !open;
      token.text = russian ? (open ? "„" : "“") : (open ? "‘" : "’");
      // What closes stands at its word, "\"" between words: what opens does not.
      token.spaced = open;
    } else if (mark == "'" && !token.word) {
      return std::nullopt;
    } else if (const std::string* correct = words.FormOf("SPELLING", token.text)) {
      token.text = *correct;
    }
  }
  if (open || written.empty()) return std::nullopt;
  std::string text = Render(written);
  if (text::Characters(text) > characters) return std::nullopt;
  return Capitalised(text);
}

}  // namespace selfology::reflection
