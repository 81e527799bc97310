// The part of a word that its forms share, for English and Russian.
//
//   Stem("killing") == Stem("kills")       // "kill"
//   Stem("таблеток") ... "таблеток", Stem("таблетки") == Stem("таблетками")  // "таблетк"
//
// Stems are for comparison only; they need not be words. Takes words in lower case, "ё" as "е".
// Threads: pure functions. Sources: M. F. Porter's Russian stemmer (snowballstem.org, algorithms
// /russian), written anew; for English a lighter one of our own (plurals, -ed, -ing, final e).
#pragma once

#include <string>
#include <string_view>

namespace selfology::safety {

std::string Stem(std::string_view word);

}  // namespace selfology::safety
