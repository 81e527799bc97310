// A TCP port of 127.0.0.1 that is free now, for servers that cannot be told to take any:
//
//   options.port = servers::FreePort();
//
// Another program may take it meanwhile; the server then says so. Aborts when there is none.
// Threads: any.
#pragma once

#include <cstdint>

namespace selfology::servers {

uint16_t FreePort();

}  // namespace selfology::servers
