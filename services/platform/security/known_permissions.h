// The permissions that methods of the mesh ask for, as all contracts say them.
//
//   IsKnown("coaching.answers.*")        // true
//   IsKnown("coaching.anwsers.read")     // false: nothing would ever be allowed by it
//
// Threads: a pure function.
#pragma once

#include <string_view>

namespace selfology::security {

// Whether the pattern covers a permission of some method.
bool IsKnown(std::string_view pattern);

}  // namespace selfology::security
