// Texts without a model: by rules on the text's own words, in any language.
//
//   for (const std::string& candidate : Shorter(text)) ...   // The first that fits is taken.
//   std::vector<std::string> words = HashtagWords(text);      // {"garden", "winter"}
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace selfology::content {

// In their order, without white space at their ends. A line break ends one, too.
std::vector<std::string> Sentences(std::string_view text);

// The text and ever shorter ones, at most 40: without the sentence that says least, again and again;
// then the sentence that is left, cut between words.
std::vector<std::string> Shorter(std::string_view text);

// Fillers and doubled words left out, long sentences parted at semicolons and dashes.
std::string Rephrased(std::string_view text);

// Words that could be hashtags, the likeliest first: in lower case, without "#". First those that are
// hashtags there.
std::vector<std::string> HashtagWords(std::string_view text);

}  // namespace selfology::content
