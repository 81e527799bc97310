// Whether words that came while another dialog was being talked with are certainly for the list of
// tasks.
//
//   IsErrand("remind me to buy paint on friday")      // true
//   IsErrand("позвонить маме завтра в шесть")         // true
//   IsErrand("My sister helps me on Sundays.")        // false: an answer, perhaps
//   IsErrand("remind me what I said about Tom")       // false: for who remembers it
//
// True if they ask for a task or a reminder in so many words, ask for the list, or begin as errands do
// ("call", «купить», not "go", «гулять»), name a day or an hour, and say nothing of who tells it.
// English and Russian. Threads: a pure function.
#pragma once

#include <string_view>

namespace selfology::growth_dialog {

bool IsErrand(std::string_view words);

}  // namespace selfology::growth_dialog
