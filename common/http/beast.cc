// Asio and Beast, compiled once: their headers alone would put all of this into every file.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
