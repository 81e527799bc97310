// Texts as Telegram takes them: measured in UTF-16 units and cut into messages.
//
//   for (const std::string& piece : SplitPlain(reply)) Send(piece);
//
// Pieces end where a reader would pause: after a paragraph, else a line, else a sentence, else a
// word; only a word longer than a message is cut. White space at the cuts is dropped, and a text of
// nothing else gives no piece. Texts are UTF-8; what is not is taken byte by byte and never lost.
// Threads: pure functions. Source: https://core.telegram.org/bots/api#sendmessage, #html-style
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace selfology::telegram_gateway {

// The longest message, in UTF-16 units, not counting markup.
inline constexpr int kMaxMessageUnits = 4096;

int Utf16Units(std::string_view utf8);

// Each piece has at most max_units (2 or more).
std::vector<std::string> SplitPlain(std::string_view text, int max_units = kMaxMessageUnits);

// The same for Telegram's HTML: tags count nothing and character references as what they stand for;
// a tag open at a cut is closed before and opened again after it.
std::vector<std::string> SplitHtml(std::string_view html, int max_units = kMaxMessageUnits);

// What Telegram would refuse in its HTML: a "<" that begins no tag, a tag that it does not know, tags
// that are not closed, or not in the order in which they were opened. Empty: nothing. It names no
// word of the text.
std::string FaultInHtml(std::string_view html);

// The same words without any tags, as HTML that Telegram takes.
std::string WithoutTags(std::string_view html);

}  // namespace selfology::telegram_gateway
