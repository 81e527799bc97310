// One client's WebSocket. Internal to this folder.
#pragma once

#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "common/http/core.h"

namespace selfology::http {

// Accepts the upgrade and runs the socket until it ends. Called on the I/O thread.
void StartWebSocket(Core& core, boost::beast::tcp_stream stream,
                    const boost::beast::http::request<boost::beast::http::string_body>& handshake,
                    Request request, const WebSocketRoute& route);

}  // namespace selfology::http
